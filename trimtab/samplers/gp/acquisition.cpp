#include "trimtab/samplers/gp/acquisition.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "trimtab/numerics/normal.hpp"

namespace trimtab::gp {
namespace {

constexpr std::size_t kMaxLandmarks = 160;
constexpr double kBarelySucceeded = -0.5;  // nearer to success (0) than to failure (-2)

// The trials with the lowest fitted means, and as many spread over the others.
std::vector<std::size_t> landmark_rows(const Surrogate& surrogate) {
  std::vector<std::size_t> order(surrogate.points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return surrogate.fitted[a] < surrogate.fitted[b];
  });
  std::vector<std::size_t> rows;
  const std::size_t half = kMaxLandmarks / 2;
  const std::size_t rest = order.size() - half;
  for (std::size_t k = 0; k < half; ++k) {
    rows.push_back(surrogate.points[order[k]]);
    rows.push_back(surrogate.points[order[half + k * rest / half]]);
  }
  return rows;
}

double deviation_of_label(const Posterior& feasibility, double variance) {
  return std::sqrt(variance + feasibility.theta().noise_variance);
}

}  // namespace

Acquisition::Acquisition(Surrogate surrogate, const Observations& observations)
    : surrogate_(std::move(surrogate)) {
  if (!surrogate_.objective || surrogate_.points.size() <= 2 * kMaxLandmarks) return;
  std::vector<double> features;
  for (const std::size_t row : landmark_rows(surrogate_)) {
    const std::span<const double> own = observations.features(row);
    features.insert(features.end(), own.begin(), own.end());
  }
  landmarks_.emplace(surrogate_.objective->axes(), surrogate_.objective->theta(), features);
}

std::size_t Acquisition::num_points() const {
  return surrogate_.objective ? surrogate_.objective->size() : 0;
}

void Acquisition::believe(std::span<const double> features) {
  if (surrogate_.objective) {
    double mean = 0.0;
    surrogate_.objective->predict_means(features, std::span(&mean, 1));
    surrogate_.best = std::min(surrogate_.best, mean);
    surrogate_.objective->append_believed(features);
  }
  if (landmarks_) landmarks_->append(features);
}

double Acquisition::value_of(const Prediction& prediction) const {
  const double deviation = std::sqrt(prediction.variance);
  return std::log(deviation) +
         log_improvement((surrogate_.best - prediction.mean) / deviation).value;
}

void Acquisition::add_feasibility(std::span<const double> features, std::span<double> out) const {
  if (!surrogate_.feasibility) return;
  std::vector<Prediction> labels(out.size());
  surrogate_.feasibility->predict(features, labels);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double deviation = deviation_of_label(*surrogate_.feasibility, labels[i].variance);
    out[i] += log_normal_cdf((labels[i].mean - kBarelySucceeded) / deviation);
  }
}

void Acquisition::values(std::span<const double> features, std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0.0);
  if (surrogate_.objective) {
    std::vector<Prediction> predictions(out.size());
    surrogate_.objective->predict(features, predictions);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = value_of(predictions[i]);
  }
  add_feasibility(features, out);
}

void Acquisition::cheap_values(std::span<const double> features, std::span<double> out) const {
  if (!landmarks_) {
    values(features, out);
    return;
  }
  std::vector<double> means(out.size());
  surrogate_.objective->predict_means(features, means);
  std::vector<Prediction> predictions(out.size());
  landmarks_->predict(features, predictions);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = value_of({means[i], predictions[i].variance});
  }
  add_feasibility(features, out);
}

Acquisition::Gradient Acquisition::gradient(std::span<const double> features) const {
  Gradient result{0.0, std::vector<double>(features.size(), 0.0)};
  if (surrogate_.objective) {
    const PredictionGradient got = surrogate_.objective->predict_gradient(features);
    const double deviation = std::sqrt(got.at.variance);
    const double u = (surrogate_.best - got.at.mean) / deviation;
    const LogImprovement improvement = log_improvement(u);
    result.value = std::log(deviation) + improvement.value;
    // d/d variance of log(deviation) + log h(u), u falling as 1 / deviation.
    const double by_variance = (1.0 - u * improvement.slope) / (2.0 * got.at.variance);
    for (std::size_t f = 0; f < features.size(); ++f) {
      result.slope[f] =
          -improvement.slope / deviation * got.mean_slope[f] + by_variance * got.variance_slope[f];
    }
  }
  if (!surrogate_.feasibility) return result;
  const PredictionGradient label = surrogate_.feasibility->predict_gradient(features);
  const double deviation = deviation_of_label(*surrogate_.feasibility, label.at.variance);
  const double v = (label.at.mean - kBarelySucceeded) / deviation;
  const double log_cdf = log_normal_cdf(v);
  const double slope = std::exp(-0.5 * v * v - 0.91893853320467274178 - log_cdf);
  result.value += log_cdf;
  for (std::size_t f = 0; f < features.size(); ++f) {
    result.slope[f] += slope * (label.mean_slope[f] / deviation -
                                0.5 * v / (deviation * deviation) * label.variance_slope[f]);
  }
  return result;
}

}  // namespace trimtab::gp
