#pragma once

#include <vector>

#include "trimtab/science/surrogate_explanation/black_box.hpp"

namespace trimtab::explanation {

/// How much a black box leans on one feature.
struct RankedFeature {
  std::size_t feature = 0;
  double permutation = 0.0;  ///< rise of the mean squared error when the column is shuffled
  double sensitivity = 0.0;  ///< mean absolute change of the scores at the column's mean
  double mean_rank = 0.0;    ///< over both, 1 = first; ties share their ranks
};

/// All features, the one with the smallest mean rank first (Borda's count over both measures; equal
/// ones in the order of the columns).
/// Source: Breiman 2001, "Random Forests", section 10, and Fisher, Rudin and Dominici 2019
///   (permutation); Borda 1784; the two-step probing of black boxes over many features, section 37.
/// Differs: the error is that of the scores (the Brier score for classes), not macro-F1, which no
///   single column moves when there are thousands; no attention weights, so that any model can be
///   asked.
/// A permutation moves all columns by the same rows, which changes nothing as each column is looked
/// at alone.
/// @param num_permutations  >= 1. Cost: O(n permutations) calls of effects().
std::vector<RankedFeature> rank_features(const BlackBox& black_box, const Eigen::MatrixXd& x,
                                         const Eigen::MatrixXd& y, std::size_t num_permutations,
                                         Rng& rng);

/// Shared features over all features of two sets, in [0, 1]; 1 for two empty ones.
/// Source: Jaccard 1901.  Differs: none.
double jaccard(std::vector<std::size_t> a, std::vector<std::size_t> b);

}  // namespace trimtab::explanation
