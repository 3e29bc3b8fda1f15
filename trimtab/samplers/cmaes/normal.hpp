#pragma once

namespace trimtab::cmaes {

/// Mass of the standard normal distribution below z; keeps its digits in the lower tail.
double normal_below(double z);

/// Inverse of `normal_below`; p in (0, 1).
///   normal_quantile(0.975) = 1.959963985 [tested]
double normal_quantile(double p);

}  // namespace trimtab::cmaes
