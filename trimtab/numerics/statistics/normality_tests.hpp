#pragma once

#include <span>

namespace trimtab {

struct ShapiroWilk {
  double w = 1.0;  ///< in (0, 1]; 1 for values that lie as those of a normal sample should
  double p = 1.0;  ///< of a normal sample that looks less normal
};

/// Does the sample come from a normal distribution, whatever its mean and deviation?
/// Source: Shapiro and Wilk 1965; coefficients and probability by Royston 1995, algorithm AS R94.
/// Differs: none; no censored samples.
///   R's `shapiro.test(mtcars$mpg)`: W = 0.9475647265, p = 0.1228813585  [tested]
/// @param x  (n), 3 <= n <= 5000, not all equal. @throws UserError "shapiro_wilk.sample" otherwise.
/// O(n log n).
ShapiroWilk shapiro_wilk_test(std::span<const double> x);

}  // namespace trimtab
