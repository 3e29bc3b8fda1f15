#include "trimtab/numerics/robust_least_squares.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

double huber(double r, double delta) {
  const double size = std::abs(r);
  return size <= delta ? 0.5 * r * r : delta * (size - 0.5 * delta);
}

double weight(double r, double delta) {
  const double size = std::abs(r);
  return size <= delta ? 1.0 : delta / size;
}

// All rows at x. False when a residual is not finite: a step too far.
bool evaluate(const ResidualFunction& residual, double delta, RobustFit& fit) {
  const std::size_t d = fit.x.size();
  fit.loss = 0.0;
  for (std::size_t i = 0; i < fit.residuals.size(); ++i) {
    fit.residuals[i] = residual(i, fit.x, std::span(fit.jacobian).subspan(i * d, d));
    fit.loss += huber(fit.residuals[i], delta);
  }
  return std::isfinite(fit.loss);
}

struct Normal {
  Matrix curvature;  // J' W J
  Vector slope;      // J' W r
};

// @param counts  how often each row is in; empty = once.
Normal normal_equations(const RobustFit& fit, double delta, std::span<const double> counts) {
  const auto d = static_cast<Eigen::Index>(fit.x.size());
  Normal normal = {Matrix::Zero(d, d), Vector::Zero(d)};
  for (std::size_t i = 0; i < fit.residuals.size(); ++i) {
    const double count = counts.empty() ? 1.0 : counts[i];
    if (count == 0.0) continue;
    const double w = count * weight(fit.residuals[i], delta);
    const Eigen::Map<const Vector> row(fit.jacobian.data() + i * fit.x.size(), d);
    normal.slope.noalias() += w * fit.residuals[i] * row;
    normal.curvature.selfadjointView<Eigen::Lower>().rankUpdate(row, w);
  }
  normal.curvature = normal.curvature.selfadjointView<Eigen::Lower>();
  return normal;
}

// Coefficients that cannot move: fixed, or pushed out of their bound by the slope.
std::vector<bool> held(const std::vector<double>& x, const Vector& slope,
                       std::span<const double> low, std::span<const double> high) {
  std::vector<bool> is_held(x.size());
  for (std::size_t c = 0; c < x.size(); ++c) {
    const double s = slope(static_cast<Eigen::Index>(c));
    is_held[c] = low[c] == high[c] || (x[c] <= low[c] && s > 0.0) || (x[c] >= high[c] && s < 0.0);
  }
  return is_held;
}

Vector damped_step(const Normal& normal, const std::vector<bool>& is_held, double damping) {
  Matrix curvature = normal.curvature;
  Vector slope = normal.slope;
  for (Eigen::Index c = 0; c < slope.size(); ++c) {
    curvature(c, c) += damping * std::max(curvature(c, c), 1e-12);
    if (!is_held[static_cast<std::size_t>(c)]) continue;
    curvature.row(c).setZero();
    curvature.col(c).setZero();
    curvature(c, c) = 1.0;
    slope(c) = 0.0;
  }
  return -curvature.ldlt().solve(slope);
}

std::vector<double> moved(const std::vector<double>& x, const Vector& step,
                          std::span<const double> low, std::span<const double> high) {
  std::vector<double> next(x.size());
  for (std::size_t c = 0; c < x.size(); ++c) {
    next[c] = std::clamp(x[c] + step(static_cast<Eigen::Index>(c)), low[c], high[c]);
  }
  return next;
}

}  // namespace

RobustFit robust_least_squares(std::size_t num_rows, const ResidualFunction& residual,
                               std::span<const double> start, std::span<const double> low,
                               std::span<const double> high, const RobustOptions& options) {
  if (num_rows == 0 || low.size() != start.size() || high.size() != start.size()) {
    throw BugError({.code = "robust_least_squares.arguments",
                    .what = "a fit was asked of unsuitable data",
                    .where = "robust_least_squares",
                    .got = std::to_string(num_rows) + " rows",
                    .expected = "rows, and bounds for every coefficient",
                    .hint = ""});
  }
  RobustFit best = {.x = {start.begin(), start.end()},
                    .residuals = std::vector<double>(num_rows),
                    .jacobian = std::vector<double>(num_rows * start.size())};
  for (std::size_t c = 0; c < best.x.size(); ++c) best.x[c] = std::clamp(start[c], low[c], high[c]);
  if (!evaluate(residual, options.delta, best)) return best;
  RobustFit next = best;
  double damping = 1e-3;
  Normal normal = normal_equations(best, options.delta, {});
  for (std::size_t i = 1; i < options.max_iterations && damping < 1e12; ++i) {
    const Vector step = damped_step(normal, held(best.x, normal.slope, low, high), damping);
    next.x = moved(best.x, step, low, high);
    if (!evaluate(residual, options.delta, next) || !(next.loss < best.loss)) {
      // No way down from here but by rounding: a minimum.
      if (next.loss <= best.loss * (1.0 + options.tolerance)) {
        best.is_converged = true;
        break;
      }
      damping *= 8.0;
      continue;
    }
    const double decrease = best.loss - next.loss;
    std::swap(best, next);
    if (decrease <= options.tolerance * best.loss) {
      best.is_converged = true;
      break;
    }
    damping = std::max(damping / 8.0, 1e-12);
    normal = normal_equations(best, options.delta, {});
  }
  return best;
}

std::vector<std::vector<double>> one_step_bootstrap(const RobustFit& fit,
                                                    std::span<const double> low,
                                                    std::span<const double> high,
                                                    const RobustOptions& options,
                                                    std::size_t num_resamples, Rng& rng) {
  const std::size_t n = fit.residuals.size();
  std::vector<std::vector<double>> draws;
  std::vector<double> counts(n);
  for (std::size_t i = 0; i < num_resamples; ++i) {
    std::fill(counts.begin(), counts.end(), 0.0);
    for (std::size_t j = 0; j < n; ++j) counts[rng.below(n)] += 1.0;
    const Normal normal = normal_equations(fit, options.delta, counts);
    std::vector<bool> is_held(fit.x.size());
    for (std::size_t c = 0; c < fit.x.size(); ++c) {
      is_held[c] = fit.x[c] <= low[c] || fit.x[c] >= high[c];
    }
    const Vector step = damped_step(normal, is_held, 0.0);
    if (step.allFinite()) draws.push_back(moved(fit.x, step, low, high));
  }
  return draws;
}

}  // namespace trimtab
