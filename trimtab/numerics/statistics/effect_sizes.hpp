#pragma once

#include <span>

#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

// Notation in this file
//   x, y   two independent samples, (n) and (m)
//   The effect size of paired differences stands in numerics/statistics.hpp, shares of variance in
//   anova.hpp.

/// Standardised difference of two means, x less y over the pooled deviation.
struct StandardisedDifference {
  double cohen_d = 0.0;    ///< infinite when neither sample has spread and the means differ
  double hedges_g = 0.0;   ///< cohen_d times the small-sample correction
  Interval interval = {};  ///< of cohen_d; NaN without spread or beyond 30 deviations
};

/// Source: Cohen 1988; Hedges 1981; the interval inverts the noncentral t distribution (Cumming and
///   Finch 2001).  Differs: none.
/// @throws BugError when a sample has fewer than 2 values or level is outside (0, 1). O(n + m).
StandardisedDifference standardised_difference(std::span<const double> x, std::span<const double> y,
                                               double level = 0.95);

/// How often a value of x beats one of y: 1/2 = no difference, whatever the distributions.
struct Superiority {
  double probability = 0.5;  ///< P(X > Y) + P(X = Y) / 2, the A of Vargha and Delaney
  double t = 0.0;            ///< Brunner and Munzel's statistic
  double freedom = 0.0;
  double p = 1.0;          ///< of probability 1/2
  Interval interval = {};  ///< of the probability, within [0, 1]; NaN when x and y do not overlap
  double cliff_delta() const { return 2.0 * probability - 1.0; }
};

/// Source: Brunner and Munzel 2000; Vargha and Delaney 2000.
/// Differs: samples that do not overlap have no variance to go by; their p is the exact one of Mann
///   and Whitney, their interval NaN.
/// @throws BugError when a sample has fewer than 2 values or level is outside (0, 1). O(n log n).
Superiority brunner_munzel_test(std::span<const double> x, std::span<const double> y,
                                double level = 0.95);

}  // namespace trimtab
