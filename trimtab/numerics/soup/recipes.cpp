#include "trimtab/numerics/soup/recipes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const char* where, const std::string& expected) {
  throw BugError({.code = "model_soup.arguments",
                  .what = "a soup was asked of unsuitable ingredients",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

}  // namespace

std::vector<std::size_t> by_score(std::span<const double> scores) {
  for (const double score : scores) {
    if (std::isnan(score)) refuse("by_score", "scores that are numbers");
  }
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

std::vector<float> mean_weights(std::span<const std::vector<float>> ingredients) {
  if (ingredients.empty()) refuse("mean_weights", "at least one ingredient");
  std::vector<double> sums(ingredients.front().size());
  for (const std::vector<float>& weights : ingredients) {
    if (weights.size() != sums.size()) refuse("mean_weights", "ingredients of equal length");
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(weights[i]);
  }
  std::vector<float> result(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    result[i] = static_cast<float>(sums[i] / static_cast<double>(ingredients.size()));
  }
  return result;
}

GreedySoup greedy_soup(std::span<const double> scores, const SoupScore& score) {
  if (scores.empty()) refuse("greedy_soup", "at least one ingredient");
  const std::vector<std::size_t> order = by_score(scores);
  GreedySoup soup = {{order.front()}, scores[order.front()]};
  for (std::size_t i = 1; i < order.size(); ++i) {
    soup.ingredients.push_back(order[i]);
    const double with = score(soup.ingredients);
    if (with > soup.score) {
      soup.score = with;
    } else {
      soup.ingredients.pop_back();
    }
  }
  return soup;
}

}  // namespace trimtab
