#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "trimtab/core/sampler.hpp"
#include "trimtab/samplers/sequential_coordinate/coordinate_walk.hpp"

namespace trimtab {

/// One parameter after another, for a handful of trials and a person who wants to follow them.
///
/// The walk (coordinate::Walk) starts at the default configuration and is a function of what was
/// told alone, so that a study can be stopped at any trial and goes on with the trials it would
/// have run. Parallel trials look ahead as if what is running would not be better. When the steps
/// have become small, changes of the best point follow.
///
/// Source: the step-wise search of the spec of seed 21 (Kaur and others' "simple hack" for long
///   texts does it by hand); Hooke and Jeeves 1961, "Direct search", for neighbours and halving.
/// Differs: no pattern moves; grids grow at their edges; categories in the same loop.
/// Cost: tell O(d) a trial; ask O(d choices) a decision that is looked ahead.
class SequentialCoordinate {
 public:
  SequentialCoordinate(const Space& space, const OptionValues& options,
                       const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

 private:
  Space space_;
  coordinate::Walk walk_;
  std::unordered_map<std::uint64_t, Rank> known_;  // first result of each point
  std::unordered_set<std::uint64_t> running_;
};

}  // namespace trimtab
