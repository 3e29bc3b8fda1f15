#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/numerics/gp/inputs.hpp"

namespace trimtab::gp {

/// What is known of a point: mean and variance of the noise-free value.
struct Prediction {
  double mean = 0.0;
  double variance = 0.0;
};

/// A prediction with its derivatives by the features.
struct PredictionGradient {
  Prediction at;
  std::vector<double> mean_slope;      ///< (F)
  std::vector<double> variance_slope;  ///< (F)
};

/// A Gaussian process with zero prior mean, conditioned on points, for fixed hyperparameters.
///
/// The factor of K grows by one column per appended point, so a new trial costs O(n^2), not O(n^3).
/// Source: Rasmussen and Williams 2006, algorithm 2.1; the append is the last step of a Cholesky
///   factorisation by columns (Golub and Van Loan 2013, algorithm 4.2.1).
/// Differs: K that is not numerically positive definite gets e2 raised tenfold until it is.
/// The same calls give the same bits; a process built with n points and one built with fewer and
/// appended may differ in the last digits.
class Posterior {
 public:
  /// Prior only.
  Posterior(Axes axes, Hyperparameters theta);
  /// @param x  (n, F). Cost: O(n^3 / 3).
  Posterior(Axes axes, Hyperparameters theta, std::span<const double> x);

  std::size_t size() const { return num_points_; }
  const Axes& axes() const { return axes_; }
  const Hyperparameters& theta() const { return theta_; }

  /// One more point; its target is unknown until `set_targets`. O(n^2).
  void append(std::span<const double> x);
  /// One more point whose target equals what is predicted there: the mean does not change anywhere,
  /// the variance shrinks around it. O(n^2).
  void append_believed(std::span<const double> x);
  /// Targets of all points. O(n^2).
  void set_targets(std::span<const double> z);

  /// The mean at every conditioned point, K a - e2 a. O(n).
  std::vector<double> fitted_means() const;

  /// @param x  (m, F)   @param out  (m). Cost: O(m n F) for means only, plus O(m n^2).
  void predict_means(std::span<const double> x, std::span<double> out) const;
  void predict(std::span<const double> x, std::span<Prediction> out) const;
  PredictionGradient predict_gradient(std::span<const double> x) const;

 private:
  void reserve(std::size_t num_points);
  void factorise();
  void store_scaled(std::span<const double> x);
  std::vector<double> scaled(std::span<const double> x) const;

  Axes axes_;
  Hyperparameters theta_;
  std::vector<double> inverse_length_;  // (F)
  std::size_t num_points_ = 0;
  std::size_t capacity_ = 0;      // rows and columns allocated
  std::vector<double> scaled_x_;  // (n, F), in units of the length-scales
  std::vector<double> norms_;     // (n), squared, of scaled_x_
  std::vector<double> factor_;    // (capacity, capacity) by columns, upper triangle
  std::vector<double> targets_;   // (n)
  std::vector<double> weights_;   // (n), a
};

}  // namespace trimtab::gp
