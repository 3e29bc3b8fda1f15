#include "trimtab/samplers/de/de.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "trimtab/core/testing/sampler_search.hpp"

namespace trimtab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using sampler_testing::best_of;
using sampler_testing::cube;
using sampler_testing::sphere;
using sampler_testing::tell;

De make(const Space& space, std::int64_t budget, std::uint64_t seed = 0,
        const Json& options = Json::object()) {
  return De(space, OptionValues(De::info(), options, "sampler"),
            SamplerSetting{.num_objectives = 1, .budget_trials = budget, .seed = seed});
}

TEST(DeMemory, AveragesWhatImprovedByWeightedLehmerMeans) {
  de::SuccessMemory memory(2);
  memory.add({.f = 0.4, .cr = 0.2}, 1.0);
  memory.add({.f = 0.8, .cr = 1.0}, 3.0);
  memory.finish_generation();
  // (0.25 0.16 + 0.75 0.64) / (0.25 0.4 + 0.75 0.8) and (0.25 0.04 + 0.75) / (0.25 0.2 + 0.75)
  EXPECT_NEAR(memory.f(0), 0.52 / 0.7, 1e-15);
  EXPECT_NEAR(memory.cr(0), 0.76 / 0.8, 1e-15);
  EXPECT_EQ(memory.f(1), 0.5);
  memory.finish_generation();  // nothing improved: nothing changes
  EXPECT_EQ(memory.f(1), 0.5);
}

TEST(DeMemory, WeighsAnImprovementFromAFailureAsTheLargest) {
  de::SuccessMemory memory(1);
  memory.add({.f = 0.2, .cr = 0.5}, 4.0);
  memory.add({.f = 0.6, .cr = 0.5}, kInfinity);
  memory.finish_generation();
  EXPECT_NEAR(memory.f(0), (0.04 + 0.36) / 0.8, 1e-15);
}

TEST(DeMemory, StaysAtZeroCrossoverOnceOnlyThatImproved) {
  de::SuccessMemory memory(1);
  memory.add({.f = 0.5, .cr = 0.0}, 1.0);
  memory.finish_generation();
  EXPECT_LT(memory.cr(0), 0.0);
  memory.add({.f = 0.5, .cr = 0.9}, 1.0);
  memory.finish_generation();
  Rng rng(1);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(memory.draw(rng).cr, 0.0);
}

TEST(DeMemory, DrawsRatesInRange) {
  de::SuccessMemory memory;
  Rng rng(1);
  double sum = 0.0;
  for (int i = 0; i < 4000; ++i) {
    const de::Rates rates = memory.draw(rng);
    EXPECT_TRUE(rates.f > 0.0 && rates.f <= 1.0);
    EXPECT_TRUE(rates.cr >= 0.0 && rates.cr <= 1.0);
    sum += rates.cr;
  }
  EXPECT_NEAR(sum / 4000.0, 0.5, 6.0 * 0.1 / std::sqrt(4000.0));  // six deviations: 2e-9
}

TEST(De, StartsWithTheDefaultAndThenThePriors) {
  const Space space = Space::parse_text(
      R"({"x": {"float": [0, 1], "default": 0.3}, "y": {"float": [0, 1], "prior": {"normal": [0.9, 0.02]}}})");
  const De sampler = make(space, 100);
  Rng rng(1);
  const std::vector<Point> points = sampler.ask(5, rng);
  EXPECT_EQ(points[0][0], 0.3);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_GT(points[i][1], 0.7);
}

TEST(De, ReplacesAMemberOnlyByABetterOrEqualTrial) {
  const Space space = cube(2);
  De sampler = make(space, 0, 1, {{"population", 8}});
  // Everything else is worse than the eight members, so that they stay: half of the trials keep one
  // of their target's two coordinates. Of 192 less than 60 do so with probability 1e-7.
  Rng rng(1);
  const std::vector<Point> members = sampler.ask(8, rng);
  for (std::size_t i = 0; i < 8; ++i) tell(sampler, i, members[i], 0.0);
  int num_kept = 0;
  for (std::size_t i = 8; i < 200; ++i) {
    const Point trial = sampler.ask(1, rng).front();
    num_kept += std::any_of(members.begin(), members.end(),
                            [&](const Point& m) { return trial[0] == m[0] || trial[1] == m[1]; });
    tell(sampler, i, trial, 1.0);
  }
  EXPECT_GE(num_kept, 60);
  EXPECT_EQ(sampler.num_starts(), 1U);
}

TEST(De, ShrinksToFourMembersAtTheEndOfTheBudget) {
  const Space space = cube(3);
  De sampler = make(space, 400, 1, {{"population", 20}});
  EXPECT_EQ(sampler.population_size(), 20U);
  best_of(sampler, sphere, 200, 1);
  EXPECT_NEAR(static_cast<double>(sampler.population_size()), 12.0, 1.0);
  best_of(sampler, sphere, 200, 2);
  EXPECT_EQ(sampler.population_size(), 4U);
}

TEST(De, LetsAForeignTrialReplaceTheWorstMember) {
  const Space space = cube(2);
  De sampler = make(space, 0, 1, {{"population", 6}});
  const double far = best_of(sampler, sphere, 12, 1);
  const Point good = {1.3001, 1.2999};
  ASSERT_LT(sphere(good), far);
  tell(sampler, 100, good, sphere(good));
  // From now on the best member attracts: the population is near within a few generations.
  EXPECT_LT(best_of(sampler, [](PointView x) { return std::abs(x[0] - 1.3001); }, 40, 2), 0.05);
}

// Medians of L-SHADE-like methods reach these within a third of the budgets; seeds are fixed.
TEST(De, FindsOptimaWithOneAndManyWorkers) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    De one = make(cube(5), 1200, seed);
    EXPECT_LT(best_of(one, sphere, 1200, seed), 1e-6);
    De many = make(cube(5), 1200, seed);
    EXPECT_LT(best_of(many, sphere, 1200, seed, 16), 1e-2);
  }
}

TEST(De, FindsTheRightChoicesOrderAndConditionalNumbers) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    De sampler = make(sampler_testing::every_kind(), 1000, seed);
    EXPECT_LT(best_of(sampler, sampler_testing::every_kind_loss, 1000, seed), 0.25) << seed;
  }
}

TEST(De, StartsAgainWhenThePopulationIsOnePoint) {
  De sampler = make(cube(1), 0, 1, {{"population", 6}});
  best_of(sampler, sphere, 600, 1);
  EXPECT_GT(sampler.num_starts(), 1U);
  De fixed = make(cube(1), 0, 1, {{"population", 6}, {"restarts", false}});
  best_of(fixed, sphere, 600, 1);
  EXPECT_EQ(fixed.num_starts(), 1U);
}

TEST(De, KeepsToConstraintsThatExcludeMostPoints) {
  const Space space =
      SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).require("x + y <= 0.3").build();
  De sampler = make(space, 300, 1);
  const double best = best_of(sampler, [](PointView x) { return -x[0] - 2.0 * x[1]; }, 300, 1);
  EXPECT_NEAR(best, -0.6, 0.01);
}

TEST(DeSlow, TakesAHundredThousandTrialsAndFiveHundredParameters) {
  De sampler = make(cube(5), 100000, 1);
  EXPECT_LT(best_of(sampler, sphere, 100000, 1), 1e-12);
  De wide = make(cube(500), 2000, 1);
  EXPECT_LT(best_of(wide, sphere, 2000, 1), 4000.0);  // a random point has 5 000
}

}  // namespace
}  // namespace trimtab
