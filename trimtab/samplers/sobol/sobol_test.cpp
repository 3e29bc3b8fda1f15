#include "trimtab/samplers/sobol/sobol.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace trimtab {
namespace {

SobolSampler make(const Space& space, const Json& options = Json::object(),
                  std::uint64_t seed = 1) {
  return SobolSampler(space, OptionValues(SobolSampler::info(), options, "sampler"),
                      {.seed = seed});
}

Observation observe(PointView point) { return {.number = 0, .point = point, .loss = 1.0}; }

Space square() { return SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).build(); }

TEST(SobolSampler, PlacesOnePointInEveryElementaryRectangle) {
  Rng rng(1);
  const std::vector<Point> points = make(square()).ask(64, rng);
  for (const double columns : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0}) {
    std::set<std::pair<double, double>> filled;
    for (const Point& p : points) {
      filled.emplace(std::floor(p[0] * columns), std::floor(p[1] * 64.0 / columns));
    }
    EXPECT_EQ(filled.size(), 64U) << columns << " columns";
  }
}

TEST(SobolSampler, GoesOnWhereItStoppedCountingRunningTrials) {
  Rng rng(1);
  const std::vector<Point> all = make(square()).ask(10, rng);
  SobolSampler sampler = make(square());
  const std::vector<Observation> finished = {observe(all[0]), observe(all[1])};
  const std::vector<Observation> running = {observe(all[2])};
  sampler.tell(finished, running);
  EXPECT_EQ(sampler.ask(1, rng).front(), all[3]);
  sampler.tell(running, {});
  EXPECT_EQ(sampler.ask(2, rng), std::vector<Point>({all[3], all[4]}));
}

TEST(SobolSampler, IsScrambledByTheStudysSeedUnlessToldNotTo) {
  Rng rng(1);
  EXPECT_NE(make(square(), Json::object(), 1).ask(1, rng),
            make(square(), Json::object(), 2).ask(1, rng));
  const std::vector<Point> plain = make(square(), {{"scramble", false}}).ask(4, rng);
  EXPECT_EQ(plain, std::vector<Point>({{0, 0}, {0.5, 0.5}, {0.75, 0.25}, {0.25, 0.75}}));
}

TEST(SobolSampler, SpreadsEvenlyInsideEveryBranch) {
  const Space space = SpaceBuilder()
                          .categorical("branch", {"a", "b"})
                          .real("x", 0.0, 1.0, {.when = {{"branch", {"a"}}}})
                          .real("y", 0.0, 1.0, {.when = {{"branch", {"b"}}}})
                          .build();
  Rng rng(1);
  std::set<double> cells[2];
  for (const Point& point : make(space).ask(128, rng)) {
    const auto branch = static_cast<std::size_t>(point[0]);
    ASSERT_TRUE(is_active(point[1 + branch]) && !is_active(point[2 - branch]));
    cells[branch].insert(std::floor(point[1 + branch] * 64.0));
  }
  // A branch and its own parameter are two Sobol dimensions: 64 points in 64 cells, up to the net's
  // quality t = 1 between dimensions 1 and 3; of random points about 40 cells would be hit.
  EXPECT_EQ(cells[0].size(), 64U);
  EXPECT_GE(cells[1].size(), 32U);
}

TEST(SobolSampler, SkipsWhatTheConstraintsRefuseOnceAndForAll) {
  const Space space =
      SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).require("x <= y").build();
  Rng rng(1);
  const std::vector<Point> all = make(space).ask(50, rng);
  for (const Point& point : all) EXPECT_LE(point[0], point[1]);
  SobolSampler sampler = make(space);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(sampler.ask(1, rng).front(), all[i]);
    const Observation told = observe(all[i]);
    sampler.tell(std::span(&told, 1), {});
  }
}

TEST(SobolSampler, ServesSpacesOfMoreDimensionsThanItsTable) {
  SpaceBuilder builder;
  for (int j = 0; j < 300; ++j) builder.real("x" + std::to_string(j), 0.0, 1.0);
  Rng rng(1);
  const std::vector<Point> points = make(builder.build()).ask(16, rng);
  for (std::size_t j = 0; j < 300; ++j) {
    std::set<double> cells;
    for (const Point& point : points) cells.insert(std::floor(16.0 * point[j]));
    EXPECT_EQ(cells.size(), 16U);
  }
}

}  // namespace
}  // namespace trimtab
