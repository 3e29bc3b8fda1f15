#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab {

// Notation in this file
//   x        features, (n, p): one row per case, one column per feature; finite
//   w        weight of a case, (n); 0 = left out
//   codes    features as ranks of their distinct values (or of quantile bins), (n, p)
//   K        number of classes

/// Features prepared for growing many trees: every value is replaced by the number of its bin.
/// With at least as many bins as distinct values the trees are exact.
class BinnedFeatures {
 public:
  /// @param max_bins  2..65536; a feature with more distinct values is cut into equally filled
  /// bins. Cost: O(p n log n).
  explicit BinnedFeatures(const Eigen::MatrixXd& x, std::size_t max_bins = 65536);

  /// Replaces the values of one feature. @param column  (n). O(n log n).
  void set_feature(std::size_t feature, std::span<const double> column);

  std::size_t num_rows() const { return num_rows_; }
  std::size_t num_features() const { return features_.size(); }
  std::size_t num_bins(std::size_t feature) const { return features_[feature].low.size(); }
  /// (n) bins of a feature.
  std::span<const std::uint16_t> codes(std::size_t feature) const {
    return features_[feature].codes;
  }
  /// Between the largest value of bin `left` and the smallest of bin `right`.
  /// @param share  of the way, in [0, 1).
  double threshold(std::size_t feature, std::size_t left, std::size_t right,
                   double share = 0.5) const;

 private:
  struct Feature {
    std::vector<std::uint16_t> codes;
    std::vector<double> low, high;  // smallest and largest value of each bin
  };
  std::size_t num_rows_;
  std::size_t max_bins_;
  std::vector<Feature> features_;
};

enum class SplitCriterion : std::uint8_t { Gini, Entropy };

struct TreeOptions {
  int max_depth = 64;              ///< splits above a leaf, >= 0
  double min_leaf = 1.0;           ///< smallest total weight of a leaf, > 0
  std::size_t num_candidates = 0;  ///< features looked at per split; 0 = all
  bool has_random_thresholds =
      false;  ///< uniform between the cases that a split parts, else middle
};

/// A binary tree of thresholds: x[feature] <= threshold goes left.
class DecisionTree {
 public:
  struct Node {
    std::int32_t feature = -1;  ///< -1 = a leaf
    double threshold = 0.0;
    std::int32_t left = 0;  ///< a leaf: its number, 0..num_leaves-1
    std::int32_t right = 0;
  };

  explicit DecisionTree(std::vector<Node> nodes, std::size_t num_leaves)
      : nodes_(std::move(nodes)), num_leaves_(num_leaves) {}

  /// The leaf of row `row` of x. O(depth).
  std::size_t leaf(const Eigen::MatrixXd& x, Eigen::Index row) const;
  /// The same for one case. @param x  (p).
  std::size_t leaf(std::span<const double> x) const;
  std::size_t num_leaves() const { return num_leaves_; }
  std::span<const Node> nodes() const { return nodes_; }

 private:
  std::vector<Node> nodes_;
  std::size_t num_leaves_;
};

/// A tree and where the cases that grew it ended.
struct GrownTree {
  DecisionTree tree;
  std::vector<std::int32_t> leaf_of_row;  ///< (n); -1 for cases of weight 0
};

/// Grows a classification tree: each split lowers the impurity most, until a node is pure, too
/// deep or too light.
/// Source: Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees",
///   chapters 2 and 4; random candidates: Breiman 2001, "Random Forests", section 4.
/// Differs: no pruning; a pure-chance split (no gain) of an impure node is allowed, as the next
///   level may gain; ties go to the first feature looked at. Features that are constant in a node
///   do not count as candidates.
/// @param label  (n), 0..K-1. @param rng  used only when options.num_candidates < p.
/// Cost: O(p (n + bins)) per level for large nodes, O(p m log m) for small ones of m rows.
GrownTree grow_classification_tree(const BinnedFeatures& x, std::span<const int> label,
                                   std::size_t num_classes, std::span<const double> w,
                                   SplitCriterion criterion, const TreeOptions& options, Rng& rng);

/// The same for least squares: each split lowers sum w (y - mean)^2 most.
/// @param y  targets, (n).
GrownTree grow_regression_tree(const BinnedFeatures& x, std::span<const double> y,
                               std::span<const double> w, const TreeOptions& options, Rng& rng);

}  // namespace trimtab
