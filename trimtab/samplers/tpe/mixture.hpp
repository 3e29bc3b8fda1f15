#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/samplers/tpe/axis.hpp"

namespace trimtab::tpe {

/// A mixture of product kernels around observed points, plus one prior kernel:
///
///   p(x) = sum_i w_i prod_j k_j(x_j | i) / sum_i w_i,   i = 0..n-1 observations, i = n the prior
///   numeric      k(x | i) = exp(-((x - mean) / deviation)^2 / 2) / normaliser, inside [0, 1] only
///   categorical  k(x | i) = ([x = x_i] + C p_x / m) / (1 + C / m),   m = n + 1, C choices,
///                p the prior weights; the prior kernel is p itself
///
/// Source: Bergstra et al. 2011 (NeurIPS), section 4; Watanabe 2023, arXiv:2304.11127, equations
///   of section 3.3 (product kernels, Gaussian and categorical).
/// Differs: a discrete axis has Gaussian kernels normalised over its values, instead of a Gaussian
///   integrated over each cell; the categorical smoothing follows the prior weights.
class ProductMixture {
 public:
  explicit ProductMixture(std::span<const Axis> axes) : axes_(axes.begin(), axes.end()) {
    fit({}, {}, {}, 1.0);
  }

  /// @param positions   (n, d) row-major.
  /// @param deviations  (n, d) row-major, > 0; categorical entries are not read.
  /// @param weights     (n), > 0.
  /// @param prior_weight  > 0.
  /// Cost: O(n d).
  void fit(std::span<const double> positions, std::span<const double> deviations,
           std::span<const double> weights, double prior_weight);

  std::size_t num_kernels() const { return log_weights_.size(); }

  /// log p(x). @param position  (d). Cost: O(n d).
  double log_density(std::span<const double> position) const;

  /// One draw; numeric discrete axes end on the position of a value. O(n + d) expected.
  void sample(Rng& rng, std::span<double> position) const;

 private:
  double log_kernel(std::size_t kernel, std::span<const double> position) const;
  double sample_axis(std::size_t kernel, std::size_t axis, Rng& rng) const;

  std::vector<Axis> axes_;
  std::vector<double> means_;               // (n + 1, d)
  std::vector<double> deviations_;          // (n + 1, d)
  std::vector<double> inverse_deviations_;  // (n + 1, d)
  std::vector<double> log_weights_;         // (n + 1), the numeric normalisers included
  std::vector<double> cumulative_;          // (n + 1) of the mixture weights
};

/// One deviation per axis for Gaussian kernels around n points, from their spread:
///
///   deviation = shrink * s * (n + 1)^(-1 / (d + 4)),   clipped to [smallest, 1]
///   s^2 = (sum_i (x_i - mean)^2 + strength / 12) / (n - 1 + strength)
///
/// i.e. the variance of the points, held by `strength` points' worth of the uniform variance 1/12.
/// Source: Scott 1992, "Multivariate Density Estimation", section 6.2.1 (the power of n); the
///   factors are our own, see bench/tpe_quality.
/// @param positions  (n, d) row-major, n >= 1; @returns 1 for categorical axes. Cost: O(n d).
struct SpreadRule {
  double shrink = 0.5;
  double strength = 0.2;
};
std::vector<double> spread_deviations(std::span<const Axis> axes, std::span<const double> positions,
                                      double smallest, double smallest_cells,
                                      const SpreadRule& rule);

}  // namespace trimtab::tpe
