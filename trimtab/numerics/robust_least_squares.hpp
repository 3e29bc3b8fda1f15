#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab {

// Notation in this file
//   x, low, high   coefficients and their bounds, (d)     r   residuals, (n)     J   dr/dx, (n, d)
//   w   weight of a residual: 1 within delta, delta / |r| beyond

/// The residual of one row, prediction less observation; writes its derivatives, (d).
using ResidualFunction =
    std::function<double(std::size_t row, std::span<const double> x, std::span<double> gradient)>;

struct RobustOptions {
  double delta = 0.01;               ///< residuals beyond it count linearly; in their unit, > 0
  std::size_t max_iterations = 200;  ///< evaluations of all rows
  double tolerance = 1e-12;          ///< stop: relative decrease of the loss
};

struct RobustFit {
  std::vector<double> x;
  double loss = 0.0;  ///< sum of Huber's function over the rows
  bool is_converged = false;
  std::vector<double> residuals;  ///< (n), at x
  std::vector<double> jacobian;   ///< (n, d) row-major, at x
};

/// Nonlinear least squares that a few wild rows cannot bend.
///
/// Source: Huber 1964 (the loss); Marquardt 1963 (the steps), with iteratively reweighted rows
///   (Holland and Welsch 1977).
/// Differs: coefficients are kept within bounds by clamping, those that a step would push out of
///   them take no part in it; the damping scales with the diagonal of J' W J.
/// @param start  clamped into the bounds; low = high fixes a coefficient.
/// @throws BugError for no row or unequal lengths. Cost: O(n d^2) per iteration. Deterministic.
RobustFit robust_least_squares(std::size_t num_rows, const ResidualFunction& residual,
                               std::span<const double> start, std::span<const double> low,
                               std::span<const double> high, const RobustOptions& options);

/// Coefficients of resampled rows, by one step of reweighted least squares from the fit to all.
/// Source: Davison and Hinkley 1997, section 7.2 (one-step bootstrap).
/// Differs: coefficients at a bound stay there; resamples that do not determine a step are left
///   out.
/// @return at most num_resamples vectors of (d). O(num_resamples n d^2).
std::vector<std::vector<double>> one_step_bootstrap(const RobustFit& fit,
                                                    std::span<const double> low,
                                                    std::span<const double> high,
                                                    const RobustOptions& options,
                                                    std::size_t num_resamples, Rng& rng);

}  // namespace trimtab
