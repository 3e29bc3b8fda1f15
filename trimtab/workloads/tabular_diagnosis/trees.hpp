#pragma once

#include "trimtab/numerics/decision_tree.hpp"
#include "trimtab/workloads/tabular_diagnosis/model.hpp"

namespace trimtab::diagnosis {

struct SingleTreeOptions {
  int max_depth = 12;
  int min_leaf = 1;  ///< cases
  SplitCriterion criterion = SplitCriterion::Gini;
};

/// One classification tree; a leaf's class shares are the probabilities.
Model fit_tree(const TrainingSet& data, const SingleTreeOptions& options);

struct ForestOptions {
  int num_trees = 100;
  int num_candidates = 1;  ///< features looked at per split ("mtry")
  int max_depth = 20;
};

/// Averages the leaf shares of trees grown on bootstrap samples.
/// Source: Breiman 2001, "Random Forests", definition 1.1 and section 4.
/// Differs: probabilities are averaged instead of counting votes.
/// @param seed  tree t draws from Rng(seed, t, "forest"): more trees extend the same forest.
Model fit_forest(const TrainingSet& data, const ForestOptions& options, std::uint64_t seed);

struct BoostingOptions {
  double learning_rate = 0.1;
  int num_trees = 100;  ///< rounds; one tree per class and round when K > 2
  int max_depth = 3;
};

/// Gradient boosting of the multinomial (two classes: binomial) deviance.
/// Source: Friedman 2001, "Greedy function approximation", algorithms 5 and 6 (leaf values by one
///   Newton step, learning rate of section 5).
/// Differs: at most 64 bins per feature; no line search over a whole tree; a round is the last one
///   when every residual is below 1e-6.
Model fit_boosting(const TrainingSet& data, const BoostingOptions& options);

}  // namespace trimtab::diagnosis
