#pragma once

#include <Eigen/Core>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace trimtab::diagnosis {

// Notation in this file
//   n, K   cases, classes       label  true classes, (n), 0..K-1
//   With two classes "positive" is class 1 (the diseased).

/// What a model says about cases.
struct Prediction {
  Eigen::MatrixXd probability;  ///< (n, K), rows sum to 1
  std::vector<int> label;       ///< (n)
};

/// The chance that a random positive case scores higher than a random negative one, ties one half.
/// Source: Hanley and McNeil 1982 (the Mann-Whitney form).  Differs: none.
///   area_under_curve({0.1, 0.4, 0.35, 0.8}, {false, false, true, true}) = 0.75 [tested]
/// NaN when one of the two is absent. O(n log n).
double area_under_curve(std::span<const double> score, const std::vector<bool>& is_positive);

/// Every metric of a prediction; "positive" per class, averaged over the classes, when K > 2.
struct Scores {
  double auc = 0.0;                ///< one against the rest, averaged over the classes when K > 2
  double balanced_accuracy = 0.0;  ///< mean recall of the classes
  double sensitivity = 0.0;        ///< recall of the positive
  double specificity = 0.0;        ///< recall of the negative
  double log_loss = 0.0;           ///< nats per case, see below
};

/// @param floor  probabilities below are raised to it before the logarithm: a model that saw m
///   cases cannot know of chances below about 1 / (2 m), and one wrong certainty must not decide
///   the mean. In (0, 0.5).
/// Classes without a case are left out of the means; NaN when nothing is left.
Scores score(const Prediction& prediction, std::span<const int> label, double floor);

}  // namespace trimtab::diagnosis
