#pragma once

#include <cstddef>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/samplers/cmaes/search_distribution.hpp"

namespace trimtab::cmaes {

/// What a run between two restarts begins with.
struct Run {
  std::size_t lambda = 0;
  double sigma = 0.0;
  std::size_t max_trials = 0;  ///< 0 = until it stagnates
};

/// Which run comes after which: one of the default size, then doubled sizes and small runs in turn,
/// so that both kinds use the same number of trials.
///
/// Source: Hansen 2009, "Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed",
///   section 2.
/// Differs: sizes stop doubling after nine times. Restarts begin at a random place and twice as
/// wide
///   as the first run, which begins at the default or the centre.
class Bipop {
 public:
  Bipop() = default;
  Bipop(std::size_t lambda, double sigma) : lambda_(lambda), sigma_(sigma) {}

  Run first() const { return {.lambda = lambda_, .sigma = sigma_, .max_trials = 0}; }
  /// @param num_trials  what the run that ended has used. @param rng  a generator for this restart.
  Run next(std::size_t num_trials, Rng& rng);

 private:
  std::size_t lambda_ = 0;
  double sigma_ = 0.0;
  int doublings_ = 0;
  bool is_large_ = false;  // the run that goes on; neither kind for the first
  bool is_first_ = true;
  std::size_t used_large_ = 0;
  std::size_t used_small_ = 0;
  std::size_t last_large_ = 0;  // trials of the latest large run
};

/// Watches one run for the reasons to stop it. Only the order of losses is looked at, so that a
/// monotone transformation of the loss changes nothing.
///
/// Source: Hansen 2016, arXiv:1604.00772, appendix B.3 (ConditionCov, EqualFunValues, Stagnation,
///   TolX, MaxIter).
/// Differs: TolFun compares for equality. TolX is 1e-11 of the range. Stagnation looks every 16
///   generations.
class Stagnation {
 public:
  Stagnation() = default;
  Stagnation(std::size_t n, std::size_t lambda);

  /// @param ranks  of the generation, in any order.
  void add(std::vector<Rank> ranks);
  /// @param deviations  of the continuous coordinates.
  bool should_stop(const SearchDistribution& distribution,
                   const std::vector<double>& deviations) const;

 private:
  bool is_flat() const;
  bool is_worn_out() const;

  std::size_t horizon_ = 0;   // generations of equal bests that end a run
  std::size_t shortest_ = 0;  // generations before medians are compared
  std::size_t max_generations_ = 0;
  std::vector<Rank> bests_;
  std::vector<Rank> medians_;
};

}  // namespace trimtab::cmaes
