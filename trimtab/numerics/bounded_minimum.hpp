#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace trimtab {

// Notation in this file
//   x, g        point and gradient, (d)          low, high   bounds, (d); low = high fixes x
//   s, y        differences of successive points and gradients, (d)
//   free        coordinates that are not at a bound which -g points beyond

struct BoundedOptions {
  std::size_t max_evaluations = 100;  ///< of the function; the start counts
  std::size_t history = 10;           ///< pairs (s, y) that are remembered
  double gradient_tolerance = 1e-5;   ///< stop: largest |projected gradient|
  double value_tolerance = 1e-10;     ///< stop: decrease of a step / max(1, |value|)
};

struct BoundedMinimum {
  std::vector<double> x;
  double value = 0.0;
  std::size_t num_evaluations = 0;
  bool is_converged = false;  ///< a tolerance was met, not the limit of evaluations
};

/// Writes the gradient at x and returns the value. Not-finite values are steps too far.
using DifferentiableFunction =
    std::function<double(std::span<const double> x, std::span<double> gradient)>;

/// A local minimum within bounds, from first derivatives.
///
/// Source: Nocedal and Wright 2006, "Numerical Optimization", algorithms 7.4 (two-loop recursion)
///   and section 16.7 (projection); Bertsekas 1982, "Projected Newton methods", section 2 (the free
///   set).
/// Differs: the quasi-Newton direction is formed on the free coordinates only; the line search
///   backtracks along the projected path (Armijo, 1e-4) with quadratic interpolation; pairs without
///   positive curvature are dropped instead of asking for the Wolfe conditions.
/// @param start  is projected into the bounds. The result is never worse than the start.
/// Cost: O(history * d) per iteration plus the evaluations. Deterministic; no randomness.
BoundedMinimum minimise_bounded(const DifferentiableFunction& function,
                                std::span<const double> start, std::span<const double> low,
                                std::span<const double> high, const BoundedOptions& options);

}  // namespace trimtab
