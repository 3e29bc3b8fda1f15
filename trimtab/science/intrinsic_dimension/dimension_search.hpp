#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace trimtab {

/// Dimensions from lowest to highest, equally far apart in logarithm, rounded, each once; both ends
/// are in.
///   dimension_grid(10, 40, 2) = {10, 14, 20, 28, 40}  [tested]
/// @param per_octave  how many until twice as many dimensions, >= 1.
/// @throws BugError unless 1 <= lowest <= highest.
std::vector<std::size_t> dimension_grid(std::size_t lowest, std::size_t highest,
                                        std::size_t per_octave);

/// Where a rising, noisy score crosses a threshold on a grid: ask and tell, a value.
/// First one replicate is bisected over the whole grid. Then all replicates are run on both sides
/// of what it found; that window grows until its lowest dimension fails on average and its highest
/// one reaches; at last by one on each side, so that a bootstrap can move. Source: ours; bisection
/// as in any search for a root, replicates after Li et al. 2018, section 3. Differs: nothing to
/// differ from.
class DimensionSearch {
 public:
  struct Query {
    std::size_t dimension = 0;
    std::size_t replicate = 0;  ///< 0..num_replicates-1
    bool operator==(const Query&) const = default;
  };

  /// @param grid  ascending, not empty. @param num_replicates  >= 1. @throws BugError otherwise.
  DimensionSearch(std::vector<std::size_t> grid, std::size_t num_replicates, double threshold);

  /// What to run next; nothing when the search is over. Does not change it.
  std::optional<Query> ask() const;
  /// @throws BugError when the query was not the one asked.
  void tell(const Query& query, double score);

 private:
  struct Window {
    std::size_t first = 0, last = 0;
  };
  std::optional<Query> bisect(std::size_t& crossing) const;
  std::optional<Query> missing_in(const Window& window) const;
  bool reaches(std::size_t index) const;

  std::vector<std::size_t> grid_;
  std::size_t num_replicates_;
  double threshold_;
  std::vector<std::vector<double>> scores_;  // [grid index][replicate]
};

}  // namespace trimtab
