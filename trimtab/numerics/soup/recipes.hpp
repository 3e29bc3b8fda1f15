#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace trimtab {

// Notation in this folder
//   ingredient   one of the models of a sweep, fine-tuned from one start
//   soup         a model whose weights are the mean of some ingredients' weights
//   score        on held-out validation, maximised

/// Indices by score, best first; of equal ones the earlier. @throws BugError for NaN. O(n log n).
std::vector<std::size_t> by_score(std::span<const double> scores);

/// The mean of the ingredients' weights, summed in double: k copies give the copy, bit by bit.
/// [tested]
/// @param ingredients  at least one, of equal length, finite. @throws BugError otherwise. O(k n).
std::vector<float> mean_weights(std::span<const std::vector<float>> ingredients);

/// The validation score of a soup of these ingredients (indices, in the order of their addition).
using SoupScore = std::function<double(std::span<const std::size_t> ingredients)>;

struct GreedySoup {
  std::vector<std::size_t> ingredients;  ///< kept, best single first
  double score = 0.0;                    ///< never below the best single's [tested]
};

/// Tries the ingredients best first, and keeps one when the soup's score becomes strictly better.
/// Source: Wortsman et al. 2022, "Model soups", recipe 1, with the strict inequality of its code.
/// Differs: none.
/// @param scores  of the single ingredients, at least one. n calls of `score` less one.
GreedySoup greedy_soup(std::span<const double> scores, const SoupScore& score);

}  // namespace trimtab
