#pragma once

namespace trimtab {

/// Which departures from the null hypothesis count as worse. Of two samples: Greater = the first
/// tends to be larger.
enum class Alternative { TwoSided, Greater, Less };

/// Where the probability of a rank statistic comes from. Auto = the exact permutation
/// distribution where it is cheap (each test says up to where), else the large-sample one.
enum class NullDistribution { Auto, Exact, Approximate };

/// Probability of an alternative from both tails of a discrete statistic, each including the
/// value seen; twice the smaller tail, at most 1, for two sides.
inline double probability_of(Alternative alternative, double lower, double upper) {
  if (alternative == Alternative::Greater) return upper;
  if (alternative == Alternative::Less) return lower;
  const double both = 2.0 * (lower < upper ? lower : upper);
  return both < 1.0 ? both : 1.0;
}

}  // namespace trimtab
