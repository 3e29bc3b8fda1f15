#include "trimtab/schedules/priorband/priorband.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace trimtab {
namespace {

const Space& space() {
  static const Space kSpace = Space::parse_text(
      R"({"x": {"float": [0.0, 1.0], "default": 0.8}, "y": {"float": [0.0, 1.0], "default": 0.8}})");
  return kSpace;
}

PriorBand make() {
  const ScheduleSetting setting = {.fidelity = {.name = "epochs", .max = 27.0}, .seed = 1};
  return PriorBand(OptionValues(PriorBand::info(), Json::object(), "fidelity"), setting);
}

// How many of 300 proposals lie within 0.2 of a place in both coordinates. Uniform: 0.16 of them at
// most, 48; more than 85 has probability < 1e-7.
int num_near(const PriorBand& schedule, double place) {
  Rng rng(5);
  int count = 0;
  for (std::int64_t i = 0; i < 300; ++i) {
    const Point point = schedule.birth(1000 + i, space(), rng).point;
    count += std::abs(point[0] - place) < 0.2 && std::abs(point[1] - place) < 0.2;
  }
  return count;
}

void tell_results(PriorBand& schedule, double good) {
  Rng rng(2);
  for (std::int64_t trial = 0; trial < 60; ++trial) {
    const Point point = {rng.uniform01(), rng.uniform01()};
    const double loss = std::hypot(point[0] - good, point[1] - good);
    schedule.tell({.kind = LevelEvent::Kind::Born, .trial = trial, .point = point});
    schedule.tell({.kind = LevelEvent::Kind::Paused, .trial = trial, .losses = {&loss, 1}});
  }
}

TEST(PriorBand, BeginsNearTheDefault) { EXPECT_GT(num_near(make(), 0.8), 85); }

TEST(PriorBand, LeavesABadPriorForWhatWasGood) {
  PriorBand schedule = make();
  const int before = num_near(schedule, 0.2);
  tell_results(schedule, 0.2);
  EXPECT_GT(num_near(schedule, 0.2), 85);
  EXPECT_LT(before, 60);
}

}  // namespace
}  // namespace trimtab
