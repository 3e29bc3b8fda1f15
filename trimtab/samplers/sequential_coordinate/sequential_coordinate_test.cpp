#include "trimtab/samplers/sequential_coordinate/sequential_coordinate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"

namespace trimtab {
namespace {

using Loss = std::function<double(PointView)>;

AnySampler make(const char* name, const Space& space, const Json& options = Json::object()) {
  return make_registry().make_sampler({name, options.dump()}, space, {.seed = 3}, "test");
}

// Asks one by one; the history is told to a new sampler before every ask if `is_paused`.
std::vector<Point> search(const char* name, const Space& space, const Loss& loss,
                          std::size_t budget, bool is_paused, const Json& options = Json::object(),
                          std::uint64_t seed = 1) {
  std::vector<Point> points;
  std::vector<Observation> told;
  AnySampler sampler = make(name, space, options);
  points.reserve(budget);
  for (std::size_t i = 0; i < budget; ++i) {
    if (is_paused) {
      sampler = make(name, space, options);
      sampler.tell(told, {});
    }
    Rng rng(seed, i, "ask");
    points.push_back(sampler.ask(1, rng).front());
    Observation trial{.number = static_cast<std::int64_t>(i), .point = points.back()};
    trial.loss = loss(trial.point);
    told.push_back(trial);
    if (!is_paused) sampler.tell(std::span(&told.back(), 1), {});
  }
  return points;
}

Space square() {
  return SpaceBuilder()
      .real("x", 0.0, 1.0, {.default_value = 0.25})
      .real("y", 0.0, 1.0, {.default_value = 0.5})
      .build();
}

TEST(SequentialCoordinate, TriesNeighboursGoesOnWhileItHelpsAndTurnsToTheNextParameter) {
  const Loss loss = [](PointView p) { return std::abs(p[0] - 0.7) + std::abs(p[1] - 0.5); };
  const std::vector<Point> points =
      search("sequential_coordinate", square(), loss, 9, false, {{"step", 0.25}});
  const std::vector<Point> expected = {
      {0.25, 0.5},                 // the default
      {0.0, 0.5},   {0.5, 0.5},    // both neighbours of x; 0.5 is better
      {0.75, 0.5},                 // on in that direction
      {1.0, 0.5},                  // worse, at the edge
      {0.75, 0.25}, {0.75, 0.75},  // y: both worse
      {0.5, 0.5},                  // a pass with a move keeps the step; 0.5 and 1.0 are known
      {0.625, 0.5},
  };
  // The eighth of these is known, so the step is halved at once.
  EXPECT_EQ(std::vector<Point>(points.begin(), points.begin() + 7),
            std::vector<Point>(expected.begin(), expected.begin() + 7));
  EXPECT_EQ(points[7], expected[8]);
}

TEST(SequentialCoordinate, MovesOnlyByMoreThanTheNoise) {
  const Loss loss = [](PointView p) { return -0.1 * p[0]; };
  const std::vector<Point> points =
      search("sequential_coordinate", square(), loss, 5, false, {{"noise", 0.05}});
  EXPECT_EQ(points[3], (Point{0.25, 0.25}));  // 0.5 is better by 0.025: not enough
}

TEST(SequentialCoordinate, GoesThroughTheParametersInTheGivenOrder) {
  const Loss loss = [](PointView) { return 1.0; };
  const std::vector<Point> points =
      search("sequential_coordinate", square(), loss, 2, false, {{"order", "y"}});
  EXPECT_EQ(points[1], (Point{0.25, 0.25}));
  try {
    make("sequential_coordinate", square(), {{"order", "why"}});
    FAIL() << "an unknown parameter was accepted";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "sampler.order");
  }
}

Space training() {
  return SpaceBuilder()
      .real("rate", 1e-5, 1.0, {.is_log = true})
      .integer("batch", 8, 256, {.is_log = true})
      .categorical("hack", {"none", "stop", "rare", "both"})
      .real("dropout", 0.0, 0.7, {.when = {{"hack", {"rare", "both"}}}})
      .build();
}

double training_loss(PointView p) {
  const double hack[] = {0.4, 0.1, 0.2, 0.0};
  double sum = 0.2 * std::pow(std::log10(p[0]) + 2.3, 2.0) + hack[static_cast<std::size_t>(p[2])];
  sum += 0.05 * std::pow(std::log2(p[1]) - 5.0, 2.0);
  return sum + (is_active(p[3]) ? std::pow(p[3] - 0.2, 2.0) : 0.05);
}

TEST(SequentialCoordinate, GoesOnWithTheSameTrialsAfterAPauseAtAnyTrial) {
  const Space space = training();
  const auto straight = search("sequential_coordinate", space, training_loss, 60, false);
  const auto paused = search("sequential_coordinate", space, training_loss, 60, true);
  for (std::size_t i = 0; i < straight.size(); ++i) {
    EXPECT_EQ(space.hash(straight[i]), space.hash(paused[i])) << i;
  }
}

TEST(SequentialCoordinate, LooksAheadForParallelTrials) {
  const Space space = training();
  const AnySampler sampler = make("sequential_coordinate", space);
  Rng rng(1);
  const std::vector<Point> points = sampler.ask(8, rng);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) EXPECT_NE(space.hash(points[i]), space.hash(points[k]));
  }
}

// Seed 21 asks for at least 98 % of TPE's final score with at most 60 % of its trials. Score: one
// less the loss, whose optimum is 0. Exact, no statistics: TPE's seeds are fixed.
TEST(SequentialCoordinate, ReachesTpesScoreWithThreeFifthsOfItsTrials) {
  const Space space = training();
  const auto best = [&](const std::vector<Point>& points) {
    double smallest = HUGE_VAL;
    for (const Point& point : points) smallest = std::min(smallest, training_loss(point));
    return smallest;
  };
  double tpe = 0.0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    tpe += best(search("tpe", space, training_loss, 50, false, Json::object(), seed)) / 10.0;
  }
  const double ours = best(search("sequential_coordinate", space, training_loss, 30, false));
  EXPECT_GE(1.0 - ours, 0.98 * (1.0 - tpe)) << "ours " << ours << ", tpe " << tpe;
}

}  // namespace
}  // namespace trimtab
