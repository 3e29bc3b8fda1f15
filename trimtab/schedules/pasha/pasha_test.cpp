#include "trimtab/schedules/pasha/pasha.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace trimtab {
namespace {

TEST(Pasha, ComparesOrdersUpToEpsilon) {
  EXPECT_TRUE(is_same_soft_order({1, 2, 3}, {1, 2, 3}, 0.0));
  EXPECT_TRUE(is_same_soft_order({1, 2, 3}, {1, 3, 2}, 1.0));
  EXPECT_FALSE(is_same_soft_order({1, 2, 3}, {1, 3, 2}, 0.5));
}

// Trials 0 .. 8 by ASHA on one worker; the loss of a trial at a level is given.
template <typename Loss>
int highest_after(Loss loss) {
  const ScheduleSetting setting = {.fidelity = {.name = "epochs", .max = 27.0}};
  Pasha schedule(OptionValues(Pasha::info(), {{"epsilon", 1e-9}}, "fidelity"), setting);
  const Point point = {0.5};
  std::int64_t born = 0;
  std::map<std::int64_t, int> levels;
  for (int turn = 0; turn < 200; ++turn) {
    std::int64_t trial = 0;
    if (const auto promoted = schedule.promotion(born < 81)) {
      trial = *promoted;
      ++levels[trial];
      schedule.tell({.kind = LevelEvent::Kind::Promoted, .trial = trial, .level = levels[trial]});
    } else if (born < 81) {
      trial = born++;
      schedule.tell({.kind = LevelEvent::Kind::Born, .trial = trial, .point = point});
    } else {
      break;
    }
    if (born == 81) return schedule.highest();
    const double value = loss(trial, levels[trial]);
    const bool is_end = levels[trial] == schedule.top();
    schedule.tell({.kind = is_end ? LevelEvent::Kind::Ended : LevelEvent::Kind::Paused,
                   .trial = trial,
                   .level = levels[trial],
                   .losses = {&value, 1}});
  }
  return schedule.highest();
}

TEST(Pasha, StaysLowWhileTheRankingIsStable) {
  EXPECT_EQ(highest_after([](std::int64_t trial, int) { return static_cast<double>(trial % 27); }),
            1);
}

TEST(Pasha, GoesHigherWhenTheRankingTurns) {
  EXPECT_EQ(highest_after([](std::int64_t trial, int level) {
              const auto value = static_cast<double>(trial % 27);
              return level % 2 == 0 ? value : -value;
            }),
            3);
}

}  // namespace
}  // namespace trimtab
