#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/science/importance/surrogate_forest.hpp"

namespace trimtab {

// Notation in this file
//   x       a trial to be explained      z    a random point of the unit cube, the comparison
//   phi_j   Shapley value of dimension j: how far its value moves the prediction from the mean over
//           the space to that at x, averaged over all orders in which dimensions can be set

/// Mean absolute Shapley values over trials: (d), in the unit of the loss. Each of `num_orders`
/// walks goes from a fresh z to x and sets dimensions in random order; the change at each step is a
/// sample of phi_j, unbiased.
/// Source: Strumbelj and Kononenko 2014, "Explaining prediction models and individual predictions
///   with feature contributions", algorithm 1; mean |phi| as importance: Lundberg and Lee 2017.
/// Differs: z is uniform over the space, not a trial, because trials lie where the sampler went;
///   inactive dimensions of x stay as in z and get 0.
/// @param units  (m, d), NaN where inactive.   Cost: O(m num_orders d B depth).
std::vector<double> shapley_values(const SurrogateForest& forest,
                                   std::span<const std::vector<double>> units,
                                   std::size_t num_orders, Rng& rng);

}  // namespace trimtab
