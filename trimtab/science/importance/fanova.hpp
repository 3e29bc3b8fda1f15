#pragma once

#include <vector>

#include "trimtab/science/importance/surrogate_forest.hpp"

namespace trimtab {

/// How a forest's variance over the whole space divides.
struct VarianceShares {
  std::vector<double>
      main;             ///< (d) share of each dimension alone, in [0, 1]; they sum to at most 1
  double chance = 0.0;  ///< largest share that a shadow got, over the trees
  double interactions = 0.0;  ///< what no dimension alone explains
};

/// Functional analysis of variance: V_j / V per tree, averaged over the trees, where V is the
/// tree's variance under the uniform distribution over the unit cube, and V_j that of its mean over
/// all dimensions but j. Exact for each tree: a tree is constant on boxes.
///
/// Being an average over the whole space, it does not depend on where a sampler looked, but for
/// what the forest could learn there.
/// Source: Hutter, Hoos and Leyton-Brown 2014, algorithm 2 (unary marginals).
/// Differs: categories are averaged over choices, not over the box of their indicator features;
///   pairs are not computed, only their sum with all higher terms.
/// Cost: O(B leaves (d + c log leaves)), c = dimensions that a leaf bounds.
VarianceShares variance_shares(const SurrogateForest& forest);

}  // namespace trimtab
