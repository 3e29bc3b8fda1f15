#pragma once

#include <Eigen/Core>
#include <cstddef>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/training/objective.hpp"

namespace trimtab {

struct AdamOptions {
  double learning_rate = 1e-3;  ///< > 0
  double beta1 = 0.9;           ///< memory of the gradient, in [0, 1)
  double beta2 = 0.999;         ///< memory of its square, in [0, 1)
  double epsilon = 1e-8;        ///< > 0
  double weight_decay = 0.0;    ///< decoupled (AdamW), per step times the learning rate
};

/// Gradient descent with momentum in units of the gradient's own size.
/// Source: Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2 (the decay).
/// Differs: none.
///   The first step from x = 0 is -learning_rate * sign(gradient), up to epsilon.  [tested]
class Adam {
 public:
  Adam(Eigen::Index num_parameters, const AdamOptions& options);
  /// Moves x, (D), by one step. O(D).
  /// @param rate  of the learning rate, for schedules.
  void step(const Eigen::VectorXd& gradient, Eigen::VectorXd& x, double rate = 1.0);

 private:
  AdamOptions options_;
  Eigen::VectorXd mean_, square_;
  double power1_ = 1.0, power2_ = 1.0;  // beta to the number of steps
};

struct TrainingOptions {
  AdamOptions adam = {};
  std::size_t num_steps = 1000;
  std::size_t batch_size = 128;  ///< items per step; at most all of them are taken
  bool decays = false;           ///< the learning rate falls to 0 along half a cosine
};

/// Moves x, (D), by `num_steps` steps over items in a fresh random order per epoch.
/// @throws BugError when x has another length. Cost: num_steps losses of batch_size items.
void train(const DifferentiableObjective& objective, const TrainingOptions& options, Rng& rng,
           Eigen::VectorXd& x);

}  // namespace trimtab
