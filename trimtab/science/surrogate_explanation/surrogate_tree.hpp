#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "trimtab/science/surrogate_explanation/black_box.hpp"

namespace trimtab::explanation {

/// A question to one feature: low < x <= high.
struct Condition {
  std::size_t feature = 0;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  bool holds(double value) const { return value > low && value <= high; }
};

/// A path from the root to a leaf, one condition per feature.
struct Rule {
  std::vector<Condition> conditions;
  Eigen::RowVectorXd scores;  ///< (K) what the surrogate says: mean of the black box in the leaf
  double support = 0.0;       ///< share of the real rows that end here
  /// Of these rows: share to which the black box gives the leaf's class; for numbers, 1 less the
  /// leaf's share of the black box's variance (below 0 when the leaf is worse than the mean).
  double confidence = 0.0;

  bool holds(const Eigen::MatrixXd& x, Eigen::Index row) const;
};

struct SurrogateOptions {
  int max_depth = 5;
  double min_leaf = 0.01;              ///< share of all rows, drawn ones included
  std::size_t num_drawn = 1000;        ///< rows between real ones that the black box is asked about
  std::vector<bool> is_discrete = {};  ///< (p) features that know nothing between two values; empty
                                       ///< = none
};

/// What a black box says about real rows and about rows between them. Rows are few where features
/// are many, but a black box can be asked anything: drawn rows lie on the lines between two random
/// real ones, all features moving together, so that what is correlated stays so.
/// Source: Craven and Shavlik 1996, TREPAN (asking for more cases); Chawla et al. 2002 (cases
/// between
///   two cases).
/// Differs: drawn once, over the whole data, not per node.
struct AskedRows {
  /// @param x  (n, p), the real rows. Cost: n + drawn predictions.
  AskedRows(const BlackBox& black_box, const Eigen::MatrixXd& x, const SurrogateOptions& options,
            Rng& rng);

  Eigen::MatrixXd x;       ///< (n + drawn, p), the real rows first
  Eigen::MatrixXd scores;  ///< (n + drawn, K) of the black box
  Eigen::Index num_real;   ///< n
};

/// A small tree over the best features that repeats what a black box says; its paths are rules.
/// Source: Breiman et al. 1984 (the tree); Quinlan 1987 (paths as rules).  Differs: none.
class SurrogateTree {
 public:
  /// @param features  those that the tree may use. Cost: O(features rows log rows).
  SurrogateTree(const AskedRows& asked, bool is_class, const std::vector<std::size_t>& features,
                const SurrogateOptions& options, Rng& rng);

  /// (n, K). @param x  (n, p), all features.
  Eigen::MatrixXd predict(const Eigen::MatrixXd& x) const;
  /// One per leaf, from left to right; measured on the real rows.
  const std::vector<Rule>& rules() const { return rules_; }
  /// The rule of a row.
  std::size_t rule_of(const Eigen::MatrixXd& x, Eigen::Index row) const;

 private:
  std::vector<Rule> rules_;
};

}  // namespace trimtab::explanation
