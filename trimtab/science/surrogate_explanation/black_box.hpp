#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/decision_tree.hpp"

namespace trimtab::explanation {

// Notation in this folder
//   n, p    rows, features             x   (n, p) features, finite
//   K       scores per row: one per class (probabilities), or 1 for a number
//   y       (n, K) the truth in the same form: 1 for the row's class and 0 elsewhere, or the number

/// What can be explained: a function from rows to scores.
class BlackBox {
 public:
  virtual ~BlackBox() = default;

  /// (n, K) scores of rows. @param x  (n, p).
  virtual Eigen::MatrixXd predict(const Eigen::MatrixXd& x) const = 0;

  /// (p, K) what each feature alone changes: row j is f(row with feature j of `other`) - f(row).
  /// Default: p predictions. @param row, other  (p).
  virtual Eigen::MatrixXd effects(const Eigen::RowVectorXd& row,
                                  const Eigen::RowVectorXd& other) const;

  /// Whether the scores can depend on the feature at all; true when in doubt.
  virtual bool uses(std::size_t feature) const;
};

/// A random forest over all features, the black box of a study or a table that brings none.
/// Source: Breiman 2001, "Random Forests" (classes: leaf shares are averaged).
/// Differs: features are cut into at most 256 bins; leaves of numbers hold 5 rows at least.
class ForestBlackBox : public BlackBox {
 public:
  struct Options {
    std::size_t num_trees = 200;
    TreeOptions tree = {};  ///< num_candidates = 0: sqrt(p) for classes, p / 3 for numbers
  };

  /// @param is_class  y has one column per class; else one column, a number.
  /// Cost: O(trees candidates n log n).
  ForestBlackBox(const Eigen::MatrixXd& x, const Eigen::MatrixXd& y, bool is_class,
                 const Options& options, Rng& rng);

  Eigen::MatrixXd predict(const Eigen::MatrixXd& x) const override;
  /// O(trees depth^2): only the features on a tree's path matter to it.
  Eigen::MatrixXd effects(const Eigen::RowVectorXd& row,
                          const Eigen::RowVectorXd& other) const override;
  bool uses(std::size_t feature) const override { return is_used_[feature]; }

 private:
  struct Tree {
    DecisionTree tree;
    Eigen::MatrixXd values;  // (leaves, K)
  };
  std::vector<Tree> trees_;
  std::vector<bool> is_used_;  // (p) some tree splits on the feature
  Eigen::Index num_scores_;
};

/// The class of each row, the largest score (the first on ties). @param scores  (n, K), K >= 2.
std::vector<int> labels_of(const Eigen::MatrixXd& scores);

/// Mean of the classes' F1, classes without rows and predictions left out.
/// Source: van Rijsbergen 1979.  Differs: none.
///   macro_f1({0, 0, 1, 1}, {0, 1, 1, 1}, 2) = (2/3 + 4/5) / 2  [tested]
double macro_f1(std::span<const int> truth, std::span<const int> predicted, int num_classes);

/// Share of the variance of the truth that predictions explain; NaN when it does not vary.
double r_squared(const Eigen::VectorXd& truth, const Eigen::VectorXd& predicted);

}  // namespace trimtab::explanation
