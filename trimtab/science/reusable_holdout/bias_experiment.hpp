#pragma once

#include <cstddef>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/thresholdout.hpp"

namespace trimtab {

/// How a classifier that was chosen with a holdout looks: on the training items, as the holdout
/// reports it, and on items that nobody has seen.
struct HoldoutAccuracies {
  double train = 0.0;
  double reported = 0.0;
  double fresh = 0.0;
  double bias() const { return reported - fresh; }
};

struct BiasPoint {
  std::size_t num_chosen = 0;      ///< k
  HoldoutAccuracies standard;      ///< the holdout is asked directly
  HoldoutAccuracies thresholdout;  ///< every question goes through the mechanism
};

struct BiasExperiment {
  std::size_t num_items = 1000;     ///< n of training, holdout and fresh items each
  std::size_t num_features = 1000;  ///< d
  std::size_t num_informative = 0;  ///< features shifted by 6 / sqrt(n) along the label
  std::vector<std::size_t> num_chosen = {10, 20, 30, 50, 100, 200, 300, 500};
  HoldoutNoise family = HoldoutNoise::Laplace;
  double threshold = 4.0;  ///< in units of 1 / sqrt(n)
  double noise = 0.25;     ///< in units of 1 / sqrt(n); the demonstration has 1, Gaussian
};

/// The experiment of the paper: choose the k features whose correlations with the label agree on
/// training and holdout items, let them vote, and compare the holdout's word with the truth.
/// Without informative features every accuracy that differs from 1/2 is bias.
/// Source: Dwork et al. 2015, section 4; constants of the authors' demonstration.
/// Differs: the paper's Laplace noise with 4 sigma = 1 / sqrt(n) instead of the demonstration's
///   Gaussian; the budget is not limited, as there.
/// O(3 n d) normal numbers; n = d = 4000: about 1 s.
std::vector<BiasPoint> run_bias_experiment(const BiasExperiment& experiment, const Rng& rng);

}  // namespace trimtab
