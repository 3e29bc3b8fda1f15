#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "trimtab/core/sampler.hpp"
#include "trimtab/samplers/grid/index_shuffle.hpp"
#include "trimtab/samplers/grid/point_index.hpp"

namespace trimtab {

/// Every point of a finite space once, then nothing. Continuous parameters are cut into `levels`
/// equally spaced values on their scale. What was tried before, by whomever, is left out; failed
/// trials count as tried. Points that violate the constraints are passed over.
///
/// Source: none (folklore); the order: see grid::IndexShuffle and grid::PointIndex.
/// Differs: none.
/// Cost: over a whole study every point is looked at once, O(d) each; ask O(running) besides.
///   Memory: O(finished) hashes.
class Grid {
 public:
  Grid(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

 private:
  struct Digest {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
  };
  using Points = std::unordered_set<Hash128, Digest>;
  // A place in the order: its point, or the end. `index` counts in the shuffled order only.
  struct Place {
    Point point;
    std::uint64_t index = 0;
    bool is_end = false;
  };

  Place begin() const;
  void advance(Place& place) const;
  bool is_open(const Place& place) const;
  bool is_free(const Place& place) const;

  Space space_;                              // continuous dimensions cut into levels
  std::optional<grid::PointIndex> points_;   // shuffled order only
  std::optional<grid::IndexShuffle> order_;  // shuffled order only
  Points finished_;
  Points running_;
  Place first_open_;  // everything before is finished or violates the constraints
};

}  // namespace trimtab
