#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/decision_tree.hpp"

namespace trimtab {

// Notation in this file
//   n, p, B   cases, features, trees
//   m_b, v_b  mean and variance of the targets in the leaf of tree b that holds a case

/// A random forest for regression that knows how sure it is.
///
/// Prediction: mean = average of m_b; variance = average of v_b + variance of the m_b (the law of
/// total variance).
/// Source: Breiman 2001, "Random Forests"; Hutter, Xu, Hoos and Leyton-Brown 2014, "Algorithm
///   runtime prediction", section 4.3.2 (variance, random thresholds).
/// Differs: none.
class RandomForest {
 public:
  struct Options {
    std::size_t num_trees = 16;
    TreeOptions tree = {};
  };
  struct Prediction {
    double mean = 0.0;
    double variance = 0.0;
  };

  /// Each tree from a bootstrap sample. @param x  (n, p)  @param y  (n). Cost: O(B p n log n).
  RandomForest(const Eigen::MatrixXd& x, std::span<const double> y, const Options& options,
               Rng& rng);

  /// @param x  (p). O(B depth).
  Prediction predict(std::span<const double> x) const;

 private:
  struct Leaf {
    double mean = 0.0;
    double variance = 0.0;
  };
  struct Tree {
    DecisionTree tree;
    std::vector<Leaf> leaves;
  };
  std::vector<Tree> trees_;
};

}  // namespace trimtab
