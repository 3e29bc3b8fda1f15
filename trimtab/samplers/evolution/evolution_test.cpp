#include "trimtab/samplers/evolution/evolution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace trimtab {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Evolution make(const Space& space, const Json& options) {
  return Evolution(space, OptionValues(Evolution::info(), options, "sampler"), SamplerSetting{});
}

Space letters() {
  SpaceBuilder builder;
  for (int j = 0; j < 8; ++j) builder.categorical("c" + std::to_string(j), {"a", "b", "c", "d"});
  return builder.build();
}

std::size_t num_differences(const Point& a, const Point& b) {
  std::size_t count = 0;
  for (std::size_t j = 0; j < a.size(); ++j) count += a[j] == b[j] ? 0 : 1;
  return count;
}

TEST(Evolution, StartsWithAsManyRandomTrialsAsThePopulationHolds) {
  const Space space = letters();
  const Evolution sampler = make(space, {{"population", 5}});
  Rng left(1);
  Rng right(1);
  const std::vector<Point> points = sampler.ask(5, left);
  for (const Point& point : points) EXPECT_EQ(point, space.sample(right));
}

TEST(Evolution, MutatesTheBestOfATournamentInOneParameter) {
  const Space space = letters();
  Evolution sampler = make(space, {{"population", 4}, {"tournament", 60}});
  const Point points[] = {Point(8, 0.0), Point(8, 1.0), Point(8, 2.0), Point(8, 3.0)};
  const double losses[] = {3.0, 1.0, 2.0, std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < 4; ++i) {
    const Observation told{.number = static_cast<std::int64_t>(i),
                           .point = points[i],
                           .loss = losses[i],
                           .losses = std::span(&losses[i], 1)};
    sampler.tell(std::span(&told, 1), {});
  }
  Rng rng(1);
  // 60 draws of 4 members miss the best one with probability 3e-8 per child.
  for (const Point& child : sampler.ask(50, rng)) EXPECT_EQ(num_differences(child, points[1]), 1U);
}

TEST(Evolution, LetsTheOldestMemberDieThoughItIsTheBest) {
  const Space space = letters();
  Evolution sampler = make(space, {{"population", 3}, {"tournament", 60}});
  const Point old_best(8, 0.0);
  const Point young(8, 3.0);
  for (std::int64_t i = 0; i < 4; ++i) {
    const Observation told{
        .number = i, .point = i == 0 ? old_best : young, .loss = i == 0 ? 0.0 : 5.0};
    sampler.tell(std::span(&told, 1), {});
  }
  Rng rng(1);
  for (const Point& child : sampler.ask(20, rng)) EXPECT_EQ(num_differences(child, young), 1U);
}

TEST(Evolution, TakesFailedTrialsForNoParents) {
  const Space space = letters();
  Evolution sampler = make(space, {{"population", 2}});
  const Point good(8, 0.0);
  const Point bad(8, 3.0);
  const Observation told[] = {
      {.number = 0, .point = bad, .state = TrialState::Failed, .loss = kNan},
      {.number = 1, .point = good, .loss = 1.0},
      {.number = 2, .point = bad, .state = TrialState::Failed, .loss = kNan, .is_infeasible = true},
      {.number = 3, .point = bad, .state = TrialState::Pruned, .loss = 0.0}};
  sampler.tell(told, {});
  Rng rng(1);
  for (const Point& child : sampler.ask(20, rng)) EXPECT_EQ(num_differences(child, good), 1U);
}

TEST(Evolution, DrawsAtRandomWhileEverythingFails) {
  const Space space = letters();
  Evolution sampler = make(space, {{"population", 2}});
  const Point bad(8, 3.0);
  const std::vector<Observation> told(
      10, {.number = 0, .point = bad, .state = TrialState::Failed, .loss = kNan});
  sampler.tell(told, {});
  Rng left(1);
  Rng right(1);
  EXPECT_EQ(sampler.ask(1, left).front(), space.sample(right));
}

TEST(Evolution, CountsRunningTrialsToThePopulation) {
  const Space space = letters();
  Evolution sampler = make(space, {{"population", 3}});
  const Point good(8, 0.0);
  const Observation told{.number = 0, .point = good, .loss = 1.0};
  const std::vector<Observation> running(
      2, {.number = 1, .point = good, .state = TrialState::Running, .loss = kNan});
  sampler.tell(std::span(&told, 1), running);
  Rng rng(1);
  EXPECT_EQ(num_differences(sampler.ask(1, rng).front(), good), 1U);
}

TEST(Evolution, PrefersWhatNoRivalDominates) {
  const Space space = letters();
  Evolution sampler = make(space, {{"population", 3}, {"tournament", 60}});
  const Point left(8, 0.0);
  const Point right(8, 1.0);
  const Point dominated(8, 2.0);
  const double losses[][2] = {{0.0, 5.0}, {5.0, 0.0}, {5.0, 6.0}};
  const Observation told[] = {{.number = 0, .point = left, .loss = 0.0, .losses = losses[0]},
                              {.number = 1, .point = right, .loss = 5.0, .losses = losses[1]},
                              {.number = 2, .point = dominated, .loss = 5.0, .losses = losses[2]}};
  sampler.tell(told, {});
  Rng rng(1);
  std::size_t num_left = 0;
  for (const Point& child : sampler.ask(60, rng)) {
    EXPECT_GT(num_differences(child, dominated), 1U);
    num_left += num_differences(child, left) == 1 ? 1 : 0;
  }
  EXPECT_GT(num_left, 5U);
  EXPECT_LT(num_left, 55U);
}

TEST(Evolution, StepsOnNumbersStayNearAndChangeOneOfThem) {
  const Space space =
      SpaceBuilder().real("rate", 1e-6, 1.0, {.is_log = true}).integer("n", 0, 1000).build();
  Evolution sampler = make(space, {{"population", 2}, {"local_rate", 1.0}});
  const Point good = {1e-3, 500.0};
  const std::vector<Observation> told(2, {.number = 0, .point = good, .loss = 1.0});
  sampler.tell(told, {});
  Rng rng(1);
  int num_near = 0;
  for (const Point& child : sampler.ask(100, rng)) {
    EXPECT_TRUE(space.contains(child));
    EXPECT_EQ(num_differences(child, good), 1U);
    const double distance =
        std::max(std::abs(std::log10(child[0]) + 3.0) / 6.0, std::abs(child[1] - 500.0) / 1000.0);
    num_near += distance < 0.1 ? 1 : 0;
  }
  EXPECT_GT(num_near, 60);
}

// The best of 600 random points of 4^8 has 3.5 wrong letters on average; every one of 10 fixed
// seeds must do clearly better.
TEST(Evolution, FindsTheRightLetters) {
  const Space space = letters();
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Evolution sampler = make(space, Json::object());
    double best = 8.0;
    for (std::int64_t i = 0; i < 600; ++i) {
      Rng rng(seed, static_cast<std::uint64_t>(i));
      const Point point = sampler.ask(1, rng).front();
      double loss = 0.0;
      for (std::size_t j = 0; j < 8; ++j) loss += point[j] == static_cast<double>(j % 4) ? 0 : 1;
      const Observation told{.number = i, .point = point, .loss = loss};
      sampler.tell(std::span(&told, 1), {});
      best = std::min(best, loss);
    }
    EXPECT_LE(best, 1.0) << "seed " << seed;
  }
}

}  // namespace
}  // namespace trimtab
