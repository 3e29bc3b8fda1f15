#pragma once

#include <span>

#include "trimtab/numerics/statistics.hpp"
#include "trimtab/numerics/statistics/hypothesis.hpp"

namespace trimtab {

// Notation in this file
//   x, y   two independent samples, (n) and (m)      level  coverage of the interval, in (0, 1)

struct TwoSampleT {
  double difference = 0.0;  ///< mean of x less mean of y
  double t = 0.0;           ///< infinite when neither sample has spread and the means differ
  double freedom = 0.0;     ///< degrees of freedom; fractional for Welch
  double p = 1.0;
  Interval interval = {};  ///< two-sided, of the difference
};

/// Welch's t test of two means, without the assumption of equal variances: the default choice.
/// Source: Welch 1947; freedom by Satterthwaite 1946.
/// Differs: samples without any spread give p = 0 (or 1 when the means agree) and an interval of
///   width 0; whoever calls must say so.
///   R's `t.test(extra ~ group, data = sleep)`: p = 0.07939414  [tested]
/// @throws BugError when a sample has fewer than 2 values or level is outside (0, 1). O(n + m).
TwoSampleT welch_t_test(std::span<const double> x, std::span<const double> y, double level = 0.95,
                        Alternative alternative = Alternative::TwoSided);

/// Student's t test of two means with a common variance; n + m - 2 degrees of freedom.
/// Source: Student 1908; Fisher 1925.  Differs: as above. @throws BugError as above. O(n + m).
TwoSampleT pooled_t_test(std::span<const double> x, std::span<const double> y, double level = 0.95,
                         Alternative alternative = Alternative::TwoSided);

/// How the values of a planned t test are related.
enum class TTestDesign { Paired, TwoSample };

/// Power of a two-sided t test at a standardised difference, counting rejections on the right
/// side only.
/// Source: Cohen 1988, chapter 2, by the noncentral t distribution.  Differs: none.
///   t_test_power(20, 1.0, 0.05, TTestDesign::TwoSample) = 0.8689528  [tested]
/// @param n       pairs, or values per sample; > 1, may be fractional.
/// @param effect  difference over the deviation (of the differences when paired). O(1).
double t_test_power(double n, double effect, double alpha, TTestDesign design);

/// The n at which that power is reached, not rounded; t_test_size(1.0, 0.9, 0.05, TwoSample) =
/// 22.02110 [tested].
/// @param effect  not 0. @param power  in (alpha / 2, 1). @throws BugError otherwise.
/// @return at least 2; infinity when more than 1e7 would be needed.
double t_test_size(double effect, double power, double alpha, TTestDesign design);

}  // namespace trimtab
