#pragma once

#include <string>
#include <vector>

#include "trimtab/science/surrogate_explanation/counterfactual.hpp"
#include "trimtab/science/surrogate_explanation/feature_ranking.hpp"

namespace trimtab::explanation {

/// Rows and what is to be explained about them.
struct Task {
  Eigen::MatrixXd x;                 ///< (n, p)
  Eigen::MatrixXd y;                 ///< (n, K)
  bool is_class = true;              ///< else K = 1, a number
  std::vector<bool> is_discrete;     ///< (p)
  std::vector<std::string> names;    ///< (p)
  std::vector<std::string> classes;  ///< (K), empty for a number
};

struct ExplanationOptions {
  std::size_t num_features = 10;         ///< k, what the surrogate may use
  std::size_t num_trees = 200;           ///< of the black box
  std::size_t num_surrogate_trees = 40;  ///< of the forest over the chosen features
  std::size_t num_permutations = 2;
  std::size_t num_folds = 5;       ///< n = leave one out
  std::size_t num_explained = 50;  ///< rows that get a counterfactual, evenly over the data
  SurrogateOptions surrogate = {};
};

/// What rows say that neither the black box nor the surrogate nor the choice of features saw.
/// Scores are macro-F1 for classes and R^2 for numbers; fidelity is the share of equal classes, or
/// R^2.
struct UnseenRows {
  double black_box_score = 0.0;
  double features_score = 0.0;     ///< of the best surrogate of the chosen features: a forest
  double rules_score = 0.0;        ///< of the tree
  double features_fidelity = 0.0;  ///< of that forest to the black box: do the features suffice?
  double rules_fidelity = 0.0;     ///< of the tree to the black box: do its rules?
  double stability = 0.0;  ///< mean Jaccard index of the chosen features over pairs of folds
};

/// One explanation: its parts come from all rows, its judgement from rows outside.
struct Explanation {
  UnseenRows unseen;
  std::vector<RankedFeature> ranking;           ///< all features
  std::vector<std::size_t> chosen;              ///< the first k that matter at all
  std::vector<Rule> rules;                      ///< largest support first
  std::vector<int> answers;                     ///< (n) of the black box
  Outcome outcome;                              ///< for a number: at most the median or above it
  std::vector<Eigen::Index> explained;          ///< rows with a counterfactual
  std::vector<Counterfactual> counterfactuals;  ///< one per explained row
  double valid_share = 0.0;                     ///< of the counterfactuals, on the black box
  double short_share = 0.0;     ///< of the counterfactuals: valid with at most k changes
  double rule_share = 0.0;      ///< of the counterfactuals: one rule sufficed
  double median_changes = 0.0;  ///< of the valid ones; NaN when there is none
};

/// The judgement alone: the whole way (black box, ranking, surrogate) once per fold, features
/// chosen inside it. @throws BugError for fewer than 2 folds or rows. Cost: folds times the way.
UnseenRows judge_on_unseen_rows(const Task& task, const ExplanationOptions& options,
                                const Rng& rng);

/// Everything, with a random forest as the black box.
/// Source: the way of "Interpreting black-box models for high-dimensional datasets": a model of all
///   features, the top k by probing and perturbation, an interpretable surrogate of them, rules,
///   counterfactuals.
/// Differs: the black box is a forest where the paper trains autoencoders with attention; fidelity
/// is
///   measured on rows that no step saw.
Explanation explain(const Task& task, const ExplanationOptions& options, const Rng& rng);

}  // namespace trimtab::explanation
