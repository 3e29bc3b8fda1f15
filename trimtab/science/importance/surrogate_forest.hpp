#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/decision_tree.hpp"
#include "trimtab/science/importance/ranked_trial.hpp"
#include "trimtab/space/dimension.hpp"
#include "trimtab/space/unit_features.hpp"

namespace trimtab {

// Notation in this file
//   n, d    trials, dimensions          p  features          B  trees
//   u (d)   a point in the unit cube, by Dimension::to_unit
//   x (p)   its features (space/unit_features.hpp), and last one without meaning, the shadow

/// The features of the dimensions of a space, and of the shadow behind them.
class FeatureMap {
 public:
  explicit FeatureMap(std::span<const Dimension> dimensions) : unit_(dimensions) {
    shadow_.first = unit_.num_features();
  }

  std::size_t num_dimensions() const { return unit_.num_dimensions(); }
  std::size_t num_features() const { return unit_.num_features() + 1; }
  /// @param dimension  0..d-1, or d for the shadow.
  const FeatureBlock& block(std::size_t dimension) const {
    return dimension < num_dimensions() ? unit_.block(dimension) : shadow_;
  }
  /// The dimension that a feature belongs to; d for the shadow.
  std::size_t owner(std::size_t feature) const {
    return feature < shadow_.first ? unit_.owner(feature) : num_dimensions();
  }
  /// @param x  (p), the row of features. Writes those of one dimension. O(choices).
  void write(std::size_t dimension, double u, std::span<double> x) const {
    if (dimension == num_dimensions()) {
      x[shadow_.first] = u;
    } else {
      unit_.write(dimension, u, x);
    }
  }

 private:
  UnitFeatures unit_;
  FeatureBlock shadow_;
};

/// A tree with the mean loss of each of its leaves.
struct RegressionTree {
  DecisionTree tree;
  std::vector<double> value;  ///< (leaves)
};

/// A random forest that predicts the loss of a point: what a study knows of its objective, as a
/// function that can be asked anything.
///
/// Source: Breiman 2001, "Random Forests"; as a model of hyperparameters Hutter, Hoos and
///   Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance", section 2.
/// Differs: every split looks at all features (bagged trees); categories are one feature per
///   choice; coordinates of inactive dimensions are drawn afresh for every tree, so that they say
///   nothing; each tree sees a shadow, the values of a dimension shuffled among trials of about the
///   same time, which shows what a parameter without effect would get. Infinite losses become the
///   largest (smallest) finite one.
class SurrogateForest {
 public:
  /// @param trials  at least 2, in the order in which they were proposed.  Cost: O(B p n log n).
  SurrogateForest(std::span<const Dimension> dimensions, std::span<const RankedTrial> trials,
                  std::size_t num_trees, Rng& rng);

  const FeatureMap& features() const { return features_; }
  std::span<const RegressionTree> trees() const { return trees_; }
  /// Predicted loss. @param x  (p). O(B depth).
  double predict(std::span<const double> x) const;
  /// Share of the losses' variance that trees explain of trials that they did not see; at most 1,
  /// below 0 when the mean would do better; NaN when all losses are equal.
  double out_of_bag_r2() const { return out_of_bag_r2_; }

 private:
  void judge(std::span<const double> losses, const std::vector<double>& sums,
             const std::vector<double>& counts);

  FeatureMap features_;
  std::vector<RegressionTree> trees_;
  double out_of_bag_r2_ = 0.0;
};

}  // namespace trimtab
