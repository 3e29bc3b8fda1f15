#pragma once

#include <cstddef>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/workloads/morl/deep_sea_treasure.hpp"

namespace trimtab::morl {

struct QSettings {
  double learning_rate = 0.1;     ///< in (0, 1]
  double first_epsilon = 0.1;     ///< chance of a random action at the start, in [0, 1]
  double last_epsilon = 0.1;      ///< and after `decay` of the steps; linear between
  double decay = 0.5;             ///< share of the steps, in (0, 1]
  double gamma = 0.98;            ///< in (0, 1]
  double initial_treasure = 0.0;  ///< optimism: Q of the first objective before anything is known
  bool is_chebyshev = false;      ///< distance to the best returns seen, else a linear preference
  std::size_t num_weights = 6;    ///< >= 2, spread equally
  std::size_t steps_per_weight = 4000;
};

/// Tabular Q-learning of one policy for each of `num_weights` preferences (the outer loop), then
/// the undiscounted return of each greedy policy, (num_weights, 2) row-major; one that finds
/// nothing in 100 steps has (0, -100). Source: Van Moffaert, Drugan and Nowe 2013, "Scalarized
/// multi-objective reinforcement learning";
///   the outer loop of Roijers et al. 2013.
/// Differs: episodes end after 100 steps; the Chebyshev utopia is the best return so far plus 0.1.
/// Cost: num_weights * steps_per_weight.
std::vector<double> learn_returns(const DeepSeaTreasure& sea, const QSettings& settings, Rng& rng);

/// Indicators of a set of returns against a front, besides the hypervolume.
struct Indicators {
  double expected_utility = 0.0;  ///< mean over `num_weights` equal linear preferences of the best
  double largest_loss = 0.0;      ///< of utility against the front, over the same
  double distance = 0.0;        ///< inverted generational: mean distance of front points to the set
  std::size_t cardinality = 0;  ///< distinct returns that no other one dominates
};
/// @param returns, front  (n, 2) row-major, n >= 1. O(num_weights n).
Indicators measure(const std::vector<double>& returns, const std::vector<double>& front,
                   std::size_t num_weights);

}  // namespace trimtab::morl
