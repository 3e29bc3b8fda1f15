#include "trimtab/science/importance/surrogate_forest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/numerics/statistics.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kBlockSize = 20;  // trials that were proposed at about the same time

std::vector<double> finite_losses(std::span<const RankedTrial> trials) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const RankedTrial& trial : trials) {
    if (!std::isfinite(trial.loss)) continue;
    low = std::min(low, trial.loss);
    high = std::max(high, trial.loss);
  }
  std::vector<double> losses;
  for (const RankedTrial& trial : trials) {
    losses.push_back(low > high ? 0.0 : std::clamp(trial.loss, low, high));
  }
  return losses;
}

std::vector<double> bootstrap(std::size_t n, Rng& rng) {
  std::vector<double> weights(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) weights[rng.below(n)] += 1.0;
  return weights;
}

std::vector<double> leaf_means(const GrownTree& grown, std::span<const double> losses,
                               std::span<const double> weights) {
  std::vector<double> sums(grown.tree.num_leaves(), 0.0), totals(sums);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (grown.leaf_of_row[i] < 0) continue;
    sums[static_cast<std::size_t>(grown.leaf_of_row[i])] += weights[i] * losses[i];
    totals[static_cast<std::size_t>(grown.leaf_of_row[i])] += weights[i];
  }
  for (std::size_t leaf = 0; leaf < sums.size(); ++leaf) sums[leaf] /= totals[leaf];
  return sums;
}

// The trials' features. What is inactive, and the shadow, is chance and can be drawn again.
class Design {
 public:
  Design(const FeatureMap& features, std::span<const Dimension> dimensions,
         std::span<const RankedTrial> trials)
      : features_(features),
        x_(Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(trials.size()),
                                 static_cast<Eigen::Index>(features.num_features()))),
        binned_(x_),
        row_(features.num_features()) {
    for (std::size_t j = 0; j < dimensions.size(); ++j) {
      std::vector<double>& column = units_.emplace_back();
      std::vector<std::size_t>& inactive = inactive_.emplace_back();
      for (std::size_t i = 0; i < trials.size(); ++i) {
        const double value = trials[i].point[j];
        if (!is_active(value)) inactive.push_back(i);
        column.push_back(is_active(value) ? dimensions[j].to_unit(value) : 0.5);
      }
      write(j, column);
    }
  }

  void draw_chance(Rng& rng) {
    for (std::size_t j = 0; j < units_.size(); ++j) {
      if (inactive_[j].empty()) continue;
      for (const std::size_t i : inactive_[j]) units_[j][i] = rng.uniform01();
      write(j, units_[j]);
    }
    if (!units_.empty()) write(units_.size(), shadow_of(units_[rng.below(units_.size())], rng));
  }

  const BinnedFeatures& binned() const { return binned_; }
  void copy_row(std::size_t i, std::span<double> x) const {
    for (std::size_t f = 0; f < x.size(); ++f) {
      x[f] = x_(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(f));
    }
  }

 private:
  // Shuffled among trials of about the same time: what a sampler that narrows does to any
  // parameter, with or without effect, stays.
  static std::vector<double> shadow_of(std::vector<double> column, Rng& rng) {
    for (std::size_t first = 0; first < column.size(); first += kBlockSize) {
      const std::size_t size = std::min(kBlockSize, column.size() - first);
      rng.shuffle(std::span<double>(column).subspan(first, size));
    }
    return column;
  }

  void write(std::size_t dimension, const std::vector<double>& column) {
    const FeatureBlock& block = features_.block(dimension);
    for (std::size_t i = 0; i < column.size(); ++i) {
      features_.write(dimension, column[i], row_);
      for (std::size_t f = block.first; f < block.first + block.count; ++f) {
        x_(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(f)) = row_[f];
      }
    }
    for (std::size_t f = block.first; f < block.first + block.count; ++f) {
      binned_.set_feature(f, {x_.col(static_cast<Eigen::Index>(f)).data(), column.size()});
    }
  }

  const FeatureMap& features_;
  Eigen::MatrixXd x_;  // (n, p)
  BinnedFeatures binned_;
  std::vector<double> row_;                         // (p)
  std::vector<std::vector<double>> units_;          // (d, n)
  std::vector<std::vector<std::size_t>> inactive_;  // (d, trials where it is)
};

}  // namespace

SurrogateForest::SurrogateForest(std::span<const Dimension> dimensions,
                                 std::span<const RankedTrial> trials, std::size_t num_trees,
                                 Rng& rng)
    : features_(dimensions) {
  const std::vector<double> losses = finite_losses(trials);
  Design design(features_, dimensions, trials);
  std::vector<double> sums(losses.size(), 0.0), counts(losses.size(), 0.0);
  std::vector<double> x(features_.num_features());
  for (std::size_t b = 0; b < num_trees; ++b) {
    design.draw_chance(rng);
    const std::vector<double> weights = bootstrap(losses.size(), rng);
    GrownTree grown = grow_regression_tree(design.binned(), losses, weights, {}, rng);
    std::vector<double> value = leaf_means(grown, losses, weights);
    for (std::size_t i = 0; i < losses.size(); ++i) {
      if (weights[i] > 0.0) continue;
      design.copy_row(i, x);
      sums[i] += value[grown.tree.leaf(x)];
      counts[i] += 1.0;
    }
    trees_.push_back({std::move(grown.tree), std::move(value)});
  }
  judge(losses, sums, counts);
}

void SurrogateForest::judge(std::span<const double> losses, const std::vector<double>& sums,
                            const std::vector<double>& counts) {
  const double centre = mean(losses);
  double error = 0.0, total = 0.0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (counts[i] == 0.0) continue;
    error += std::pow(losses[i] - sums[i] / counts[i], 2.0);
    total += std::pow(losses[i] - centre, 2.0);
  }
  out_of_bag_r2_ = total > 0.0 ? 1.0 - error / total : std::nan("");
}

double SurrogateForest::predict(std::span<const double> x) const {
  double sum = 0.0;
  for (const RegressionTree& each : trees_) sum += each.value[each.tree.leaf(x)];
  return sum / static_cast<double>(trees_.size());
}

}  // namespace trimtab
