#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include "trimtab/core/sampler.hpp"
#include "trimtab/samplers/tpe/group_model.hpp"

namespace trimtab {

/// The tree-structured Parzen estimator: a density l of the best trials, a density g of the others,
/// and proposals where l / g is large.
///
/// Dimensions with the same conditions are always active together; each such set has a model of
/// its own that sees the trials in which the set is active. A proposal goes through the sets from
/// the parents to the children. Permutations, subsets and slots are modelled by their dimensions
/// and repaired by `Space::canonicalise`.
///
/// Source: Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization", section 4; joint
///   kernels: Falkner et al. 2018, "BOHB"; constants: Watanabe 2023, arXiv:2304.11127.
/// Differs: a set shares one joint density and is split into good and bad for itself (the original
///   splits once and has one density per dimension); see ProductMixture and BadDensity for the
///   densities. In a finite space a proposal that was tried before is replaced if possible.
/// Cost: tell O(d log n) a trial; ask O(num_candidates * d * 4 096) at most, whatever the history.
class Tpe {
 public:
  Tpe(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

 private:
  // Dimensions of the same conditions, with what is known of them.
  struct Block {
    std::vector<std::size_t> members;  // dimensions of more than one value, ascending
    bool has_group = false;            // some member belongs to a group of the space
    std::vector<tpe::Axis> axes;       // of the members
    tpe::GroupModel model;
  };
  using Running = std::vector<std::vector<double>>;  // per block: (r, d) positions

  void make_blocks(bool is_multivariate, const tpe::ModelSettings& settings);
  std::vector<double> positions_of(const Block& block, PointView point) const;
  bool is_in(const Block& block, PointView point) const;
  void append_positions(PointView point, Running& running) const;
  bool has_seen(PointView point) const;

  Point propose(const Running& running, Rng& rng) const;
  Point draw(const Running& running, Rng& rng) const;
  void draw_block(std::size_t index, const Running& running, Rng& rng, Point& point) const;

  Space space_;
  std::size_t num_startup_;
  bool has_constant_liar_;
  std::vector<Block> blocks_;  // by first member: parents before children
  std::size_t num_finished_ = 0;
  Running running_;
  bool is_finite_;                          // and has more than one point
  std::unordered_set<std::uint64_t> seen_;  // hashes of tried points of a finite space
};

}  // namespace trimtab
