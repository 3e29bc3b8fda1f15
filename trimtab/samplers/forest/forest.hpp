#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include "trimtab/core/rank.hpp"
#include "trimtab/core/sampler.hpp"
#include "trimtab/space/unit_features.hpp"

namespace trimtab {

/// Bayesian optimisation with a random forest, for spaces with many categories and conditions, and
/// for losses that jump.
///
/// The first trials are a scrambled Sobol sequence. Then a forest is grown on the trials, and a
/// proposal is the point of the largest log of the expected improvement that a local search finds
/// from random points and from the best trials (forest::LocalSearch). Every `random_every`-th
/// proposal, on average, is random. Losses count by rank: the i-th of n becomes the normal score
/// Phi^-1((i - 1/2) / n), so that outliers need no care;
/// failures share the last place. Once a trial failed or went beyond an observed constraint, a
/// second forest learns which do, and the log of the probability that a trial does not is added;
/// the improvement is on the best trial that does not. Running trials are believed to be middling
/// (score 0), so that parallel ones spread.
///
/// Source: Hutter, Hoos and Leyton-Brown 2011, "Sequential model-based optimization for general
///   algorithm configuration" (SMAC), sections 4.1 to 4.3; Salinas et al. 2020, "A quantile-based
///   approach for hyperparameter transfer learning" (normal scores).
/// Differs: normal scores instead of log losses; inactive parameters are -1 instead of their
///   default; one instance, no racing: noise is left to the study's own seeds.
/// Cost: tell O(d) a trial; ask O(B p n log n) for B trees on n trials, at most `max_points`.
class Forest {
 public:
  Forest(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

 private:
  struct Trial {
    Point point;
    Rank rank;        ///< with what it violates
    Rank plain_rank;  ///< without
  };

  Point initial_point(std::size_t index, Rng& rng) const;
  Point proposal(std::span<const Point> running, const std::unordered_set<std::uint64_t>& taken,
                 Rng& rng) const;
  std::vector<std::size_t> modelled() const;

  Space space_;
  UnitFeatures features_;
  std::uint64_t key_;  // of the Sobol sequence's scramble
  std::size_t num_startup_;
  std::size_t num_trees_;
  std::size_t max_points_;
  double random_share_;
  std::vector<Trial> trials_;
  bool has_success_ = false;
  bool has_failure_ = false;  // or a violation
  std::unordered_set<std::uint64_t> seen_;
  std::vector<Point> running_;
};

}  // namespace trimtab
