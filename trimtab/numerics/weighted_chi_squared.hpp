#pragma once

#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab {

// Notation in this file
//   X = sum_j w_j (Z_1 + c_j1)^2 + ... + w_j (Z_f + c_jf)^2,   Z independent standard normals
//   w_j   weight, >= 0            f_j   degrees of freedom     b_j   w_j times the sum of the
//   squared c K     cumulant generating function of X; K'(0) = mean

/// One weight's part of the sum. With w = 0 it is the constant b.
struct ChiSquaredPart {
  double weight = 0.0;
  double freedom = 1.0;
  double shift = 0.0;  ///< b >= 0: what the noncentralities add to the mean
};

/// A weighted sum of noncentral chi-squared variables: a squared distance of Gaussian vectors.
class WeightedChiSquared {
 public:
  /// @throws BugError when no part has a positive weight, or a number is negative.
  explicit WeightedChiSquared(std::vector<ChiSquaredPart> parts);

  double mean() const;
  double variance() const;

  /// log P(X <= x), also where the probability underflows.
  /// Source: Lugannani and Rice 1980, in logarithms; the saddlepoint by bisection.
  /// Differs: at the mean, where the formula is 0 / 0, its limit.
  ///   One part (weight 1, 10 degrees, noncentrality 3) at 5: -3.1587 (exact: -3.1583)  [tested]
  /// The logarithm errs by about 1e-3 of itself.
  /// @return -infinity for x at or below what X always exceeds. O(parts) per step, 100 steps.
  double log_cdf(double x) const;

  double sample(Rng& rng) const;

 private:
  double cumulants(double t) const;
  double slope(double t) const;
  double curvature(double t) const;

  std::vector<ChiSquaredPart> parts_;
  double largest_ = 0.0;  // weight
  double floor_ = 0.0;    // X is never smaller
};

}  // namespace trimtab
