#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/numerics/statistics/correlation.hpp"

namespace trimtab {

// Notation in this file
//   x   accuracy on the majority group, one per model      y   on the minority group, both in [0,
//   1] c   coefficient of x^2        F   of the quadratic term, (1, n - 3) degrees of freedom

/// Straight line against parabola on one scale.
struct CurveFit {
  std::size_t num_models = 0;
  double slope = 0.0;
  double line_r_squared = 0.0;
  double bend = 0.0;  ///< c; above 0 the curve opens upwards (the moon)
  double parabola_r_squared = 0.0;
  double f = 0.0;
  double p = 1.0;         ///< of the quadratic term
  double aic_gain = 0.0;  ///< AIC of the line less that of the parabola; > 0 favours the bend
  double bic_gain = 0.0;
  double centre = 0.0;              ///< mean of x
  std::array<double, 3> line = {};  ///< coefficients in x - centre; the last is 0
  std::array<double, 3> parabola = {};

  static double value(const std::array<double, 3>& coefficients, double x_less_centre) {
    return coefficients[0] + x_less_centre * (coefficients[1] + x_less_centre * coefficients[2]);
  }
};

/// Least squares; x is centred, so that the slope is the one at its mean.
/// @throws UserError "subpopulation_curve.models" for fewer than 5 models or an x with fewer than 3
/// values. O(n).
CurveFit fit_curve(std::span<const double> x, std::span<const double> y);

/// Which models take part.
struct CurveRange {
  double lowest = 0.55;    ///< below: near chance, a cloud that says nothing
  double declared = 0.85;  ///< the bend is asked for above this majority accuracy, fixed beforehand
};

struct SubpopulationCurve {
  CurveFit all;          ///< models above `lowest`
  CurveFit probit;       ///< the same with both accuracies as normal quantiles
  CurveFit declared;     ///< models above `declared`; num_models = 0 when there are fewer than 5
  Correlation spearman;  ///< above `lowest`
  std::size_t num_left_out = 0;
};

/// Is minority accuracy a straight function of majority accuracy over many models?
/// Source: Mao et al. 2023, "Moon-shape": linear against quadratic, in raw and probit scale.
/// Differs: the quadratic term is tested by F in the whole range and in a range declared
/// beforehand,
///   with AIC and BIC beside it, where the paper shows the scatter.
SubpopulationCurve analyse_curve(std::span<const double> x, std::span<const double> y,
                                 const CurveRange& range);

/// The analysis "subpopulation_curve".
AnalysisEntry subpopulation_curve_entry();

}  // namespace trimtab
