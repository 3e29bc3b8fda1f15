#include "trimtab/schedules/dehb/dehb.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

namespace trimtab {
namespace {

Dehb make() {
  const ScheduleSetting setting = {.fidelity = {.name = "epochs", .max = 9.0}};
  return Dehb(OptionValues(Dehb::info(), Json::object(), "fidelity"), setting);
}

// Brackets of max = 9, eta = 3: 9 3 1, then 5 1, then 3 trials at levels 0 1 2, 1 2 and 2.
TEST(Dehb, VisitsTheLevelsAsTheBracketsOfHyperband) {
  const Dehb schedule = make();
  std::map<int, int> counts;
  for (std::int64_t trial = 0; trial < 22; ++trial) ++counts[schedule.first_level(trial)];
  EXPECT_EQ(counts[0], 9);
  EXPECT_EQ(counts[1], 3 + 5);
  EXPECT_EQ(counts[2], 1 + 1 + 3);
  EXPECT_EQ(schedule.first_level(22), 0);
}

// The mean loss of the subpopulations falls; the same trials at random stay where they are.
TEST(Dehb, GetsBetterFromGenerationToGeneration) {
  Dehb schedule = make();
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).build();
  double early = 0.0, late = 0.0;
  constexpr std::int64_t kTrials = 440;
  for (std::int64_t trial = 0; trial < kTrials; ++trial) {
    Rng rng(1, static_cast<std::uint64_t>(trial), "birth");
    Birth birth = schedule.birth(trial, space, rng);
    if (birth.point.empty()) birth.point = space.sample(rng);
    const double x = birth.point[0] - 0.3, y = birth.point[1] - 0.6;
    const double loss = x * x + y * y;
    const int level = schedule.first_level(trial);
    schedule.tell(
        {.kind = LevelEvent::Kind::Born, .trial = trial, .level = level, .point = birth.point});
    schedule.tell(
        {.kind = level < schedule.top() ? LevelEvent::Kind::Paused : LevelEvent::Kind::Ended,
         .trial = trial,
         .level = level,
         .losses = {&loss, 1}});
    if (trial < 22) early += loss / 22.0;
    if (trial >= kTrials - 22) late += loss / 22.0;
  }
  EXPECT_LT(late, early / 20.0);
}

}  // namespace
}  // namespace trimtab
