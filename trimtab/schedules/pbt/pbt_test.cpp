#include "trimtab/schedules/pbt/pbt.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

ScheduleSetting setting(double max, std::int64_t budget) {
  return {.fidelity = {.name = "steps", .min = 1.0, .max = max}, .budget_trials = budget};
}

Pbt make(double max, std::int64_t budget, const Json& options = Json::object()) {
  return Pbt(OptionValues(Pbt::info(), options, "fidelity"), setting(max, budget));
}

// Seed 55's toy: Q = 1.2 - (a^2 + b^2), but gradients see h_a a^2 + h_b b^2. Two members that begin
// with h = (1, 0) and (0, 1) each learn one half only; no constant h of theirs gets beyond 0.39.
class Toy {
 public:
  explicit Toy(std::uint64_t seed, const Json& options = Json::object())
      : schedule_(make(kLevels, 2 * kLevels, options)), seed_(seed) {}

  double best() {
    double best = -1e300;
    for (std::int64_t trial = 0; schedule_.growth() == Growth::Open; ++trial) {
      Rng rng(seed_, static_cast<std::uint64_t>(trial), "birth");
      Birth birth = schedule_.birth(trial, space_, rng);
      if (birth.point.empty()) {
        birth.point = trial == 0 ? Point{1.0, 0.0} : Point{0.0, 1.0};
      }
      const int level = birth.parent < 0 ? 0 : levels_[birth.parent] + 1;
      std::array<double, 2> theta = birth.parent < 0 ? std::array{0.9, 0.9} : states_[birth.parent];
      for (int step = 0; step < kStepsEach; ++step) {
        for (std::size_t i = 0; i < 2; ++i) theta[i] -= 0.02 * 2.0 * birth.point[i] * theta[i];
      }
      levels_[trial] = level;
      states_[trial] = theta;
      const double loss = theta[0] * theta[0] + theta[1] * theta[1] - 1.2;
      tell(trial, level, birth, loss);
      if (level == schedule_.top()) best = std::max(best, -loss);
    }
    return best;
  }

 private:
  static constexpr int kLevels = 50;
  static constexpr int kStepsEach = 4;

  void tell(std::int64_t trial, int level, const Birth& birth, double loss) {
    LevelEvent event = {.kind = LevelEvent::Kind::Born,
                        .trial = trial,
                        .level = level,
                        .point = birth.point,
                        .parent = birth.parent};
    schedule_.tell(event);
    event.kind = LevelEvent::Kind::Joined;
    event.member = birth.member;
    schedule_.tell(event);
    event.kind = level < schedule_.top() ? LevelEvent::Kind::Paused : LevelEvent::Kind::Ended;
    event.losses = {&loss, 1};
    schedule_.tell(event);
  }

  Space space_ = SpaceBuilder().real("h_a", 0.0, 1.0).real("h_b", 0.0, 1.0).build();
  Pbt schedule_;
  std::uint64_t seed_;
  std::map<std::int64_t, int> levels_;
  std::map<std::int64_t, std::array<double, 2>> states_;
};

TEST(Pbt, LearnsWhatNoConstantOfItsMembersLearns) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) EXPECT_GE(Toy(seed).best(), 1.15) << seed;
}

TEST(Pbt, GetsNowhereWhenNobodyChanges) {
  const Json options = {{"factor", 1.0}, {"resample", 0.0}};
  for (std::uint64_t seed = 1; seed <= 5; ++seed) EXPECT_LE(Toy(seed, options).best(), 0.40);
}

void join(Pbt& schedule, std::int64_t trial, int level, const Birth& birth, const Point& point) {
  LevelEvent event = {
      .kind = LevelEvent::Kind::Born, .trial = trial, .level = level, .point = point};
  schedule.tell(event);
  event.kind = LevelEvent::Kind::Joined;
  event.member = birth.member;
  schedule.tell(event);
}

// The worse of two meets the better one half of the time, and then takes over; never the reverse.
// A fair coin has fewer than 20 or more than 80 of 100 with probability < 1e-9.
TEST(Pbt, LosesTournamentsToBetterMembersOnly) {
  int num_taken_over = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Pbt schedule = make(2.0, 4, {{"exploit", "tournament"}});
    const Space space = SpaceBuilder().real("x", 1.0, 2.0).build();
    Rng rng(seed);
    const std::array<double, 2> losses = {1.0, 2.0};
    for (std::int64_t trial = 0; trial < 2; ++trial) {
      join(schedule, trial, 0, schedule.birth(trial, space, rng), {1.5});
    }
    for (std::int64_t trial = 0; trial < 2; ++trial) {
      schedule.tell({.kind = LevelEvent::Kind::Paused,
                     .trial = trial,
                     .losses = {&losses[static_cast<std::size_t>(trial)], 1}});
    }
    const Birth better = schedule.birth(2, space, rng);
    EXPECT_EQ(better.parent, 0);
    join(schedule, 2, 1, better, better.point);
    num_taken_over += schedule.birth(3, space, rng).parent == 0;
  }
  EXPECT_GE(num_taken_over, 20);
  EXPECT_LE(num_taken_over, 80);
}

// By hand: of five members the worst one takes over the best one's checkpoint; the others go on.
TEST(Pbt, ReplacesTheWorstByTheBestAndLetsTheOthersGoOn) {
  Pbt schedule = make(2.0, 10);
  const Space space = SpaceBuilder().real("x", 1.0, 2.0).build();
  Rng rng(1);
  for (std::int64_t trial = 0; trial < 5; ++trial) {
    const Birth birth = schedule.birth(trial, space, rng);
    EXPECT_TRUE(birth.point.empty());
    EXPECT_EQ(birth.parent, -1);
    EXPECT_EQ(birth.member, trial);
    join(schedule, trial, 0, birth, {1.5});
  }
  EXPECT_EQ(schedule.growth(), Growth::Waiting);
  const std::array<double, 5> losses = {3.0, 1.0, 5.0, 2.0, 4.0};
  for (std::int64_t trial = 0; trial < 5; ++trial) {
    schedule.tell({.kind = LevelEvent::Kind::Paused,
                   .trial = trial,
                   .losses = {&losses[static_cast<std::size_t>(trial)], 1}});
  }
  for (std::int64_t member = 0; member < 5; ++member) {
    const Birth birth = schedule.birth(5 + member, space, rng);
    EXPECT_EQ(birth.member, member);
    EXPECT_EQ(birth.parent, member == 2 ? 1 : member);
    EXPECT_EQ(birth.point[0] != 1.5, member == 2);
    EXPECT_TRUE(space.contains(birth.point));
    join(schedule, 5 + member, 1, birth, birth.point);
  }
  EXPECT_EQ(schedule.growth(), Growth::Waiting);
}

TEST(Pbt, RefusesABudgetTooSmallForTwoMembers) {
  EXPECT_THROW(make(10.0, 19), UserError);
  EXPECT_NO_THROW(make(10.0, 20));
}

}  // namespace
}  // namespace trimtab
