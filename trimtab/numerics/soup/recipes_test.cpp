#include "trimtab/numerics/soup/recipes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

using ::testing::ElementsAre;

TEST(SoupRecipes, OfCopiesIsTheCopyBitByBit) {
  Rng rng(1);
  std::vector<float> weights;
  for (int i = 0; i < 1000; ++i) weights.push_back(static_cast<float>(rng.normal()));
  for (const std::size_t k : {1u, 3u, 7u, 72u}) {
    EXPECT_EQ(mean_weights(std::vector<std::vector<float>>(k, weights)), weights) << k;
  }
}

TEST(SoupRecipes, IsTheMeanAndRefusesOtherShapes) {
  const std::vector<std::vector<float>> pair = {{1.0F, 4.0F}, {2.0F, 8.0F}};
  EXPECT_THAT(mean_weights(pair), ElementsAre(1.5F, 6.0F));
  EXPECT_THROW(mean_weights(std::vector<std::vector<float>>{{1.0F}, {1.0F, 2.0F}}), BugError);
  EXPECT_THROW(mean_weights(std::vector<std::vector<float>>{}), BugError);
}

TEST(SoupRecipes, TriesTheBestFirstAndKeepsWhatHelps) {
  // Weights on a line, the optimum at 0: -0.4 and 0.5 make 0.05; a third -1 would make -0.3.
  const std::vector<double> weights = {0.5, 5.0, -1.0, -0.4};
  const auto score = [&](std::span<const std::size_t> ingredients) {
    double sum = 0.0;
    for (const std::size_t i : ingredients) sum += weights[i];
    return -std::abs(sum / static_cast<double>(ingredients.size()));
  };
  std::vector<double> scores;
  for (std::size_t i = 0; i < weights.size(); ++i) scores.push_back(score({&i, 1}));
  const GreedySoup soup = greedy_soup(scores, score);
  EXPECT_THAT(soup.ingredients, ElementsAre(3u, 0u));
  EXPECT_NEAR(soup.score, -0.05, 1e-12);
}

RC_GTEST_PROP(SoupRecipes, GreedyIsNeverBelowTheBestSingle, (std::uint64_t seed)) {
  Rng rng(seed);
  std::vector<double> scores;
  for (int i = 0; i < 12; ++i) scores.push_back(rng.normal());
  const GreedySoup soup =
      greedy_soup(scores, [&](std::span<const std::size_t>) { return 2.0 * rng.normal(); });
  RC_ASSERT(soup.score >= *std::max_element(scores.begin(), scores.end()));
}

}  // namespace
}  // namespace trimtab
