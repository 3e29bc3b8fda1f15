#pragma once

#include <span>

#include "trimtab/numerics/statistics.hpp"
#include "trimtab/numerics/statistics/hypothesis.hpp"

namespace trimtab {

// Notation in this file
//   x, y   paired samples, (n)     r, rho, tau   in [-1, 1]; NaN when one side does not vary

struct Correlation {
  double coefficient = 0.0;
  double p = 1.0;          ///< of no association; NaN when undefined
  Interval interval = {};  ///< of the coefficient; NaN where the method gives none
};

/// Product-moment correlation, t test with n - 2 degrees of freedom, interval by Fisher's z.
/// Source: Pearson 1895; Fisher 1921.  Differs: none.
///   R's `cor.test(mtcars$mpg, mtcars$wt)`: -0.8676594, p = 1.294e-10  [tested]
/// @throws BugError for n < 3 or unequal lengths. O(n).
Correlation pearson_correlation(std::span<const double> x, std::span<const double> y,
                                double level = 0.95,
                                Alternative alternative = Alternative::TwoSided);

/// Rank correlation rho.
/// Source: Spearman 1904; Best and Roberts 1975, algorithm AS 89, for its distribution: all
///   permutations up to n = 9, an Edgeworth series beyond.
/// Differs: Auto uses that without ties (n <= 1290, as R does), else Student's t of n - 2 degrees
/// of
///   freedom. Exact with ties, or with n > 1290, is refused.
/// @throws BugError for n < 3 or unequal lengths. O(n log n), 5 ms at n = 9.
Correlation spearman_correlation(std::span<const double> x, std::span<const double> y,
                                 Alternative alternative = Alternative::TwoSided,
                                 NullDistribution distribution = NullDistribution::Auto);

/// Rank correlation tau-b: concordant less discordant pairs, over pairs that are not tied.
/// Source: Kendall 1938 and 1970 (the variance under ties).
/// Differs: Auto counts permutations exactly below n = 50 without ties, else the normal
///   approximation without continuity correction, as R does. Exact with ties is refused.
/// @throws BugError for n < 2 or unequal lengths. O(n^2), exact O(n^3).
Correlation kendall_correlation(std::span<const double> x, std::span<const double> y,
                                Alternative alternative = Alternative::TwoSided,
                                NullDistribution distribution = NullDistribution::Auto);

}  // namespace trimtab
