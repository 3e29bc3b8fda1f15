#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "trimtab/core/sampler.hpp"

namespace trimtab {

/// Regularised (ageing) evolution: the population is the last `population` successful trials; the
/// best of `tournament` random members gets a mutated child; what is old dies, however good.
///
/// A mutation either draws one parameter (and what hangs on it) afresh or, with probability
/// `local_rate`, moves one number by a normal step on its scale. With several objectives the
/// tournament is won by its first member that no other member of it dominates.
///
/// Source: Real et al. 2019, "Regularized evolution for image classifier architecture search",
///   algorithm 1.
/// Differs: steps on numbers (the source has categories only); trials that failed are no members;
///   the first random trials are counted by start, not by end, so that workers need not wait;
///   domination in tournaments (the source has one objective).
/// Cost: tell O(finished); ask O(tournament + d); memory O(population d).
class Evolution {
 public:
  Evolution(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

 private:
  struct Member {
    Point point;
    std::vector<double> losses;
  };

  const Member& select(Rng& rng) const;
  Point child_of(const Member& parent, Rng& rng) const;

  Space space_;
  std::size_t population_size_;
  std::size_t tournament_size_;
  double local_rate_;
  std::deque<Member> population_;  // oldest first
  std::size_t num_finished_ = 0;
  std::size_t num_running_ = 0;
};

}  // namespace trimtab
