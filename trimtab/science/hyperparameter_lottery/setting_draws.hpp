#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace trimtab {

// Notation in this folder
//   k      algorithms                 n_a   settings of algorithm a
//   D      distinct losses, ascending: the best first
//   m      settings that somebody tries per algorithm before keeping the best
//   draw   one setting of each algorithm, uniformly and independently

/// The loss of a setting drawn at random, for each algorithm: (k) lists of D chances that sum to 1.
using DrawChances = std::vector<std::vector<double>>;

/// Settings by the place of their loss among the distinct losses of all algorithms.
struct PlacedSettings {
  std::vector<double> losses;                    ///< (D) ascending
  std::vector<std::vector<std::size_t>> places;  ///< (k)(n_a), indices into losses
};

/// @param losses  (k)(n_a), no NaN. O(n log n) of all.
PlacedSettings place_settings(std::span<const std::vector<double>> losses);

/// The best of m settings drawn without replacement; m = 1 is any setting.
///   place 0 of {0, 1, 1} at m = 2 has the chance 2/3  [tested]
/// @param places  (k)(n_a) with 1 <= m <= n_a. @throws BugError otherwise. O(k D).
DrawChances draw_chances(std::span<const std::vector<std::size_t>> places, std::size_t num_distinct,
                         std::size_t m = 1);

/// The chance that the first's draw is better than the second's, ties half: Mann and Whitney's
/// U / (n m). O(D).
double beat_chance(std::span<const double> first, std::span<const double> second);

/// (k) The chance of each algorithm to have the best draw; j that tie share the win evenly. Exact.
///   losses {1}, {1}, {0, 2}: 1/4, 1/4, 1/2  [tested]
/// They sum to 1. O(k^3 D).
std::vector<double> win_chances(const DrawChances& chances);

/// The chance that the draws come out in this order, best first; ties fall either way. Exact.
///   losses {0, 2}, {1}, order {0, 1}: 1/2; {1}, {1}, {1}: 1/6 for each order  [tested]
/// Over all k! orders it sums to 1. @param order  a permutation of 0..k-1. O(k^2 D).
double order_chance(const DrawChances& chances, std::span<const std::size_t> order);

}  // namespace trimtab
