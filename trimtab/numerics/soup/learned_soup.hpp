#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/training/objective.hpp"

namespace trimtab {

// Notation here, beside that of recipes.hpp
//   k, D     ingredients and their parameters, theta_1 .. theta_k, (D) each
//   group    a stretch of theta with mixing weights of its own (a layer); one group = global
//   a        logits of the mixing weights, (k, groups), column-major; w = softmax of each column

/// The loss of the mixed model sum_i w_i theta_i as one of (a, extras): what `objective` has beyond
/// D parameters (a temperature) is learned beside the mixture.
/// @param groups  first parameter of each group, ascending, beginning with 0.
/// @throws BugError without ingredients, or when lengths do not fit. Cost: the objective's and
/// O(k D).
DifferentiableObjective mixing_objective(DifferentiableObjective objective,
                                         std::vector<Eigen::VectorXd> ingredients,
                                         std::vector<Eigen::Index> groups);

struct LearnedSoupOptions {
  double learning_rate = 0.05;  ///< of AdamW without decay
  std::size_t num_epochs = 5;   ///< over the objective's items
  std::size_t batch_size = 128;
};

struct LearnedSoup {
  Eigen::MatrixXd weights;  ///< (k, groups), columns sum to 1
  Eigen::VectorXd theta;    ///< (D)
  Eigen::VectorXd extras;   ///< what the objective has beyond D
};

/// Learns the mixture on held-out data, from equal weights on.
/// Source: Wortsman et al. 2022, "Model soups", appendix I.
/// Differs: none in the method; batches of one size, the last incomplete one of an epoch is left
/// out.
LearnedSoup learn_soup(const DifferentiableObjective& objective,
                       std::span<const Eigen::VectorXd> ingredients,
                       const std::vector<Eigen::Index>& groups, const LearnedSoupOptions& options,
                       Rng& rng);

}  // namespace trimtab
