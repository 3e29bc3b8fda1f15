#include "trimtab/science/reusable_holdout/bias_experiment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace trimtab {
namespace {

constexpr std::array<const char*, 3> kParts = {"train", "holdout", "fresh"};

// Items are made feature by feature, twice if need be: 3 n d numbers would not fit into memory.
class Items {
 public:
  Items(const BiasExperiment& experiment, const Rng& rng) : experiment_(experiment), rng_(rng) {
    for (std::size_t part = 0; part < kParts.size(); ++part) {
      Rng of_labels = rng.derive(std::string("label ") + kParts[part]);
      labels_[part].resize(experiment.num_items);
      for (double& label : labels_[part]) label = of_labels.bernoulli(0.5) ? 1.0 : -1.0;
    }
  }

  const std::vector<double>& labels(std::size_t part) const { return labels_[part]; }

  void fill(std::size_t part, std::size_t feature, std::vector<double>& column) const {
    Rng rng = rng_.derive(kParts[part], feature);
    column.resize(experiment_.num_items);
    for (double& value : column) value = rng.normal();
    if (feature >= experiment_.num_informative) return;
    const double shift = 6.0 / std::sqrt(static_cast<double>(experiment_.num_items));
    for (std::size_t i = 0; i < column.size(); ++i) column[i] += shift * labels_[part][i];
  }

  double correlation(std::size_t part, std::size_t feature, std::vector<double>& column) const {
    fill(part, feature, column);
    return std::inner_product(column.begin(), column.end(), labels_[part].begin(), 0.0) /
           static_cast<double>(column.size());
  }

 private:
  const BiasExperiment& experiment_;
  Rng rng_;
  std::array<std::vector<double>, 3> labels_;
};

// Features whose two correlations agree in sign and stand out, by training correlation, best first.
std::vector<std::size_t> eligible(const std::vector<double>& train,
                                  const std::vector<double>& holdout, double bar) {
  std::vector<std::size_t> features;
  for (std::size_t j = 0; j < train.size(); ++j) {
    const bool agrees = train[j] * holdout[j] > 0.0;
    if (agrees && std::abs(train[j]) > bar && std::abs(holdout[j]) > bar) features.push_back(j);
  }
  std::stable_sort(features.begin(), features.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(train[a]) > std::abs(train[b]);
  });
  return features;
}

double accuracy(const std::vector<double>& votes, const std::vector<double>& labels) {
  double right = 0.0;
  for (std::size_t i = 0; i < votes.size(); ++i) {
    if (votes[i] * labels[i] > 0.0) right += 1.0;
    if (votes[i] == 0.0) right += 0.5;
  }
  return right / static_cast<double>(votes.size());
}

// Accuracies of the votes of the first k features, for every k: (k, part).
std::vector<std::array<double, 3>> vote(const Items& items, std::size_t num_items,
                                        const std::vector<std::size_t>& features,
                                        const std::vector<double>& train,
                                        const std::vector<std::size_t>& num_chosen) {
  std::vector<std::array<double, 3>> accuracies(num_chosen.size());
  std::vector<double> column;
  for (std::size_t part = 0; part < kParts.size(); ++part) {
    std::vector<double> votes(num_items, 0.0);
    std::size_t used = 0;
    for (std::size_t k = 0; k < num_chosen.size(); ++k) {
      for (; used < std::min(num_chosen[k], features.size()); ++used) {
        items.fill(part, features[used], column);
        const double sign = train[features[used]] > 0.0 ? 1.0 : -1.0;
        for (std::size_t i = 0; i < num_items; ++i) votes[i] += sign * column[i];
      }
      accuracies[k][part] = accuracy(votes, items.labels(part));
    }
  }
  return accuracies;
}

}  // namespace

std::vector<BiasPoint> run_bias_experiment(const BiasExperiment& experiment, const Rng& rng) {
  const Items items(experiment, rng);
  const double unit = 1.0 / std::sqrt(static_cast<double>(experiment.num_items));
  Thresholdout mechanism({.threshold = experiment.threshold * unit,
                          .noise = experiment.noise * unit,
                          .budget = std::numeric_limits<std::int64_t>::max(),
                          .family = experiment.family},
                         rng.derive("thresholdout"));
  std::vector<double> train(experiment.num_features), holdout(train.size()), told(train.size());
  std::vector<double> column;
  for (std::size_t j = 0; j < train.size(); ++j) {
    train[j] = items.correlation(0, j, column);
    holdout[j] = items.correlation(1, j, column);
    told[j] = mechanism.ask(train[j], holdout[j]).value;
  }
  std::vector<std::size_t> num_chosen = experiment.num_chosen;
  std::sort(num_chosen.begin(), num_chosen.end());
  const auto standard =
      vote(items, experiment.num_items, eligible(train, holdout, unit), train, num_chosen);
  const auto guarded =
      vote(items, experiment.num_items, eligible(train, told, unit), train, num_chosen);
  std::vector<BiasPoint> points;
  for (std::size_t k = 0; k < num_chosen.size(); ++k) {
    const double reported = mechanism.ask(guarded[k][0], guarded[k][1]).value;
    points.push_back({num_chosen[k],
                      {standard[k][0], standard[k][1], standard[k][2]},
                      {guarded[k][0], reported, guarded[k][2]}});
  }
  return points;
}

}  // namespace trimtab
