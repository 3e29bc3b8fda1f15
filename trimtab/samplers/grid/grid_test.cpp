#include "trimtab/samplers/grid/grid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

Grid make(const Space& space, const Json& options = Json::object(), std::uint64_t seed = 1) {
  return Grid(space, OptionValues(Grid::info(), options, "sampler"), {.seed = seed});
}

Observation observe(PointView point) { return {.number = 0, .point = point, .loss = 1.0}; }

// Asks one by one until nothing comes back.
std::vector<Point> exhaust(Grid sampler) {
  std::vector<Point> points;
  Rng rng(1);
  for (;;) {
    const std::vector<Point> asked = sampler.ask(1, rng);
    if (asked.empty()) return points;
    points.push_back(asked.front());
    const Observation observation = observe(points.back());
    sampler.tell(std::span(&observation, 1), {});
  }
}

std::set<std::string> texts(const Space& space, const std::vector<Point>& points) {
  std::set<std::string> result;
  for (const Point& point : points) {
    EXPECT_TRUE(space.contains(point)) << space.to_json(point).dump();
    result.insert(space.to_json(point).dump());
  }
  return result;
}

Space kernels() {
  return SpaceBuilder()
      .categorical("kernel", {"linear", "rbf", "poly"})
      .integer("degree", 2, 4, {.when = {{"kernel", {"poly"}}}})
      .ordinal("C", {0.1, 1, 10})
      .build();
}

TEST(Grid, ListsAFiniteSpaceInOrderAndEnds) {
  const Space space = kernels();
  const std::vector<Point> points = exhaust(make(space, {{"order", "lexicographic"}}));
  Point expected = space.first();
  ASSERT_EQ(points.size(), 15U);  // (1 + 1 + 3) * 3
  for (const Point& point : points) {
    EXPECT_EQ(space.hash(point), space.hash(expected));
    space.next(expected);
  }
}

TEST(Grid, ShufflesTheSamePointsByTheStudysSeed) {
  const Space space = kernels();
  const std::vector<Point> first = exhaust(make(space, Json::object(), 1));
  const std::vector<Point> second = exhaust(make(space, Json::object(), 2));
  const auto all = texts(space, exhaust(make(space, {{"order", "lexicographic"}})));
  EXPECT_EQ(first.size(), 15U);
  EXPECT_EQ(texts(space, first), all);
  EXPECT_EQ(texts(space, second), all);
  EXPECT_NE(space.to_json(first[0]).dump() + space.to_json(first[1]).dump(),
            space.to_json(second[0]).dump() + space.to_json(second[1]).dump());
}

TEST(Grid, CutsContinuousParametersIntoLevelsOnTheirScale) {
  const Space space =
      SpaceBuilder().real("rate", 1e-4, 1.0, {.is_log = true}).real("x", -1.0, 1.0).build();
  const std::vector<Point> points =
      exhaust(make(space, {{"levels", 3}, {"order", "lexicographic"}}));
  ASSERT_EQ(points.size(), 9U);
  EXPECT_DOUBLE_EQ(points[0][0], 1e-4);
  EXPECT_DOUBLE_EQ(points[3][0], 1e-2);
  EXPECT_DOUBLE_EQ(points[8][0], 1.0);
  EXPECT_THAT(std::vector<double>({points[0][1], points[1][1], points[2][1]}),
              testing::ElementsAre(-1.0, 0.0, 1.0));
  for (const Point& point : points) EXPECT_TRUE(space.contains(point));
}

TEST(Grid, PassesOverWhatTheConstraintsRefuse) {
  const Space space =
      SpaceBuilder().integer("low", 0, 5).integer("high", 0, 5).require("low <= high").build();
  for (const char* order : {"shuffled", "lexicographic"}) {
    EXPECT_EQ(texts(space, exhaust(make(space, {{"order", order}}))).size(), 21U);
  }
}

TEST(Grid, LeavesOutWhatOthersTriedOrTryNow) {
  const Space space = SpaceBuilder().integer("n", 0, 5).build();
  Grid sampler = make(space, {{"order", "lexicographic"}});
  const Point points[] = {{0.0}, {2.0}, {4.0}};
  const std::vector<Observation> finished = {observe(points[0]), observe(points[1])};
  const std::vector<Observation> running = {observe(points[2])};
  sampler.tell(finished, running);
  Rng rng(1);
  EXPECT_EQ(sampler.ask(9, rng), std::vector<Point>({{1.0}, {3.0}, {5.0}}));
  sampler.tell({}, {});  // the running trial is gone without a result: its point is open again
  EXPECT_EQ(sampler.ask(9, rng), std::vector<Point>({{1.0}, {3.0}, {4.0}, {5.0}}));
}

TEST(Grid, ListsPermutationsSubsetsAndTheirLike) {
  const Space space = SpaceBuilder()
                          .permutation("order", {"a", "b", "c"})
                          .subset("set", {1, 2, 3, 4}, 1, 2)
                          .build();
  EXPECT_EQ(texts(space, exhaust(make(space))).size(), 6U * 10U);
}

TEST(Grid, WalksHugeSpacesWithoutMemory) {
  SpaceBuilder builder;
  for (int j = 0; j < 30; ++j) builder.real("x" + std::to_string(j), 0.0, 1.0);
  const Space space = builder.permutation("p", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).build();
  Rng rng(1);
  const std::vector<Point> points = make(space).ask(2000, rng);
  EXPECT_EQ(texts(space, points).size(), 2000U);
  // Every parameter takes all its levels, also those beyond the first 2^62 points.
  for (std::size_t j = 0; j < 30; ++j) {
    std::set<double> values;
    for (const Point& point : points) values.insert(point[j]);
    EXPECT_EQ(values.size(), 5U) << "x" << j;
  }
}

TEST(Grid, RefusesToShuffleWhatIsOneHugePart) {
  std::vector<Scalar> items;
  for (std::int64_t i = 0; i < 30; ++i) items.emplace_back(i);
  const Space space = SpaceBuilder().permutation("p", items).build();
  try {
    make(space);
    FAIL() << "30! permutations were accepted";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("this space cannot be shuffled without memory"));
  }
  EXPECT_NO_THROW(make(space, {{"order", "lexicographic"}}));
}

TEST(Grid, HasOnePointInTheEmptySpace) { EXPECT_EQ(exhaust(make(Space())).size(), 1U); }

TEST(Grid, VisitsThirtyThousandPointsOnce) {
  const Space space = SpaceBuilder().integer("a", 0, 999).integer("b", 0, 29).build();
  Rng rng(1);
  std::set<std::pair<double, double>> seen;
  for (const Point& point : make(space).ask(40'000, rng)) seen.emplace(point[0], point[1]);
  EXPECT_EQ(seen.size(), 30'000U);
}

}  // namespace
}  // namespace trimtab
