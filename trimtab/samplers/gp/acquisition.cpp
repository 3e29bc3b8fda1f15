#include "trimtab/samplers/gp/acquisition.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "trimtab/numerics/normal.hpp"

namespace trimtab::gp {
namespace {

constexpr std::size_t kMaxLandmarks = 160;
constexpr double kLikely = 0.6;       // of success, while no trial fails
constexpr double kMoreLikely = 0.3;   // added when every recent trial failed
constexpr double kUnlikely = 1000.0;  // how often log P counts below that

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

}  // namespace

Acquisition::Acquisition(Surrogate surrogate, const Observations& observations,
                         const ExpertPrior* prior, double prior_weight)
    : surrogate_(std::move(surrogate)), prior_(prior), prior_weight_(prior_weight) {
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
    if (surrogate_.constraints.is_probably_feasible(features)) {
      surrogate_.best = std::min(surrogate_.best, mean);
    }
    surrogate_.objective->append_believed(features);
  }
  if (landmarks_) landmarks_->append(features);
}

double Acquisition::value_of(const Prediction& prediction) const {
  const double deviation = std::sqrt(prediction.variance);
  return std::log(deviation) +
         log_improvement((surrogate_.best - prediction.mean) / deviation).value;
}

Acquisition::Caution Acquisition::caution(double log_probability) const {
  const double likely = std::log(kLikely + kMoreLikely * surrogate_.recent_failures);
  if (log_probability >= likely) return {log_probability, 1.0};
  return {likely + (1.0 + kUnlikely) * (log_probability - likely), 1.0 + kUnlikely};
}

void Acquisition::add_feasibility(std::span<const double> features, std::span<double> out) const {
  if (!surrogate_.feasibility) return;
  std::vector<double> logs(out.size());
  surrogate_.feasibility->predict_log(features, logs);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += caution(logs[i]).value;
}

void Acquisition::add_prior(std::span<const double> features, std::span<double> out) const {
  if (prior_ == nullptr || out.empty()) return;
  const std::size_t num_features = features.size() / out.size();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto own = features.subspan(i * num_features, num_features);
    out[i] += prior_weight_ * prior_->log_density(own);
  }
}

void Acquisition::values(std::span<const double> features, std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0.0);
  if (seeks_improvement()) {
    std::vector<Prediction> predictions(out.size());
    surrogate_.objective->predict(features, predictions);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = value_of(predictions[i]);
  }
  surrogate_.constraints.add_log_probability(features, out);
  add_feasibility(features, out);
  add_prior(features, out);
}

void Acquisition::cheap_values(std::span<const double> features, std::span<double> out) const {
  if (!landmarks_ || !seeks_improvement()) {
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
  surrogate_.constraints.add_log_probability(features, out);
  add_feasibility(features, out);
  add_prior(features, out);
}

Acquisition::Gradient Acquisition::gradient(std::span<const double> features) const {
  Gradient result{0.0, std::vector<double>(features.size(), 0.0)};
  if (seeks_improvement()) {
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
  result.value += surrogate_.constraints.add_slope(features, result.slope);
  if (prior_ != nullptr) {
    result.value += prior_weight_ * prior_->log_density(features);
    prior_->add_slope(features, prior_weight_, result.slope);
  }
  if (!surrogate_.feasibility) return result;
  const Classifier::Gradient success = surrogate_.feasibility->predict_gradient(features);
  const Caution factor = caution(success.log_probability);
  result.value += factor.value;
  for (std::size_t f = 0; f < features.size(); ++f) {
    result.slope[f] += factor.slope * success.slope[f];
  }
  return result;
}

}  // namespace trimtab::gp
