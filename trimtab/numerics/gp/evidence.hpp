#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/numerics/gp/inputs.hpp"

namespace trimtab::gp {

/// Where the hyperparameters are likely before any data, and how far they may go.
///
/// Length-scales: log-normal, log l ~ N(sqrt(2) + log(d) / 2, 3), so that the prior mass of
/// functions does not become rougher with the dimension.
/// Source: Hvarfner, Hellsten and Nardi 2024, "Vanilla Bayesian optimization performs great in high
///   dimensions", section 5.
/// Differs: Matern 5/2 instead of the squared exponential; the variances of signal and noise are
///   log-normal and free (the source fixes the former), the noise nearly unrestricted, because the
///   functions that are tuned range from exact to very noisy.
struct HyperPrior {
  double log_length_mean = 1.4142135623730951;  ///< of one dimension; log(d) / 2 is added
  double log_length_deviation = 1.7320508075688772;
  /// The prior as a density of log l instead of l: longer length-scales are likelier.
  bool is_density_of_log = false;
  double log_signal_mean = 0.0;
  double log_signal_deviation = 1.5;
  double log_noise_mean = -8.0;
  double log_noise_deviation = 3.0;
  double min_noise_variance = 1e-6;
  double max_noise_variance = 1.0;
};

/// The hyperparameters of highest prior density.
Hyperparameters prior_mode(std::size_t num_axes, const HyperPrior& prior);

struct Evidence {
  double log_likelihood = 0.0;  ///< log p(z | X, theta)
  double log_prior = 0.0;       ///< log density of theta, up to a constant
  /// Of the sum of both: by the d log length-scales, log signal and log noise variance.
  std::vector<double> gradient;
};

/// Log marginal likelihood and prior, with analytic gradient.
///   log p = -z^T K^-1 z / 2 - log|K| / 2 - n log(2 pi) / 2
///   d log p / d theta = tr((a a^T - K^-1) dK / d theta) / 2
/// Source: Rasmussen and Williams 2006, equations 2.30 and 5.9.  Differs: none.
/// One point with z = 0 and s2 + e2 = 1 has log p = -log(2 pi) / 2 [tested].
/// @param x  (n, F)   @param z  (n)   @return likelihood -infinity when K is not positive definite.
/// Cost: O(n^3 + n^2 F).
Evidence log_evidence(const Axes& axes, std::span<const double> x, std::span<const double> z,
                      const Hyperparameters& theta, const HyperPrior& prior);

struct Fit {
  Hyperparameters theta;
  double log_likelihood = 0.0;
  double log_posterior = 0.0;
};

/// The best local maximum of likelihood times prior that is found from the given starts.
/// @param starts           at least one
/// @param max_evaluations  of the evidence, per start
Fit fit_hyperparameters(const Axes& axes, std::span<const double> x, std::span<const double> z,
                        std::span<const Hyperparameters> starts, std::size_t max_evaluations,
                        const HyperPrior& prior);

}  // namespace trimtab::gp
