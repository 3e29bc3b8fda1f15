#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "trimtab/samplers/cmaes/categories.hpp"
#include "trimtab/samplers/cmaes/coordinate.hpp"
#include "trimtab/samplers/cmaes/restarts.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::cmaes {
namespace {

Coordinate coordinate(const Space& space) { return {0, space.dimensions()[0]}; }

TEST(CmaesCoordinate, TakesPositionsOutsideOfTheRangeAsTheBound) {
  const Coordinate x = coordinate(SpaceBuilder().real("x", 2.0, 4.0).build());
  EXPECT_DOUBLE_EQ(x.value_of(0.25), 2.5);
  EXPECT_DOUBLE_EQ(x.value_of(-0.25), 2.0);
  EXPECT_DOUBLE_EQ(x.value_of(1.25), 4.0);
  Rng rng(7);
  EXPECT_DOUBLE_EQ(x.position_of(2.5, 0.5, 0.1, rng), 0.25);
  EXPECT_LT(x.position_of(2.0, 0.5, 0.1, rng), 0.0);
  EXPECT_GT(x.position_of(4.0, 0.5, 0.1, rng), 1.0);
}

TEST(CmaesCoordinate, RebuildsAPositionInsideTheCellOfTheValue) {
  const std::vector<Space> spaces = {SpaceBuilder().integer("i", -2, 5).build(),
                                     SpaceBuilder().integer("i", 1, 1000, {.is_log = true}).build(),
                                     SpaceBuilder().real("h", 0.0, 4.0, {.step = 0.5}).build(),
                                     SpaceBuilder().ordinal("o", {1, 2, 4, 8}).build()};
  Rng rng(1);
  for (const Space& space : spaces) {
    const Coordinate x = coordinate(space);
    ASSERT_TRUE(x.is_discrete());
    for (int i = 0; i < 200; ++i) {
      const double value = space.sample(rng)[0];
      const double mean = rng.uniform01();
      const double deviation = std::pow(10.0, -4.0 * rng.uniform01());
      const double position = x.position_of(value, mean, deviation, rng);
      const Cell cell = x.cell_at(space.dimensions()[0].to_unit(value));
      EXPECT_GE(position, cell.low);
      EXPECT_LE(position, cell.high);
      const double inside = std::clamp(position, cell.low + 1e-9, cell.high - 1e-9);
      EXPECT_DOUBLE_EQ(x.value_of(inside), value);
    }
  }
}

// Mean of 20 000 draws from N(0.5, 0.3^2) after rounding to 4 cells and drawing again: it must not
// move. Standard error 0.0021; six of them, false alarm below 1e-8.
TEST(CmaesCoordinate, KeepsTheLawOfThePositionsThatWereDrawn) {
  const Coordinate x = coordinate(SpaceBuilder().integer("i", 0, 3).build());
  Rng rng(2);
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < 20000; ++i) {
    const double drawn = 0.5 + 0.3 * rng.normal();
    const double again = x.position_of(x.value_of(drawn), 0.5, 0.3, rng);
    sum += again / 20000.0;
    squares += std::pow(again - 0.5, 2.0) / 20000.0;
  }
  EXPECT_NEAR(sum, 0.5, 0.013);
  EXPECT_NEAR(std::sqrt(squares), 0.3, 0.01);
}

// The same at a bound, where four of ten draws are outside. Standard error of the mean 0.0007.
TEST(CmaesCoordinate, KeepsTheLawOfPositionsBeyondABound) {
  const Coordinate x = coordinate(SpaceBuilder().real("x", 0.0, 1.0).build());
  Rng rng(6);
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < 20000; ++i) {
    const double drawn = 0.02 + 0.1 * rng.normal();
    const double again = x.position_of(x.value_of(drawn), 0.02, 0.1, rng);
    sum += again / 20000.0;
    squares += std::pow(again - 0.02, 2.0) / 20000.0;
  }
  EXPECT_NEAR(sum, 0.02, 0.0043);
  EXPECT_NEAR(std::sqrt(squares), 0.1, 0.003);
}

TEST(CmaesCategories, LearnTheBetterChoiceAndKeepTheMargin) {
  Categories categories({3, 2}, 0.1);
  const std::vector<double> weights = {0.6, 0.4, 0.0, 0.0};
  const std::vector<std::int32_t> choices = {2, 0, 2, 0, 1, 1, 0, 1};
  for (int g = 0; g < 60; ++g) categories.update(choices, weights);
  EXPECT_NEAR(categories.probabilities(0)[2], 0.9, 1e-9);
  EXPECT_NEAR(categories.probabilities(0)[0], 0.05, 1e-9);
  EXPECT_NEAR(categories.probabilities(1)[0], 0.9, 1e-9);
  EXPECT_NEAR(categories.probabilities(1)[1], 0.1, 1e-9);
}

