#include "trimtab/samplers/aco/aco.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
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

Aco make(const Space& space, std::int64_t budget, std::uint64_t seed = 0,
         const Json& options = Json::object()) {
  return Aco(space, OptionValues(Aco::info(), options, "sampler"),
             SamplerSetting{.num_objectives = 1, .budget_trials = budget, .seed = seed});
}

TEST(Aco, WeighsCategoriesAsTheSourceSays) {
  const Space space =
      SpaceBuilder().categorical("c", {"a", "b", "c", "d"}).real("x", 0.0, 1.0).build();
  Aco sampler = make(space, 0, 1, {{"archive", 3}, {"locality", 0.5}});
  // Ranks: b, a, b. Nobody has c and d.
  const Point points[] = {{1.0, 0.1}, {0.0, 0.2}, {1.0, 0.3}};
  for (std::size_t i = 0; i < 3; ++i) tell(sampler, i, points[i], static_cast<double>(i));
  const double omega_1 = 1.0;
  const double omega_2 = std::exp(-0.5 / (0.5 * 0.5 * 9.0));
  const double unused = 0.5 / 2.0;
  const std::vector<double> weights = {omega_2 + unused, omega_1 / 2.0 + unused, unused, unused};
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  const std::vector<double> chances = sampler.chances(0);
  for (std::size_t v = 0; v < 4; ++v) EXPECT_NEAR(chances[v], weights[v] / sum, 1e-15);
}

// Around the best point alone (q tiny) the deviation is xi times the mean distance of the others:
// 0.5 (0.1 + 0.3) / 2 = 0.1. The mean of 4 000 draws has a standard error of 0.0016, their
// deviation one of 0.0011; six of them, false alarm 2e-9.
TEST(Aco, DrawsNumbersAsWideAsTheArchiveIs) {
  const Space space = cube(1, 0.0, 1.0);
  Aco sampler = make(space, 0, 1, {{"archive", 3}, {"locality", 1e-3}, {"evaporation", 0.5}});
  const Point points[] = {{0.5}, {0.6}, {0.2}};
  for (std::size_t i = 0; i < 3; ++i) tell(sampler, i, points[i], static_cast<double>(i));
  Rng rng(1);
  double sum = 0.0;
  double squares = 0.0;
  for (const Point& point : sampler.ask(4000, rng)) {
    sum += point[0] - 0.5;
    squares += (point[0] - 0.5) * (point[0] - 0.5);
  }
  EXPECT_NEAR(sum / 4000.0, 0.0, 6.0 * 0.0016);
  EXPECT_NEAR(std::sqrt(squares / 4000.0), 0.1, 6.0 * 0.0011);
}

TEST(Aco, StartsWithTheDefaultAndThenThePriors) {
  const Space space = Space::parse_text(
      R"({"x": {"float": [0, 1], "default": 0.3}, "y": {"float": [0, 1], "prior": {"normal": [0.9, 0.02]}}})");
  const Aco sampler = make(space, 1000);
  Rng rng(1);
  const std::vector<Point> points = sampler.ask(5, rng);
  EXPECT_EQ(points[0][0], 0.3);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_GT(points[i][1], 0.7);
}

// Seeds are fixed. Random search has 3 after 1 200 trials.
TEST(Aco, FindsOptimaWithOneAndManyWorkers) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Aco one = make(cube(5), 1200, seed);
    EXPECT_LT(best_of(one, sphere, 1200, seed), 1e-6);
    Aco many = make(cube(5), 1200, seed);
    EXPECT_LT(best_of(many, sphere, 1200, seed, 16), 1e-1);
  }
}

TEST(Aco, FindsTheRightChoicesOrderAndConditionalNumbers) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Aco sampler = make(sampler_testing::every_kind(), 1000, seed);
    EXPECT_LT(best_of(sampler, sampler_testing::every_kind_loss, 1000, seed), 0.25) << seed;
  }
}

TEST(Aco, KeepsToConstraintsThatExcludeMostPoints) {
  const Space space =
      SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).require("x + y <= 0.3").build();
  Aco sampler = make(space, 300, 1);
  const double best = best_of(sampler, [](PointView x) { return -x[0] - 2.0 * x[1]; }, 300, 1);
  EXPECT_NEAR(best, -0.6, 0.02);
}

TEST(AcoSlow, TakesAHundredThousandTrialsAndFiveHundredParameters) {
  Aco sampler = make(cube(5), 100000, 1);
  EXPECT_LT(best_of(sampler, sphere, 100000, 1), 1e-12);
  Aco wide = make(cube(500), 2000, 1);
  EXPECT_LT(best_of(wide, sphere, 2000, 1), 4000.0);  // a random point has 5 000
}

}  // namespace
}  // namespace trimtab
