#pragma once

#include <array>
#include <vector>

#include "trimtab/workloads/value_dynamics/network.hpp"

namespace trimtab::values {

inline constexpr std::size_t kNumValues = 5;

/// One person's scores on five values (the higher-order values of Schwartz 1992 are four; the
/// study's table has five columns), each in [0, 1].
using Scores = std::array<double, kNumValues>;

struct Dynamics {
  double epsilon = 0.3;  ///< confidence bound: largest distance (Euclidean) that still convinces
  double mu = 0.3;       ///< rate of convergence, 0..1
  int steps = 5;         ///< T, >= 0
  double stubbornness = 0.0;  ///< s, 0..1: pull back to the first scores
};

/// The scores after T steps of bounded confidence. Everybody moves at once:
///   x_i(t+1) = (1 - s) [x_i + mu sum_j w_ij (x_j - x_i) / sum_j w_ij] + s x_i(0),
/// both sums over friends j with |x_j - x_i| <= epsilon; without such a friend the bracket is x_i.
///   [tested] two friends at 0 and 0.2, epsilon 0.5, mu 0.25, one step: 0.05 and 0.15.
///
/// Source: Deffuant et al. 2000 (bound and rate); Hegselmann and Krause 2002 (all friends at once);
///   Friedkin and Johnsen 1990 (stubbornness).
/// Differs: friends weigh by their interactions, in several dimensions the distance is Euclidean.
/// Cost: O(T (n + ties)). @param first  (n).
std::vector<Scores> simulate(const Network& network, const std::vector<Scores>& first,
                             const Dynamics& dynamics);

/// The share of the weight of i's ties that goes to friends within the bound.
double within_bound_share(const Network& network, const std::vector<Scores>& scores, std::size_t i,
                          double epsilon);

}  // namespace trimtab::values
