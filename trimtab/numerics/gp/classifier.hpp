#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/numerics/gp/inputs.hpp"
#include "trimtab/numerics/gp/posterior.hpp"

namespace trimtab::gp {

// Notation in this file and classifier.cpp, beside that of inputs.hpp
//   y           labels, (n), each +1 (yes) or -1 (no)
//   f           latent values, (n); P(y | f) = Phi(y f), the probit likelihood
//   b2          variance of the latent constant; k gets it added, and no e2
//   g, W, t     first, minus second and third derivative of log P(y | f) by f, (n) each
//   B, L        I + W^1/2 K W^1/2 = L L^T
//   a           K^-1 f at the mode

/// Where the hyperparameters of a classifier are likely: those of HyperPrior for the length-scales,
/// and how large and how constant the latent function is.
struct ClassifierPrior {
  double log_length_mean = 1.4142135623730951;  ///< of one dimension; log(d) / 2 is added
  double log_length_deviation = 1.7320508075688772;
  double log_signal_mean = 2.0;  ///< a border is sharper than the probit: exp(2 / 2) = 2.7
  double log_signal_deviation = 1.5;
  double constant_variance = 1.0;  ///< b2
};

/// The probability of yes, learned from yes and no, as a Gaussian process behind a probit.
///
/// Source: Rasmussen and Williams 2006, algorithms 3.1 (mode by Newton steps), 3.2 (prediction) and
///   5.1 (evidence and its gradient).
/// Differs: a Newton step that lowers the objective is halved; a latent constant of variance b2,
///   so that far from the data the share of yes is predicted.
class Classifier {
 public:
  /// @param theta  its noise variance is not used   @param x  (n, F), n > 0   @param y  (n)
  /// Cost: O(n^3) a Newton step, about ten of them.
  Classifier(Axes axes, Hyperparameters theta, std::span<const double> x, std::span<const double> y,
             const ClassifierPrior& prior);

  std::size_t size() const { return labels_.size(); }
  const Hyperparameters& theta() const { return theta_; }

  /// Approximate log p(y | X, theta).
  double log_likelihood() const { return log_likelihood_; }
  /// Of the evidence plus the prior, by the d log length-scales and the log signal variance.
  struct Objective {
    double value = 0.0;
    std::vector<double> gradient;  ///< (d + 1)
  };
  /// Cost: O(n^3 + n^2 F).
  Objective objective() const;

  /// @param x  (m, F)   @param out  (m), log of the probability of yes. Cost: O(m n^2).
  void predict_log(std::span<const double> x, std::span<double> out) const;
  struct Gradient {
    double log_probability = 0.0;
    std::vector<double> slope;  ///< (F)
  };
  /// O(n^2).
  Gradient predict_gradient(std::span<const double> x) const;

 private:
  void find_mode();

  Axes axes_;
  Hyperparameters theta_;
  ClassifierPrior prior_;
  std::vector<double> inverse_length_;  // (F)
  std::vector<double> scaled_x_;        // (n, F)
  std::vector<double> norms_;           // (n)
  std::vector<double> labels_;          // (n)
  std::vector<double> covariance_;      // (n, n), K
  std::vector<double> latent_;          // (n), f
  std::vector<double> weights_;         // (n), a
  std::vector<double> root_;            // (n), W^1/2
  std::vector<double> third_;           // (n), t
  std::vector<double> factor_;          // (n, n) by columns, L
  double log_likelihood_ = 0.0;
};

/// Length-scales of 1 (the side of the unit cube) and the prior's signal.
Hyperparameters middle_of_prior(std::size_t num_axes, const ClassifierPrior& prior);

/// The hyperparameters of highest evidence times prior, from the middle of the prior.
/// @param max_evaluations  of the evidence
Hyperparameters fit_classifier(const Axes& axes, std::span<const double> x,
                               std::span<const double> y, std::size_t max_evaluations,
                               const ClassifierPrior& prior);

}  // namespace trimtab::gp
