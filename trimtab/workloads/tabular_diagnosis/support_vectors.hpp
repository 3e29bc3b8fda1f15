#pragma once

#include "trimtab/workloads/tabular_diagnosis/model.hpp"

namespace trimtab::diagnosis {

struct SvmOptions {
  double c = 1.0;      ///< largest weight of a case, > 0
  double gamma = 0.1;  ///< of the kernel exp(-gamma |x - x'|^2), > 0
};

/// A fitted machine: the decision for x is sum_i weight_i K(x_i, x) - offset; positive = class +1.
struct SupportVectors {
  Eigen::MatrixXd x;       ///< (m, p) cases with a weight
  Eigen::VectorXd weight;  ///< (m) sign times alpha
  double offset = 0.0;
  double gamma = 0.0;

  Eigen::VectorXd decide(const Eigen::MatrixXd& cases) const;
};

/// Minimises 1/2 alpha Q alpha - sum alpha with 0 <= alpha <= C and sign . alpha = 0, where
/// Q_ij = s_i s_j K(x_i, x_j).
/// Source: sequential minimal optimisation with second-order choice of the pair: Fan, Chen and Lin
///   2005, "Working set selection using second order information", algorithm 2 (WSS 2).
/// Differs: the kernel matrix is held as a whole, no shrinking; stops at a violation of 1e-3 or
///   after 100 n + 10 000 pairs.
/// @param sign  (n), +1 or -1, both present. Cost: O(n^2 p) and O(n) per pair.
SupportVectors fit_support_vectors(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign,
                                   const SvmOptions& options);

/// P(+1 | f) = sigmoid(slope f + offset).
struct PlattScale {
  double slope = 1.0;
  double offset = 0.0;
};

/// Source: Platt 1999 with the Newton method of Lin, Lin and Weng 2007, algorithm 1.
/// Differs: a slope below 1e-3 becomes 1e-3, so that the order of the decisions is kept.
/// @param decision, sign  (n) of cases that the machine has not seen.
PlattScale fit_platt(const Eigen::VectorXd& decision, const Eigen::VectorXd& sign);

/// RBF support vector machine. Labels are the signs of the decisions; probabilities are Platt's,
/// fitted to decisions of three-fold cross-validation inside `data`. One against the rest when
/// K > 2; labels are then the most probable classes.
Model fit_svm(const TrainingSet& data, const SvmOptions& options);

}  // namespace trimtab::diagnosis
