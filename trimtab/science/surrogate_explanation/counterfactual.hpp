#pragma once

#include <vector>

#include "trimtab/science/surrogate_explanation/surrogate_tree.hpp"

namespace trimtab::explanation {

/// One feature's new value.
struct Change {
  std::size_t feature = 0;
  double from = 0.0;
  double to = 0.0;
};

/// What would have to be different for another answer.
struct Counterfactual {
  std::vector<Change> changes;
  bool is_valid = false;  ///< the black box itself gives the other answer after the changes
  bool is_rule = false;   ///< the conditions of one rule sufficed; else further features followed
};

/// Which answer a row of scores is: a class, or whether a number is at most a level.
struct Outcome {
  bool is_class = true;
  double level = 0.0;  ///< for numbers

  int of(const Eigen::RowVectorXd& scores) const;
};

/// The smallest number of changes that takes a row into a rule with another answer and that the
/// black box confirms. A change goes to the median of the real rows of that answer inside the
/// rule's bounds. When no rule suffices, a real row of another answer lends its values: the nearest
/// one, the features of the shortest rule first, then those of `order`, as few as are needed.
/// Source: Wachter, Mittelstadt and Russell 2018 (the notion).
/// Differs: found on the surrogate's leaves, checked on the black box.
/// @param x  (n, p) real rows. @param answers  (n) those of the black box. @param row  of x.
/// @param order  the features that may change, the most important first. Not valid, and without
///   changes, when all of them together do not suffice.
/// Cost: O(rules + K log(order)) predictions of one row, O(K n order).
Counterfactual find_counterfactual(const BlackBox& black_box, const SurrogateTree& surrogate,
                                   const Eigen::MatrixXd& x, const std::vector<int>& answers,
                                   Eigen::Index row, const std::vector<std::size_t>& order,
                                   const Outcome& outcome);

}  // namespace trimtab::explanation
