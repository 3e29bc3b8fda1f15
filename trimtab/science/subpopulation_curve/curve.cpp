#include "trimtab/science/subpopulation_curve/curve.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMinModels = 5;

// Residual sum of squares, and the coefficients, of a polynomial in centred x.
double fit_polynomial(const Eigen::VectorXd& x, const Eigen::VectorXd& y, int degree,
                      Eigen::VectorXd& coefficients) {
  Eigen::MatrixXd columns(x.size(), degree + 1);
  columns.col(0).setOnes();
  for (int power = 1; power <= degree; ++power) {
    columns.col(power) = columns.col(power - 1).cwiseProduct(x);
  }
  coefficients = columns.colPivHouseholderQr().solve(y);
  return (y - columns * coefficients).squaredNorm();
}

// -2 log likelihood but for constants, plus a penalty per parameter.
double criterion(double rss, double n, double num_parameters, double penalty) {
  return n * std::log(rss / n) + penalty * num_parameters;
}

double probit(double accuracy) { return normal_quantile(std::clamp(accuracy, 1e-6, 1.0 - 1e-6)); }

}  // namespace

CurveFit fit_curve(std::span<const double> x, std::span<const double> y) {
  const std::set<double> distinct(x.begin(), x.end());
  if (x.size() < kMinModels || x.size() != y.size() || distinct.size() < 3) {
    throw UserError({.code = "subpopulation_curve.models",
                     .what = "too few models to tell a line from a curve",
                     .where = "subpopulation_curve",
                     .got = std::to_string(x.size()) + " models",
                     .expected = "at least 5, at 3 different majority accuracies",
                     .hint = ""});
  }
  const auto size = static_cast<Eigen::Index>(x.size());
  Eigen::VectorXd centred = Eigen::Map<const Eigen::VectorXd>(x.data(), size);
  centred.array() -= centred.mean();
  const Eigen::VectorXd target = Eigen::Map<const Eigen::VectorXd>(y.data(), size);
  Eigen::VectorXd line, parabola;
  const double of_line = fit_polynomial(centred, target, 1, line);
  const double of_parabola = fit_polynomial(centred, target, 2, parabola);
  const double total = (target.array() - target.mean()).matrix().squaredNorm();
  const double n = static_cast<double>(x.size());
  CurveFit fit;
  fit.num_models = x.size();
  fit.slope = line(1);
  fit.bend = parabola(2);
  fit.centre = Eigen::Map<const Eigen::VectorXd>(x.data(), size).mean();
  fit.line = {line(0), line(1), 0.0};
  fit.parabola = {parabola(0), parabola(1), parabola(2)};
  fit.line_r_squared = total > 0.0 ? 1.0 - of_line / total : 0.0;
  fit.parabola_r_squared = total > 0.0 ? 1.0 - of_parabola / total : 0.0;
  fit.f = (of_line - of_parabola) / (of_parabola / (n - 3.0));
  if (std::isnan(fit.f)) fit.f = 0.0;
  fit.p = f_upper_tail(fit.f, 1.0, n - 3.0);
  fit.aic_gain = criterion(of_line, n, 3.0, 2.0) - criterion(of_parabola, n, 4.0, 2.0);
  fit.bic_gain =
      criterion(of_line, n, 3.0, std::log(n)) - criterion(of_parabola, n, 4.0, std::log(n));
  return fit;
}

SubpopulationCurve analyse_curve(std::span<const double> x, std::span<const double> y,
                                 const CurveRange& range) {
  std::vector<double> kept_x, kept_y, probit_x, probit_y, declared_x, declared_y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]) || !std::isfinite(y[i]) || x[i] < range.lowest) continue;
    kept_x.push_back(x[i]);
    kept_y.push_back(y[i]);
    probit_x.push_back(probit(x[i]));
    probit_y.push_back(probit(y[i]));
    if (x[i] <= range.declared) continue;
    declared_x.push_back(x[i]);
    declared_y.push_back(y[i]);
  }
  SubpopulationCurve curve;
  curve.num_left_out = x.size() - kept_x.size();
  curve.all = fit_curve(kept_x, kept_y);
  curve.probit = fit_curve(probit_x, probit_y);
  const std::set<double> distinct(declared_x.begin(), declared_x.end());
  if (declared_x.size() >= kMinModels && distinct.size() >= 3) {
    curve.declared = fit_curve(declared_x, declared_y);
  }
  curve.spearman = spearman_correlation(kept_x, kept_y);
  return curve;
}

}  // namespace trimtab
