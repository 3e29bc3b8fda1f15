#pragma once

#include <cstdint>
#include <vector>

#include "trimtab/science/importance/surrogate_forest.hpp"

namespace trimtab {

// Notation in this file
//   f      a forest's prediction over the uniform distribution on the unit cube, variance V
//   S_j    V[E(f | u_j)] / V: what dimension j explains alone
//   T_j    1 - V[E(f | all but u_j)] / V: what it explains together with any others, >= S_j

/// Sobol indices of one dimension.
struct SobolIndex {
  double first = 0.0;  ///< S_j
  double total = 0.0;  ///< T_j
};

/// First and total indices of every dimension, from two halves A and B of a scrambled Sobol
/// sequence: S_j = 1 - E(f(B) - f(A with B's u_j))^2 / 2V, T_j = E(f(A) - f(A with B's u_j))^2 /
/// 2V. Source: Jansen 1999, "Analysis of variance designs for model output"; Saltelli et al. 2010,
///   table 2 (b), (f).
/// Differs: clipped to [0, 1].
/// @param num_points  points of A, a power of two. @param seed  of the scramble.
/// Cost: O(num_points d B depth).
std::vector<SobolIndex> sobol_indices(const SurrogateForest& forest, std::uint32_t num_points,
                                      std::uint64_t seed);

}  // namespace trimtab
