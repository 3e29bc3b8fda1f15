#include "trimtab/samplers/gp/constraint_models.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "trimtab/numerics/normal.hpp"

namespace trimtab::gp {
namespace {

constexpr std::size_t kMaxRows = 160;

// The trials that make the model of one constraint, with their targets.
struct Rows {
  std::vector<double> features;  // (n, F)
  std::vector<double> targets;   // (n)
};

std::vector<std::size_t> chosen_rows(const Observations& observations, std::size_t count,
                                     std::size_t constraint) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isnan(observations.violation(i, constraint))) rows.push_back(i);
  }
  if (rows.size() <= kMaxRows) return rows;
  const std::size_t num_near = kMaxRows / 2;
  const auto distance = [&](std::size_t row) {
    return std::abs(observations.violation(row, constraint));
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::size_t a, std::size_t b) { return distance(a) < distance(b); });
  std::sort(rows.begin() + static_cast<std::ptrdiff_t>(num_near), rows.end(), std::greater<>());
  rows.resize(kMaxRows);
  std::sort(rows.begin(), rows.end());
  return rows;
}

double median_size(const Observations& observations, std::span<const std::size_t> rows,
                   std::size_t constraint) {
  std::vector<double> sizes;
  for (const std::size_t row : rows) {
    const double size = std::abs(observations.violation(row, constraint));
    if (size > 0.0 && std::isfinite(size)) sizes.push_back(size);
  }
  if (sizes.empty()) return 1.0;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  return *middle;
}

Rows rows_of(const Observations& observations, std::size_t count, std::size_t constraint) {
  constexpr double kFarthest = 1e6;  // in medians; also what infinite values count
  const std::vector<std::size_t> chosen = chosen_rows(observations, count, constraint);
  const double scale = median_size(observations, chosen, constraint);
  Rows rows;
  for (const std::size_t row : chosen) {
    const std::span<const double> own = observations.features(row);
    rows.features.insert(rows.features.end(), own.begin(), own.end());
    const double size = observations.violation(row, constraint) / scale;
    rows.targets.push_back(std::asinh(std::clamp(size, -kFarthest, kFarthest)));
  }
  return rows;
}

double log_feasibility(const Prediction& at) {
  return log_normal_cdf(-at.mean / std::sqrt(at.variance));
}

}  // namespace

std::vector<Hyperparameters> ConstraintModels::fit(const Axes& axes,
                                                   const Observations& observations,
                                                   std::size_t count, std::size_t max_evaluations,
                                                   const HyperPrior& prior) {
  std::vector<Hyperparameters> thetas;
  for (std::size_t c = 0; c < observations.num_constraints(); ++c) {
    const Rows rows = rows_of(observations, count, c);
    const Hyperparameters start = prior_mode(axes.count, prior);
    thetas.push_back(rows.targets.empty()
                         ? start
                         : fit_hyperparameters(axes, rows.features, rows.targets,
                                               std::span(&start, 1), max_evaluations, prior)
                               .theta);
  }
  return thetas;
}

ConstraintModels::ConstraintModels(const Axes& axes, const Observations& observations,
                                   std::size_t count, std::span<const Hyperparameters> thetas,
                                   const HyperPrior& prior) {
  for (std::size_t c = 0; c < observations.num_constraints(); ++c) {
    const Rows rows = rows_of(observations, count, c);
    const Hyperparameters theta = c < thetas.size() ? thetas[c] : prior_mode(axes.count, prior);
    if (rows.targets.empty()) {
      models_.emplace_back(axes, theta);
    } else {
      models_.emplace_back(axes, theta, rows.features).set_targets(rows.targets);
    }
  }
}

void ConstraintModels::add_log_probability(std::span<const double> features,
                                           std::span<double> out) const {
  std::vector<Prediction> predictions(out.size());
  for (const Posterior& model : models_) {
    model.predict(features, predictions);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += log_feasibility(predictions[i]);
  }
}

double ConstraintModels::add_slope(std::span<const double> features,
                                   std::span<double> slope) const {
  double sum = 0.0;
  for (const Posterior& model : models_) {
    const PredictionGradient got = model.predict_gradient(features);
    const double deviation = std::sqrt(got.at.variance);
    const double u = -got.at.mean / deviation;
    const double log_cdf = log_normal_cdf(u);
    // d log Phi(u) / du = phi(u) / Phi(u)
    const double by_u = std::exp(-0.5 * u * u - log_cdf) / std::sqrt(2.0 * std::numbers::pi);
    const double by_variance = -0.5 * u / got.at.variance;  // du / d variance
    for (std::size_t f = 0; f < slope.size(); ++f) {
      slope[f] += by_u * (-got.mean_slope[f] / deviation + by_variance * got.variance_slope[f]);
    }
    sum += log_cdf;
  }
  return sum;
}

bool ConstraintModels::is_probably_feasible(std::span<const double> features) const {
  return std::all_of(models_.begin(), models_.end(), [&](const Posterior& model) {
    double mean = 0.0;
    model.predict_means(features, std::span(&mean, 1));
    return mean <= 0.0;
  });
}

}  // namespace trimtab::gp
