#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/statistics/hypothesis.hpp"

namespace trimtab {

// Notation in this file
//   x, y    samples, (n)                   d      paired differences, (n), unit of the data
//   m, s    mean and deviation (n - 1)     level  coverage of an interval, in (0, 1)
//   p       probability of what was seen, or worse, under the null hypothesis; two-sided by default
// What is used everywhere and the tests of paired differences stand here; tests of several samples,
// analysis of variance, correlation and more in numerics/statistics/.

/// A closed interval; NaN bounds = unknown.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

/// How many significant digits tell the ends apart, 2 to 6: 2 for 0.01 to 0.03, 4 for 0.9871 to
/// 0.9892 [tested]; 3 for a point or an unknown end.
int telling_digits(const Interval& interval);

/// Mean of x; mean({1, 2, 6}) = 3 [tested]. @throws BugError when x is empty. O(n).
double mean(std::span<const double> x);

/// Unbiased variance, sum (x - m)^2 / (n - 1), two passes; variance({1, 2, 6}) = 7 [tested].
/// @throws BugError when n < 2. O(n).
double variance(std::span<const double> x);

/// The q-quantile by linear interpolation between order statistics.
/// Source: Hyndman and Fan 1996, definition 7.  Differs: none.
///   quantile({1, 2, 3, 4}, 0.25) = 1.75 [tested]
/// @param q  in [0, 1]. @throws BugError when x is empty or q is outside. O(n log n).
double quantile(std::span<const double> x, double q);

struct PairedT {
  double difference = 0.0;  ///< mean of d
  double t = 0.0;           ///< infinite when every d is the same and not 0; NaN when all are 0
  double p = 1.0;
  Interval interval = {};  ///< of the mean difference
};

/// Paired t test: t = m / (s / sqrt(n)), n - 1 degrees of freedom.
/// Source: Student 1908, "The probable error of a mean".
/// Differs: differences that are all equal give p = 0 (or 1 when 0) and an interval of width 0;
///   whoever calls must say that such data carry no spread.
/// @param d  n >= 2. @throws BugError otherwise, or when level is outside (0, 1). O(n).
PairedT paired_t_test(std::span<const double> d, double level = 0.95,
                      Alternative alternative = Alternative::TwoSided);

struct SignedRank {
  double positive_rank_sum = 0.0;  ///< V, sum of the ranks of positive differences
  std::size_t num_used = 0;        ///< differences that are not 0
  double p = 1.0;                  ///< 1 when every difference is 0
  bool is_exact = true;            ///< from the permutation distribution
};

/// Wilcoxon's signed rank test; zeros are dropped, ties share their mean rank.
/// Source: Wilcoxon 1945; Hollander and Wolfe 1999, section 3.1.
/// Differs: the exact permutation distribution holds with ties too (sums of doubled ranks,
/// counted);
///   the normal approximation corrects for ties and continuity. Auto is exact below 50 differences.
/// Cost: O(n^3) exact, else O(n log n).
SignedRank signed_rank_test(std::span<const double> d,
                            Alternative alternative = Alternative::TwoSided,
                            NullDistribution distribution = NullDistribution::Auto);

struct SignTest {
  std::size_t num_positive = 0;
  std::size_t num_negative = 0;
  double p = 1.0;
};

/// Exact sign test: positive differences are binomial(n, 1/2); zeros are dropped. O(n).
SignTest sign_test(std::span<const double> d, Alternative alternative = Alternative::TwoSided);

struct EffectSize {
  double d_z = 0.0;        ///< m / s; infinite when s = 0 and m is not, NaN when both are 0
  double hedges_g = 0.0;   ///< d_z times the small-sample correction
  Interval interval = {};  ///< of d_z; NaN when s = 0
};

/// Standardised size of a paired difference.
/// Source: Cohen 1988, d_z of section 2.3.5; Hedges 1981, exact J = G(f/2) / (sqrt(f/2) G((f-1)/2))
///   with f = n - 1; the interval inverts the noncentral t distribution (Cumming and Finch 2001).
/// Differs: none.
/// @param d  n >= 2. @throws BugError otherwise. Cost: O(n) and about 100 evaluations of the
/// distribution.
EffectSize effect_size(std::span<const double> d, double level = 0.95);

/// Holm's step-down adjustment: reject where the result is <= alpha and the chance of any false
/// rejection stays <= alpha.
/// Source: Holm 1979.  Differs: NaN (untested) stays NaN and does not count.
///   holm({0.01, 0.04, 0.03}) = {0.03, 0.06, 0.06} [tested]
/// Cost: O(n log n).
std::vector<double> holm(std::span<const double> p);

/// Percentile bootstrap of any statistic.
/// Source: Efron and Tibshirani 1993, section 13.3.  Differs: quantiles by definition 7.
/// @param statistic      of a resample, (n).
/// @param num_resamples  >= 1; 2000 resolves a 95 % interval.
/// @throws BugError when x is empty. Cost: num_resamples * (n + statistic).
Interval bootstrap_interval(std::span<const double> x,
                            const std::function<double(std::span<const double>)>& statistic,
                            std::size_t num_resamples, double level, Rng& rng);

}  // namespace trimtab
