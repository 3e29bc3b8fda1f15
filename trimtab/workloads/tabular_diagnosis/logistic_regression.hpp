#pragma once

#include <cstdint>

#include "trimtab/workloads/tabular_diagnosis/model.hpp"

namespace trimtab::diagnosis {

enum class Penalty : std::uint8_t { L1, L2 };

struct LogisticOptions {
  double c = 1.0;  ///< weight of the data against the penalty, > 0; small = simple
  Penalty penalty = Penalty::L2;
  bool is_balanced = false;  ///< weigh cases so that both classes count the same
};

/// Weights and intercept of a linear score.
struct LinearScore {
  Eigen::VectorXd weight;  ///< (p)
  double intercept = 0.0;
};

/// Minimises C sum_i a_i log(1 + exp(-s_i (w x_i + b))) + |w|_1 or |w|^2 / 2 over w and b, with
/// a_i = 1, or n / (2 n_class) when balanced.
/// Source: proximal Newton steps with backtracking, Lee, Sun and Saunders 2014, algorithm 1; the
///   step's quadratic problem by coordinate descent, Friedman, Hastie and Tibshirani 2010.
/// Differs: the p x p Hessian is formed, as p is small; the L2 step is solved directly.
/// @param sign  (n), +1 or -1. Cost: about 10 steps of O(n p^2).
LinearScore fit_logistic(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign,
                         const LogisticOptions& options);

/// Logistic regression; one against the rest when there are more than two classes.
Model fit_logistic_regression(const TrainingSet& data, const LogisticOptions& options);

}  // namespace trimtab::diagnosis
