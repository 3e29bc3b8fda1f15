#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace trimtab::gp {

/// From losses to targets of mean 0 and variance 1, monotone:
///   w(y) = log(1 + (y - a) / s) for y >= a, (y - a) / s below;    z = (w(y) - m) / v
/// with a the best loss when the warp was made and s its scale; s = infinity leaves y as it is.
/// A small s spreads the differences between good losses and draws in the bad ones.
///
/// Infinite losses take the worst (best) finite one.
/// Source: Daulton et al. and Song et al. 2024, "The Vizier Gaussian process bandit algorithm",
///   arXiv:2408.11527, section 3.2 (logarithmic warp of the gap to the best).
/// Differs: the strength is chosen among several by the evidence (see Surrogate), not fixed; no
///   ranks, so that every warp has a Jacobian.
class OutputWarp {
 public:
  OutputWarp() = default;
  /// @param losses    (n); the finite ones make the warp
  /// @param strength  0 = identity; else s = (median - best) / strength
  OutputWarp(std::span<const double> losses, double strength);

  double target(double loss) const;
  /// sum of log dz/dy: what the evidence of the targets lacks to be one of the losses.
  double log_jacobian(std::span<const double> losses) const;
  /// The middle of the losses it was made from.
  double median() const { return median_; }

 private:
  double bounded(double loss) const;
  double warped(double loss) const;

  double best_ = 0.0;
  double worst_ = 0.0;
  double median_ = 0.0;
  double scale_ = std::numeric_limits<double>::infinity();
  double mean_ = 0.0;
  double deviation_ = 1.0;
};

}  // namespace trimtab::gp
