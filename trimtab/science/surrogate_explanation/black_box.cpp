#include "trimtab/science/surrogate_explanation/black_box.hpp"

#include <algorithm>
#include <cmath>

namespace trimtab::explanation {
namespace {

constexpr std::size_t kMaxBins = 256;
constexpr double kMinLeafOfNumbers = 5.0;

std::size_t default_candidates(std::size_t num_features, bool is_class) {
  const auto p = static_cast<double>(num_features);
  return static_cast<std::size_t>(std::max(1.0, is_class ? std::sqrt(p) : p / 3.0));
}

// Mean of y over the drawn rows of each leaf.
Eigen::MatrixXd leaf_means(const GrownTree& grown, const Eigen::MatrixXd& y,
                           std::span<const double> weights) {
  const auto num_leaves = static_cast<Eigen::Index>(grown.tree.num_leaves());
  Eigen::MatrixXd values = Eigen::MatrixXd::Zero(num_leaves, y.cols());
  Eigen::VectorXd totals = Eigen::VectorXd::Zero(num_leaves);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (grown.leaf_of_row[i] < 0) continue;
    values.row(grown.leaf_of_row[i]) += weights[i] * y.row(static_cast<Eigen::Index>(i));
    totals(grown.leaf_of_row[i]) += weights[i];
  }
  return totals.cwiseInverse().asDiagonal() * values;
}

// The leaf below a node when one feature has another value.
std::int32_t leaf_if(std::span<const DecisionTree::Node> nodes, const DecisionTree::Node* node,
                     const Eigen::RowVectorXd& row, std::int32_t feature, double value) {
  while (node->feature >= 0) {
    const double here = node->feature == feature ? value : row(node->feature);
    node = &nodes[static_cast<std::size_t>(here <= node->threshold ? node->left : node->right)];
  }
  return node->left;
}

}  // namespace

Eigen::MatrixXd BlackBox::effects(const Eigen::RowVectorXd& row,
                                  const Eigen::RowVectorXd& other) const {
  Eigen::MatrixXd changed = row.replicate(row.size() + 1, 1);
  for (Eigen::Index j = 0; j < row.size(); ++j) changed(j, j) = other(j);
  const Eigen::MatrixXd scores = predict(changed);
  return scores.topRows(row.size()).rowwise() - scores.row(row.size());
}

bool BlackBox::uses(std::size_t) const { return true; }

ForestBlackBox::ForestBlackBox(const Eigen::MatrixXd& x, const Eigen::MatrixXd& y, bool is_class,
                               const Options& options, Rng& rng)
    : is_used_(static_cast<std::size_t>(x.cols()), false), num_scores_(y.cols()) {
  const BinnedFeatures binned(x, kMaxBins);
  TreeOptions tree = options.tree;
  if (tree.num_candidates == 0) tree.num_candidates = default_candidates(is_used_.size(), is_class);
  if (!is_class) tree.min_leaf = std::max(tree.min_leaf, kMinLeafOfNumbers);
  const auto n = static_cast<std::size_t>(x.rows());
  const std::vector<int> label = is_class ? labels_of(y) : std::vector<int>{};
  std::vector<double> weights(n);
  for (std::size_t b = 0; b < options.num_trees; ++b) {
    std::fill(weights.begin(), weights.end(), 0.0);
    for (std::size_t i = 0; i < n; ++i) weights[rng.below(n)] += 1.0;
    GrownTree grown =
        is_class ? grow_classification_tree(binned, label, static_cast<std::size_t>(y.cols()),
                                            weights, SplitCriterion::Gini, tree, rng)
                 : grow_regression_tree(binned, {y.data(), n}, weights, tree, rng);
    for (const DecisionTree::Node& node : grown.tree.nodes()) {
      if (node.feature >= 0) is_used_[static_cast<std::size_t>(node.feature)] = true;
    }
    Eigen::MatrixXd values = leaf_means(grown, y, weights);
    trees_.push_back({std::move(grown.tree), std::move(values)});
  }
}

Eigen::MatrixXd ForestBlackBox::predict(const Eigen::MatrixXd& x) const {
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(x.rows(), num_scores_);
  for (const Tree& each : trees_) {
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      sums.row(i) += each.values.row(static_cast<Eigen::Index>(each.tree.leaf(x, i)));
    }
  }
  return sums / static_cast<double>(trees_.size());
}

Eigen::MatrixXd ForestBlackBox::effects(const Eigen::RowVectorXd& row,
                                        const Eigen::RowVectorXd& other) const {
  Eigen::MatrixXd steps = Eigen::MatrixXd::Zero(row.size(), num_scores_);
  std::vector<std::int32_t> seen;
  for (const Tree& each : trees_) {
    const std::span<const DecisionTree::Node> nodes = each.tree.nodes();
    const auto leaf = static_cast<std::int32_t>(each.tree.leaf({row.data(), is_used_.size()}));
    seen.clear();
    for (const DecisionTree::Node* node = nodes.data(); node->feature >= 0;) {
      const std::int32_t feature = node->feature;
      if (std::ranges::find(seen, feature) == seen.end()) {
        seen.push_back(feature);
        const std::int32_t changed = leaf_if(nodes, node, row, feature, other(feature));
        if (changed != leaf) steps.row(feature) += each.values.row(changed) - each.values.row(leaf);
      }
      const bool is_left = row(feature) <= node->threshold;
      node = &nodes[static_cast<std::size_t>(is_left ? node->left : node->right)];
    }
  }
  return steps / static_cast<double>(trees_.size());
}

std::vector<int> labels_of(const Eigen::MatrixXd& scores) {
  std::vector<int> labels;
  for (Eigen::Index i = 0; i < scores.rows(); ++i) {
    Eigen::Index best = 0;
    scores.row(i).maxCoeff(&best);
    labels.push_back(static_cast<int>(best));
  }
  return labels;
}

double macro_f1(std::span<const int> truth, std::span<const int> predicted, int num_classes) {
  double sum = 0.0;
  int num_seen = 0;
  for (int k = 0; k < num_classes; ++k) {
    double both = 0.0, either = 0.0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      both += truth[i] == k && predicted[i] == k ? 1.0 : 0.0;
      either += (truth[i] == k ? 1.0 : 0.0) + (predicted[i] == k ? 1.0 : 0.0);
    }
    if (either == 0.0) continue;
    sum += 2.0 * both / either;
    ++num_seen;
  }
  return num_seen == 0 ? std::nan("") : sum / num_seen;
}

double r_squared(const Eigen::VectorXd& truth, const Eigen::VectorXd& predicted) {
  const double total = (truth.array() - truth.mean()).matrix().squaredNorm();
  return total > 0.0 ? 1.0 - (truth - predicted).squaredNorm() / total : std::nan("");
}

}  // namespace trimtab::explanation
