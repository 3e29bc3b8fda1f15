#pragma once

#include <Eigen/Core>

namespace trimtab::values {

struct SvrOptions {
  double c = 1.0;      ///< > 0
  double gamma = 0.1;  ///< > 0, of K(a, b) = exp(-gamma |a - b|^2)
  double tube = 0.01;  ///< errors below it cost nothing
};

/// f(x) = sum_i beta_i K(x_i, x) + offset.
struct SupportVectorRegression {
  Eigen::MatrixXd vectors;  ///< (m, p), those with beta != 0
  Eigen::VectorXd beta;     ///< (m)
  double offset = 0.0;
  double gamma = 0.1;

  Eigen::VectorXd predict(const Eigen::MatrixXd& x) const;
};

/// Least sum of errors beyond the tube plus the norm of f, by sequential minimal optimisation.
///
/// Source: Smola and Schoelkopf 2004, "A tutorial on support vector regression", equation 10; pairs
///   by second-order gain: Fan, Chen and Lin 2005, section 2.2.
/// Differs: the kernel is computed once, (n, n); it stops when no pair violates the conditions by
///   1e-4, or after 200 n + 10 000 pairs.
/// Cost: O(n^2 p) and O(n) per pair. @param x  (n, p). @param y  (n).
SupportVectorRegression fit_support_vector_regression(const Eigen::MatrixXd& x,
                                                      const Eigen::VectorXd& y,
                                                      const SvrOptions& options);

}  // namespace trimtab::values