TEST(CmaesCategories, MoveByOneNormalisedStepFirst) {
  // K = 2, q = 1/2: the gradient for choice 0 is 1/2, its Fisher length 1, cut to q <= 1 - alpha.
  Categories categories({2}, 0.01);
  const std::vector<std::int32_t> choices = {0, 1};
  categories.update(choices, std::vector<double>{0.6, 0.4});
  // gradient 0.1, length 0.2, so a step of length 1 would move q by 0.5: to 1, then the margin.
  EXPECT_NEAR(categories.probabilities(0)[0], 0.99, 1e-12);
}

TEST(CmaesCategories, StayWhereTheyAreWithoutSignal) {
  Categories categories({3}, 0.1);
  const std::vector<std::int32_t> choices = {0, 1, 2};
  categories.update(choices, std::vector<double>{1.0 / 3, 1.0 / 3, 1.0 / 3});
  for (const double q : categories.probabilities(0)) EXPECT_NEAR(q, 1.0 / 3.0, 1e-12);
  const std::vector<std::int32_t> inactive(3, Categories::kNoChoice);
  categories.update(inactive, std::vector<double>{0.5, 0.3, 0.2});
  for (const double q : categories.probabilities(0)) EXPECT_NEAR(q, 1.0 / 3.0, 1e-12);
}

TEST(CmaesCategories, LeaveOutExcludedChoices) {
  const Categories categories({3}, 0.1);
  const std::vector<char> excluded = {1, 0, 1};
  Rng rng(3);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(categories.draw(0, excluded, rng), 1);
}

TEST(CmaesRestarts, BalanceLargeAndSmallRuns) {
  Bipop bipop(8, 0.3);
  EXPECT_EQ(bipop.first().lambda, 8U);
  Rng rng(4);
  cmaes::Run run = bipop.next(1000, rng);
  EXPECT_EQ(run.lambda, 16U);
  EXPECT_DOUBLE_EQ(run.sigma, 0.6);
  EXPECT_EQ(run.max_trials, 0U);
  run = bipop.next(2000, rng);  // large 2 000, small 0
  EXPECT_GE(run.lambda, 8U);
  EXPECT_LE(run.lambda, 8U);
  EXPECT_LE(run.sigma, 0.6);
  EXPECT_GE(run.sigma, 0.006);
  EXPECT_EQ(run.max_trials, 1000U);
  run = bipop.next(900, rng);  // 2 000 against 900: small again
  EXPECT_EQ(run.max_trials, 1000U);
  run = bipop.next(1100, rng);  // 2 000 each: large
  EXPECT_EQ(run.lambda, 32U);
}

TEST(CmaesRestarts, StopAFlatRunAndNotAnImprovingOne) {
  const SearchDistribution distribution({0.5, 0.5}, 0.3, false);
  Stagnation flat(2, 6);
  Stagnation improving(2, 6);
  int generations = 0;
  while (!flat.should_stop(distribution, {0.3}) && generations < 100) {
    flat.add(std::vector<Rank>(6, {0, 1.0}));
    improving.add(std::vector<Rank>(6, {0, -generations * 1.0}));
    ++generations;
  }
  EXPECT_EQ(generations, 20);  // 10 + 30 * 2 / 6
  EXPECT_FALSE(improving.should_stop(distribution, {0.3}));
  EXPECT_TRUE(improving.should_stop(distribution, {1e-12, 1e-13}));
}

TEST(CmaesRestarts, StopARunWhoseMediansNoLongerFall) {
  const SearchDistribution distribution({0.5}, 0.3, false);
  Stagnation falling(1, 6);
  Stagnation rising(1, 6);
  int generations = 0;
  while (!rising.should_stop(distribution, {0.3}) && generations < 140) {
    falling.add(std::vector<Rank>(6, {0, -1.0 * generations}));
    rising.add(std::vector<Rank>(6, {0, 1.0 * generations}));
    ++generations;
    EXPECT_FALSE(falling.should_stop(distribution, {0.3}));
  }
  EXPECT_EQ(generations, 128);  // 120 + 30 / 6 at least, looked at every 16
}

}  // namespace
}  // namespace trimtab::cmaes
