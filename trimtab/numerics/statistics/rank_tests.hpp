#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/numerics/statistics/hypothesis.hpp"

namespace trimtab {

// Notation in this file
//   x, y   independent samples, (n) and (m)        k   groups, treatments or methods
//   The signed rank test and the sign test of paired data stand in numerics/statistics.hpp.

struct MannWhitney {
  double u = 0.0;  ///< pairs with x > y, ties count 1/2; what R calls W
  double p = 1.0;
  bool is_exact = true;
};

/// Wilcoxon's rank sum test of two independent samples.
/// Source: Mann and Whitney 1947; Hollander and Wolfe 1999, section 4.1.
/// Differs: the exact distribution holds with ties too (over all ways of giving the pooled ranks to
///   the samples); the approximation corrects for ties and continuity. Auto is exact when both
///   samples have fewer than 50 values.
///   R's `wilcox.test(Ozone ~ Month, airquality, Month %in% c(5, 8))`: p = 0.00012080783
///   (approximate, with ties)  [tested]
/// @throws BugError when a sample is empty or has NaN. O(n m (n + m)^2 / 4) exact.
MannWhitney mann_whitney_test(std::span<const double> x, std::span<const double> y,
                              Alternative alternative = Alternative::TwoSided,
                              NullDistribution distribution = NullDistribution::Auto);

struct RankVariance {
  double statistic = 0.0;  ///< chi-squared distributed under the null hypothesis
  double freedom = 0.0;
  double p = 1.0;  ///< 1 when all values are equal
};

/// Do k independent samples come from one distribution?
/// Source: Kruskal and Wallis 1952, with their correction for ties.  Differs: none.
///   R's `kruskal.test(Ozone ~ Month, airquality)`: 29.26658, p = 6.901e-06  [tested]
/// @throws BugError for fewer than 2 samples or an empty one. O(n log n).
RankVariance kruskal_wallis_test(std::span<const std::vector<double>> samples);

struct FriedmanTest {
  std::vector<double> mean_ranks;  ///< (k); rank 1 = smallest value
  double statistic = 0.0;          ///< chi-squared, k - 1 degrees of freedom
  double p = 1.0;
  double f = 0.0;    ///< Iman and Davenport's statistic
  double p_f = 1.0;  ///< less conservative: F(k - 1, (k - 1)(n - 1))
};

/// Do k treatments differ over n blocks (methods over problems, configurations over seeds)?
/// Source: Friedman 1937 with the correction for ties (Hollander and Wolfe 1999, 7.8); Iman and
///   Davenport 1980.  Differs: none.
/// @param values  (n, k) row-major: block i's values of the treatments.
/// @throws BugError for k < 2 or a ragged table or no block. O(n k log k).
FriedmanTest friedman_test(std::span<const double> values, std::size_t num_treatments);

}  // namespace trimtab
