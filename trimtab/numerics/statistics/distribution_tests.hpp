#pragma once

#include <functional>
#include <span>

#include "trimtab/numerics/statistics/hypothesis.hpp"

namespace trimtab {

struct KolmogorovSmirnov {
  double distance = 0.0;  ///< largest distance of the two distribution functions
  double p = 1.0;         ///< two-sided
  bool is_exact = true;
};

/// Does the sample come from a given continuous distribution?
/// Source: Kolmogorov 1933; exact by Marsaglia, Tsang and Wang 2003.
/// Differs: Auto is exact below n = 100, as R is (R only without ties).
/// @param cdf  of the hypothesis, fixed beforehand: parameters estimated from x make p too large.
/// @throws BugError when x is empty. O(n log n), exact O((n distance)^3 log n).
KolmogorovSmirnov kolmogorov_smirnov_test(std::span<const double> x,
                                          const std::function<double(double)>& cdf,
                                          NullDistribution distribution = NullDistribution::Auto);

/// Do two samples come from one distribution?
/// Source: Smirnov 1939; exact by counting lattice paths (Kim and Jennrich 1973), ties included
///   (Schroeer and Trenkler 1995).
/// Differs: Auto is exact for n m < 10000, as R is.
///   R's `ks.test(len ~ supp, ToothGrowth, exact = TRUE)`: 1/3, p = 0.061707707  [tested]
/// @throws BugError when a sample is empty. O(n log n), exact O(n m).
KolmogorovSmirnov kolmogorov_smirnov_test(std::span<const double> x, std::span<const double> y,
                                          NullDistribution distribution = NullDistribution::Auto);

/// P(sqrt(n) D > z) in the limit of large n; kolmogorov_upper_tail(1.3580986393) = 0.05 [tested].
double kolmogorov_upper_tail(double z);

}  // namespace trimtab
