#include "trimtab/science/scaling_law/loss_law_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/robust_least_squares.hpp"

namespace trimtab {
namespace {

// Notation in this file
//   x   coefficients of the fit: ln A, aN, ln T, aS, ln b, 1 / aB, E, where A, T and
//       b = Bcrit / B are taken at the centre of the points, so that they barely depend on one
//       another
constexpr std::size_t kSize = 7;
using Coefficients = std::array<double, kSize>;
constexpr double kNoBatch = -60.0;  // ln b: batches do not matter
constexpr std::size_t kStartPoints = 150;

// Logarithms of one point.
struct Row {
  double n = 0.0, s = 0.0, b = 0.0, loss = 0.0;
};

struct Rows {
  std::vector<Row> rows;
  Row centre;
  double smallest_loss = INFINITY;
};

Rows rows_of(std::span<const LossPoint> points) {
  Rows result;
  for (const LossPoint& point : points) {
    result.rows.push_back({std::log(point.num_parameters), std::log(point.steps),
                           std::log(point.batch_tokens), std::log(point.loss)});
    result.smallest_loss = std::min(result.smallest_loss, point.loss);
  }
  const double count = static_cast<double>(points.size());
  for (const Row& row : result.rows) {
    result.centre.n += row.n / count;
    result.centre.s += row.s / count;
    result.centre.b += row.b / count;
    result.centre.loss += row.loss / count;
  }
  return result;
}

LossLaw law_of(std::span<const double> x, const Row& centre) {
  LossLaw law;
  law.alpha_n = x[1];
  law.log_nc = x[0] / x[1] + centre.n;
  law.alpha_s = x[3];
  law.log_sc = x[2] / x[3] + centre.s;
  law.inverse_alpha_b = x[5];
  if (x[4] > kNoBatch) law.log_bs = x[4] + x[5] * centre.loss + centre.b;
  law.irreducible = x[6];
  return law;
}

// ln L less the observed one; derivatives of the implicit equation.
double residual(const Row& row, const Row& centre, std::span<const double> x,
                std::span<double> gradient) {
  const LossLaw law = law_of(x, centre);
  const double u = law.log_loss(row.n, row.s, row.b, row.loss);
  const double loss = std::exp(u);
  const double a = std::exp(law.alpha_n * (law.log_nc - row.n));
  const double term = loss - a - law.irreducible;
  const double b = std::exp(law.log_bs - law.inverse_alpha_b * u - row.b);
  const double share = std::isinf(b) ? 1.0 : b / (1.0 + b);
  const double by_batch = term * law.alpha_s * share;  // dT / d ln b
  const double scale = 1.0 / (loss + by_batch * law.inverse_alpha_b);
  gradient[0] = a * scale;
  gradient[1] = -a * (row.n - centre.n) * scale;
  gradient[2] = term * scale;
  gradient[3] = term * (std::log1p(b) - (row.s - centre.s)) * scale;
  gradient[4] = by_batch * scale;
  gradient[5] = -by_batch * (u - centre.loss) * scale;
  gradient[6] = scale;
  return u - row.loss;
}

struct Bounds {
  Coefficients low, high;
};

Bounds bounds_of(LossForm form, double smallest_loss) {
  Bounds bounds = {{-20.0, 0.01, -20.0, 0.1, -12.0, 0.5, 0.0},
                   {6.0, 0.5, 6.0, 2.0, 12.0, 40.0, 0.999 * smallest_loss}};
  if (form != LossForm::Irreducible) bounds.high[6] = 0.0;
  if (form == LossForm::NoBatch) {
    bounds.low[4] = bounds.high[4] = kNoBatch;
    bounds.low[5] = bounds.high[5] = 0.5;
  }
  return bounds;
}

// Three quarters of the loss are the model's, or three quarters of what lies above a third of it.
std::vector<Coefficients> starts_of(LossForm form, double smallest_loss) {
  std::vector<Coefficients> starts;
  const double irreducible = form == LossForm::Irreducible ? smallest_loss / 3.0 : 0.0;
  const double rest = smallest_loss - irreducible;
  for (const double alpha_n : {0.05, 0.2}) {
    for (const double alpha_s : {0.4, 1.0}) {
      for (const double inverse_alpha_b : {4.0, 10.0}) {
        starts.push_back({std::log(0.75 * rest), alpha_n, std::log(0.25 * rest), alpha_s, 0.0,
                          inverse_alpha_b, irreducible});
      }
    }
  }
  return starts;
}

std::vector<Row> spread(const std::vector<Row>& rows, std::size_t most) {
  if (rows.size() <= most) return rows;
  std::vector<Row> some;
  for (std::size_t i = 0; i < most; ++i) some.push_back(rows[i * rows.size() / most]);
  return some;
}

RobustFit fit_rows(const std::vector<Row>& rows, const Row& centre, const Coefficients& start,
                   const Bounds& bounds, double delta) {
  const ResidualFunction function = [&](std::size_t i, std::span<const double> x,
                                        std::span<double> gradient) {
    return residual(rows[i], centre, x, gradient);
  };
  return robust_least_squares(rows.size(), function, start, bounds.low, bounds.high,
                              {.delta = delta});
}

Coefficients best_start(const std::vector<Row>& rows, const Row& centre,
                        const std::vector<Coefficients>& starts, const Bounds& bounds,
                        double delta) {
  Coefficients best = starts.front();
  double smallest = INFINITY;
  for (const Coefficients& start : starts) {
    const RobustFit fit = fit_rows(rows, centre, start, bounds, delta);
    if (!(fit.loss < smallest)) continue;
    smallest = fit.loss;
    std::copy(fit.x.begin(), fit.x.end(), best.begin());
  }
  return best;
}

bool is_at_a_bound(const RobustFit& fit, const Bounds& bounds) {
  for (std::size_t c = 0; c < kSize; ++c) {
    if (bounds.low[c] == bounds.high[c] || c == 6) continue;
    if (fit.x[c] <= bounds.low[c] || fit.x[c] >= bounds.high[c]) return true;
  }
  return false;
}

void require_points(std::span<const LossPoint> points, LossForm form) {
  std::set<double> sizes, batches, steps;
  for (const LossPoint& point : points) {
    sizes.insert(point.num_parameters);
    batches.insert(point.batch_tokens);
    steps.insert(point.steps);
  }
  const bool is_enough = points.size() >= 8 && sizes.size() >= 2 && steps.size() >= 2 &&
                         (form == LossForm::NoBatch || batches.size() >= 2);
  if (is_enough) return;
  throw UserError({.code = "scaling_law.points",
                   .what = "the runs do not determine a loss law",
                   .where = "scaling_law",
                   .got = std::to_string(points.size()) + " points of " +
                          std::to_string(sizes.size()) + " sizes, " +
                          std::to_string(batches.size()) + " batch sizes",
                   .expected = "at least 8 points of several sizes, lengths and batch sizes",
                   .hint = batches.size() < 2 ? "form = no_batch needs one batch size only" : ""});
}

}  // namespace

std::vector<LossPoint> best_rates(std::span<const SweepRun> runs) {
  std::map<std::tuple<double, double, double>, double> smallest;
  for (const SweepRun& run : runs) {
    const auto [place, is_new] = smallest.emplace(
        std::tuple(run.num_parameters, run.num_tokens, run.batch_tokens), run.loss);
    if (!is_new) place->second = std::min(place->second, run.loss);
  }
  std::vector<LossPoint> points;
  for (const auto& [key, loss] : smallest) {
    const auto& [n, d, b] = key;
    points.push_back({n, d / b, b, loss});
  }
  return points;
}

LossLawFit fit_loss_law(std::span<const LossPoint> points, const LossLawOptions& options,
                        Rng& rng) {
  require_points(points, options.form);
  const Rows data = rows_of(points);
  const Bounds bounds = bounds_of(options.form, data.smallest_loss);
  const Coefficients start =
      best_start(spread(data.rows, kStartPoints), data.centre,
                 starts_of(options.form, data.smallest_loss), bounds, options.delta);
  const RobustFit fit = fit_rows(data.rows, data.centre, start, bounds, options.delta);
  LossLawFit result;
  result.law = law_of(fit.x, data.centre);
  double sum = 0.0;
  for (const double r : fit.residuals) sum += r * r;
  result.rms = std::sqrt(sum / static_cast<double>(points.size()));
  result.is_converged = fit.is_converged;
  result.is_at_a_bound = is_at_a_bound(fit, bounds);
  for (const std::vector<double>& x : one_step_bootstrap(
           fit, bounds.low, bounds.high, {.delta = options.delta}, options.num_resamples, rng)) {
    result.resamples.push_back(law_of(x, data.centre));
  }
  return result;
}

std::vector<double> log_errors(const LossLaw& law, std::span<const LossPoint> points) {
  std::vector<double> errors;
  for (const LossPoint& point : points) {
    const double observed = std::log(point.loss);
    errors.push_back(law.log_loss(std::log(point.num_parameters), std::log(point.steps),
                                  std::log(point.batch_tokens), observed) -
                     observed);
  }
  return errors;
}

double TokenLaw::loss(double num_parameters, double num_tokens) const {
  return irreducible + std::exp(log_a - alpha * std::log(num_parameters)) +
         std::exp(log_b - beta * std::log(num_tokens));
}

TokenLaw fit_token_law(std::span<const LossPoint> points, double delta) {
  const Rows data = rows_of(points);
  // x: ln of the terms of N and D at the centre, their exponents, E.
  const double centre_d = data.centre.s + data.centre.b;
  const ResidualFunction function = [&](std::size_t i, std::span<const double> x,
                                        std::span<double> gradient) {
    const Row& row = data.rows[i];
    const double by_n = row.n - data.centre.n, by_d = row.s + row.b - centre_d;
    const double a = std::exp(x[0] - x[1] * by_n), b = std::exp(x[2] - x[3] * by_d);
    const double loss = x[4] + a + b;
    gradient[0] = a / loss;
    gradient[1] = -a * by_n / loss;
    gradient[2] = b / loss;
    gradient[3] = -b * by_d / loss;
    gradient[4] = 1.0 / loss;
    return std::log(loss) - row.loss;
  };
  const std::array<double, 5> low = {-20.0, 0.01, -20.0, 0.01, 0.0};
  const std::array<double, 5> high = {6.0, 2.0, 6.0, 2.0, 0.999 * data.smallest_loss};
  RobustFit best;
  best.loss = INFINITY;
  for (const double alpha : {0.1, 0.4}) {
    for (const double beta : {0.1, 0.4}) {
      for (const double part : {0.2, 0.7}) {
        const double rest = std::log(0.5 * (1.0 - part) * data.smallest_loss);
        const std::array<double, 5> start = {rest, alpha, rest, beta, part * data.smallest_loss};
        RobustFit fit = robust_least_squares(points.size(), function, start, low, high,
                                             {.delta = delta, .max_iterations = 60});
        if (fit.loss < best.loss) best = std::move(fit);
      }
    }
  }
  return {best.x[4], best.x[0] + best.x[1] * data.centre.n, best.x[1],
          best.x[2] + best.x[3] * centre_d, best.x[3]};
}

std::vector<double> log_errors(const TokenLaw& law, std::span<const LossPoint> points) {
  std::vector<double> errors;
  for (const LossPoint& point : points) {
    errors.push_back(std::log(law.loss(point.num_parameters, point.num_tokens()) / point.loss));
  }
  return errors;
}

}  // namespace trimtab
