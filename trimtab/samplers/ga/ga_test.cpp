#include "trimtab/samplers/ga/ga.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "trimtab/core/testing/sampler_search.hpp"

namespace trimtab {
namespace {

using sampler_testing::best_of;
using sampler_testing::cube;
using sampler_testing::sphere;
using sampler_testing::tell;

Ga make(const Space& space, std::int64_t budget, std::uint64_t seed = 0,
        const Json& options = Json::object()) {
  return Ga(space, OptionValues(Ga::info(), options, "sampler"),
            SamplerSetting{.num_objectives = 1, .budget_trials = budget, .seed = seed});
}

// The expected share of offspring beyond a parent and the mean are those of the distribution of
// beta: density 0.5 (eta + 1) beta^eta below 1, 0.5 (eta + 1) / beta^(eta + 2) above.
TEST(GaCrossover, SpreadsAsTheSourceSays) {
  // Far from the bounds: beta = (2 u)^(1 / (eta + 1)) for u <= 0.5.
  const double near = simulated_binary_crossover(0.5 - 1e-9, 0.5 + 1e-9, 2.0, 0.0625, true);
  EXPECT_NEAR(near - 0.5, 1e-9 * std::cbrt(0.125), 1e-14);
  const double far = simulated_binary_crossover(0.5 - 1e-9, 0.5 + 1e-9, 2.0, 1.0 - 0.0625, false);
  EXPECT_NEAR(0.5 - far, 1e-9 * std::cbrt(8.0), 1e-14);
}

TEST(GaCrossover, StaysInsideAndReachesTheBound) {
  Rng rng(1);
  for (int i = 0; i < 2000; ++i) {
    const double a = rng.uniform01();
    const double b = rng.uniform01();
    const double child = simulated_binary_crossover(a, b, 0.5, rng.uniform01(), rng.bernoulli(0.5));
    EXPECT_TRUE(child >= 0.0 && child <= 1.0);
  }
  EXPECT_NEAR(simulated_binary_crossover(0.2, 0.4, 3.0, 1.0, false), 0.0, 1e-12);
  EXPECT_NEAR(simulated_binary_crossover(0.2, 0.4, 3.0, 1.0, true), 1.0, 1e-12);
  EXPECT_EQ(simulated_binary_crossover(0.3, 0.3, 3.0, 0.9, true), 0.3);
}

TEST(GaMutation, MovesBetweenTheBoundsAndNowhereInTheMiddle) {
  for (const double x : {0.0, 0.1, 0.5, 1.0}) {
    EXPECT_NEAR(polynomial_mutation(x, 8.0, 0.5), x, 1e-15);
    EXPECT_NEAR(polynomial_mutation(x, 8.0, 0.0), 0.0, 1e-12);
    EXPECT_NEAR(polynomial_mutation(x, 8.0, 1.0), 1.0, 1e-12);
  }
  // u = 0.25, x = 0.5, eta = 1: (0.5 + 0.5 * 0.25)^(1/2) - 1
  EXPECT_NEAR(polynomial_mutation(0.5, 1.0, 0.25), 0.5 + std::sqrt(0.625) - 1.0, 1e-15);
}

TEST(Ga, KeepsTheBestTrialsInOrderAndFailuresLast) {
  Ga sampler = make(cube(1), 0, 1, {{"population", 3}});
  const double losses[] = {4.0, 2.0, 3.0, 5.0, 1.0};
  for (std::size_t i = 0; i < 5; ++i) {
    tell(sampler, i, Point{static_cast<double>(i)}, losses[i]);
  }
  ASSERT_EQ(sampler.population().size(), 3U);
  for (std::size_t l = 0; l < 3; ++l) {
    EXPECT_EQ(sampler.population()[l].rank.loss, static_cast<double>(l + 1));
  }
  Ga failing = make(cube(1), 0, 1, {{"population", 2}});
  const Point points[] = {{1.0}, {2.0}, {3.0}};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Observation told[] = {
      {.number = 0, .point = points[0], .state = TrialState::Failed, .loss = nan},
      {.number = 1, .point = points[1], .loss = HUGE_VAL},
      {.number = 2, .point = points[2], .loss = 1.0}};
  failing.tell(told, {});
  EXPECT_EQ(failing.population()[0].rank.loss, 1.0);
  EXPECT_EQ(failing.population()[1].rank.loss, HUGE_VAL);
}

TEST(Ga, LetsWhatIsInactiveLiveOnInTheGenotypes) {
  const Space space = SpaceBuilder()
                          .categorical("kernel", {"linear", "rbf"})
                          .real("gamma", 0.0, 1.0, {.when = {{"kernel", {"rbf"}}}})
                          .build();
  Ga sampler = make(space, 0, 1, {{"population", 2}});
  tell(sampler, 0, Point{1.0, 0.75}, 2.0);
  tell(sampler, 1, Point{0.0, kInactive}, 1.0);
  EXPECT_EQ(sampler.population()[0].genotype, (Genotype{0.0, 0.75}));
}

TEST(Ga, StartsWithTheDefaultAndThenThePriors) {
  const Space space = Space::parse_text(
      R"({"x": {"float": [0, 1], "default": 0.3}, "y": {"float": [0, 1], "prior": {"normal": [0.9, 0.02]}}})");
  const Ga sampler = make(space, 1000);
  Rng rng(1);
  const std::vector<Point> points = sampler.ask(5, rng);
  EXPECT_EQ(points[0][0], 0.3);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_GT(points[i][1], 0.7);
}

// Seeds are fixed. Random search has 3 after 1 200 trials.
TEST(Ga, FindsOptimaWithOneAndManyWorkers) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Ga one = make(cube(5), 1200, seed);
    EXPECT_LT(best_of(one, sphere, 1200, seed), 1e-2);
    Ga many = make(cube(5), 1200, seed);
    EXPECT_LT(best_of(many, sphere, 1200, seed, 16), 1e-1);
  }
}

TEST(Ga, FindsTheRightChoicesOrderAndConditionalNumbers) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Ga sampler = make(sampler_testing::every_kind(), 1000, seed);
    EXPECT_LT(best_of(sampler, sampler_testing::every_kind_loss, 1000, seed), 0.25) << seed;
  }
}

TEST(Ga, KeepsToConstraintsThatExcludeMostPoints) {
  const Space space =
      SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).require("x + y <= 0.3").build();
  Ga sampler = make(space, 300, 1);
  const double best = best_of(sampler, [](PointView x) { return -x[0] - 2.0 * x[1]; }, 300, 1);
  EXPECT_NEAR(best, -0.6, 0.02);
}

TEST(GaSlow, TakesAHundredThousandTrialsAndFiveHundredParameters) {
  Ga sampler = make(cube(5), 100000, 1);
  EXPECT_LT(best_of(sampler, sphere, 100000, 1), 1e-6);
  Ga wide = make(cube(500), 2000, 1);
  EXPECT_LT(best_of(wide, sphere, 2000, 1), 4000.0);  // a random point has 5 000
}

}  // namespace
}  // namespace trimtab
