#pragma once

#include <optional>
#include <span>

namespace trimtab {

// Notation in this file
//   k, y   step (> 0) and loss there      n   points
//   L(k) = a + b k^-c, c in [0.05, 5]     s^2 residual variance, sum of squares / (n - 3)

struct PowerLaw {
  double a = 0.0;
  double b = 0.0;
  double c = 1.0;
  double prediction = 0.0;  ///< L at the step asked for
  double deviation = 0.0;   ///< of a new observation there, s sqrt(1 + g' (J'J)^-1 g)
};

/// Least squares fit of L, and its forecast.
/// Source: the variance of a forecast of a non-linear regression by linearisation, Seber and Wild
///   1989, "Nonlinear regression", equation 5.25.
/// Differs: a and b are eliminated (linear given c); c is searched on a grid of 16 and then by
///   golden section, inside bounds.
///   y = 2 + 3 / k at k = 1, 2, 3, 4 gives a = 2, b = 3, c = 1 and at 10 a prediction of 2.3.
///   [tested]
/// @returns nothing when n < 4, when a value is not finite, or when the points do not tell b and c
///   apart from noise or nothing (a constant curve).
/// Cost: O(60 n).
std::optional<PowerLaw> fit_power_law(std::span<const double> k, std::span<const double> y,
                                      double at);

}  // namespace trimtab
