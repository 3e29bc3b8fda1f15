#include "trimtab/science/importance/fanova.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace trimtab {
namespace {

// What the leaves say about the mean of one tree over all dimensions but one.
struct Marginal {
  double bounded = 0.0;  // part of the tree's mean that comes from leaves that bound the dimension
  std::vector<std::pair<double, double>> steps;  // ordered: position, change of the marginal
  std::vector<double> of_choice;                 // one-hot: from bounding leaves, per choice
};

// Walks the leaves of a tree with the box of each.
class TreeVariance {
 public:
  TreeVariance(const FeatureMap& features, const RegressionTree& tree)
      : features_(features), tree_(tree), marginals_(features.num_dimensions() + 1) {
    for (std::size_t j = 0; j < marginals_.size(); ++j) {
      const FeatureBlock& block = features.block(j);
      low_.push_back(0.0);
      high_.push_back(block.is_one_hot ? static_cast<double>(block.count) : 1.0);
      is_excluded_.emplace_back(block.is_one_hot ? block.count : 0, false);
      if (block.is_one_hot) marginals_[j].of_choice.assign(block.count, 0.0);
    }
    visit(0);
  }

  double total() const { return square_ - mean_ * mean_; }

  double of_dimension(std::size_t j) {
    Marginal& marginal = marginals_[j];
    const double base = mean_ - marginal.bounded;
    double sum = 0.0;
    if (!marginal.of_choice.empty()) {
      for (const double value : marginal.of_choice) sum += std::pow(base + value - mean_, 2.0);
      return sum / static_cast<double>(marginal.of_choice.size());
    }
    std::sort(marginal.steps.begin(), marginal.steps.end());
    double value = base, position = 0.0;
    for (const auto& [next, change] : marginal.steps) {
      sum += (next - position) * std::pow(value - mean_, 2.0);
      value += change;
      position = next;
    }
    return sum + (1.0 - position) * std::pow(value - mean_, 2.0);
  }

 private:
  // low_, high_: of an ordered dimension its interval; of a one-hot one high_ counts choices.
  double fraction(std::size_t j) const {
    const FeatureBlock& block = features_.block(j);
    return block.is_one_hot ? high_[j] / static_cast<double>(block.count) : high_[j] - low_[j];
  }

  void visit(std::size_t index) {
    const DecisionTree::Node& node = tree_.tree.nodes()[index];
    if (node.feature < 0) return add_leaf(tree_.value[static_cast<std::size_t>(node.left)]);
    const auto feature = static_cast<std::size_t>(node.feature);
    const std::size_t j = features_.owner(feature);
    const auto left = static_cast<std::size_t>(node.left);
    const auto right = static_cast<std::size_t>(node.right);
    if (features_.block(j).is_one_hot) {
      split_choices(j, feature - features_.block(j).first, left, right);
    } else {
      const double low = low_[j], high = high_[j];
      high_[j] = std::clamp(node.threshold, low, high);
      visit(left);
      low_[j] = high_[j];
      high_[j] = high;
      visit(right);
      low_[j] = low;
    }
  }

  void split_choices(std::size_t j, std::size_t choice, std::size_t without, std::size_t with) {
    const std::vector<bool> before = is_excluded_[j];
    const double count = high_[j];
    if (!before[choice]) {
      is_excluded_[j][choice] = true;
      high_[j] = count - 1.0;
    }
    visit(without);
    is_excluded_[j].assign(before.size(), true);
    is_excluded_[j][choice] = before[choice];
    high_[j] = before[choice] ? 0.0 : 1.0;
    visit(with);
    is_excluded_[j] = before;
    high_[j] = count;
  }

  void add_leaf(double value) {
    double volume = 1.0;
    for (std::size_t j = 0; j < low_.size(); ++j) volume *= fraction(j);
    if (volume <= 0.0) return;
    mean_ += volume * value;
    square_ += volume * value * value;
    for (std::size_t j = 0; j < low_.size(); ++j) {
      const double part = fraction(j);
      if (part >= 1.0) continue;
      Marginal& marginal = marginals_[j];
      const double height = volume * value / part;
      marginal.bounded += volume * value;
      if (marginal.of_choice.empty()) {
        marginal.steps.emplace_back(low_[j], height);
        marginal.steps.emplace_back(high_[j], -height);
      }
      for (std::size_t k = 0; k < marginal.of_choice.size(); ++k) {
        if (!is_excluded_[j][k]) marginal.of_choice[k] += height;
      }
    }
  }

  const FeatureMap& features_;
  const RegressionTree& tree_;
  std::vector<double> low_, high_;              // (d + 1)
  std::vector<std::vector<bool>> is_excluded_;  // one-hot dimensions: (choices)
  std::vector<Marginal> marginals_;             // (d + 1)
  double mean_ = 0.0, square_ = 0.0;
};

}  // namespace

VarianceShares variance_shares(const SurrogateForest& forest) {
  const std::size_t d = forest.features().num_dimensions();
  VarianceShares shares = {.main = std::vector<double>(d, 0.0)};
  double num_trees = 0.0;
  for (const RegressionTree& tree : forest.trees()) {
    TreeVariance variance(forest.features(), tree);
    const double total = variance.total();
    if (!(total > 0.0)) continue;
    num_trees += 1.0;
    for (std::size_t j = 0; j < d; ++j) shares.main[j] += variance.of_dimension(j) / total;
    shares.chance = std::max(shares.chance, variance.of_dimension(d) / total);
  }
  double sum = 0.0;
  for (double& share : shares.main) {
    share = num_trees > 0.0 ? std::clamp(share / num_trees, 0.0, 1.0) : 0.0;
    sum += share;
  }
  shares.interactions = num_trees > 0.0 ? std::max(0.0, 1.0 - sum) : 0.0;
  return shares;
}

}  // namespace trimtab
