#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/core/registry.hpp"

/// What every schedule promises (core/schedule.hpp), as tests. Include this in one source file of a
/// test program that links GoogleTest, and name the schedules:
///
///   trimtab::Registry registry;
///   registry.add_schedule<MySchedule>();
///   INSTANTIATE_TEST_SUITE_P(Mine, ScheduleContract,
///                            ::testing::ValuesIn(trimtab::contract::schedule_cases(registry)),
///                            trimtab::contract::name_of_schedule);
namespace trimtab::contract {

struct ScheduleCase {
  std::string schedule;        ///< its registered name
  std::string options = "{}";  ///< JSON
  std::shared_ptr<const Registry> registry = {};
  std::string label = schedule;
};

/// One case per schedule with default options, one more for those that may be synchronous. The
/// schedule "replay" has nothing to replay here.
inline std::vector<ScheduleCase> schedule_cases(const Registry& registry) {
  const auto shared = std::make_shared<const Registry>(registry);
  std::vector<ScheduleCase> cases;
  for (const auto& [name, entry] : registry.schedules()) {
    if (name == "replay") continue;
    cases.push_back({name, "{}", shared, name});
    for (const OptionInfo& option : entry.info.options) {
      if (option.name != "synchronous") continue;
      cases.push_back({name, R"({"synchronous": true})", shared, name + "_synchronous"});
    }
  }
  return cases;
}

inline std::string name_of_schedule(const ::testing::TestParamInfo<ScheduleCase>& info) {
  return info.param.label;
}

inline void PrintTo(const ScheduleCase& schedule, std::ostream* out) { *out << schedule.label; }

/// A study in small: workers take turns, first come, first served. Results are a function of the
/// point, the trial and the level.
class SmallStudy {
 public:
  static constexpr std::int64_t kTrials = 90;
  struct Step {
    std::int64_t trial;
    int level;
    bool operator==(const Step&) const = default;
  };
  using Loss = std::function<double(PointView point, std::int64_t trial, int level)>;  // NaN: fails

  SmallStudy(Schedule& schedule, Loss loss, std::size_t num_objectives = 1)
      : schedule_(schedule), loss_(std::move(loss)), num_objectives_(num_objectives) {}

  /// Runs to the end. @returns false when there is none.
  bool run(std::size_t num_workers) {
    for (int turn = 0; turn < 100000; ++turn) {
      if (running_.size() < num_workers && (promote() || create())) continue;
      if (running_.empty()) return true;
      finish();
    }
    return false;
  }
  const std::vector<Step>& steps() const { return steps_; }
  /// Levels of the complete trials' ends.
  const std::map<std::int64_t, int>& ends() const { return ends_; }

 private:
  struct Trial {
    Point point = {};
    int level = 0;
    bool is_paused = false;
  };

  bool may_grow() const {
    return static_cast<std::int64_t>(trials_.size()) < kTrials &&
           schedule_.growth() != Growth::Over;
  }
  LevelEvent event(LevelEvent::Kind kind, std::int64_t number) {
    const Trial& trial = trials_[number];
    return {.kind = kind, .trial = number, .level = trial.level, .point = trial.point};
  }
  void start(std::int64_t number) {
    running_.push_back(number);
    steps_.push_back({number, trials_[number].level});
  }
  bool promote() {
    const std::optional<std::int64_t> number = schedule_.promotion(may_grow());
    if (!number) return false;
    Trial& trial = trials_[*number];
    EXPECT_TRUE(trial.is_paused) << "only a paused trial is promoted";
    trial.is_paused = false;
    ++trial.level;
    schedule_.tell(event(LevelEvent::Kind::Promoted, *number));
    start(*number);
    return true;
  }
  bool create() {
    if (!may_grow() || schedule_.growth() != Growth::Open) return false;
    const auto number = static_cast<std::int64_t>(trials_.size());
    Rng rng(3, static_cast<std::uint64_t>(number), "birth");
    const Birth birth = schedule_.birth(number, space_, rng);
    Trial trial;
    trial.point = birth.point.empty() ? space_.sample(rng) : birth.point;
    EXPECT_TRUE(space_.contains(trial.point));
    trial.level =
        birth.parent >= 0 ? trials_[birth.parent].level + 1 : schedule_.first_level(number);
    EXPECT_LE(trial.level, schedule_.top());
    trials_[number] = trial;
    LevelEvent born = event(LevelEvent::Kind::Born, number);
    born.parent = birth.parent;
    schedule_.tell(born);
    if (birth.member >= 0) {
      LevelEvent joined = event(LevelEvent::Kind::Joined, number);
      joined.member = birth.member;
      schedule_.tell(joined);
    }
    start(number);
    return true;
  }
  void finish() {
    const std::int64_t number = running_.front();
    running_.pop_front();
    Trial& trial = trials_[number];
    const double loss = loss_(trial.point, number, trial.level);
    const std::vector<double> losses(std::isnan(loss) ? 0 : num_objectives_, loss);
    trial.is_paused = !losses.empty() && trial.level < schedule_.top();
    if (!losses.empty() && !trial.is_paused) ends_[number] = trial.level;
    LevelEvent end =
        event(trial.is_paused ? LevelEvent::Kind::Paused : LevelEvent::Kind::Ended, number);
    end.losses = losses;
    schedule_.tell(end);
  }

  Schedule& schedule_;
  Loss loss_;
  std::size_t num_objectives_;
  Space space_ = SpaceBuilder().real("x", 0.0, 1.0).categorical("k", {"a", "b"}).build();
  std::map<std::int64_t, Trial> trials_;
  std::deque<std::int64_t> running_;
  std::vector<Step> steps_;
  std::map<std::int64_t, int> ends_;
};

class ScheduleContract : public ::testing::TestWithParam<ScheduleCase> {
 protected:
  std::unique_ptr<Schedule> make(std::size_t num_objectives = 1) const {
    const ScheduleCase& given = GetParam();
    const ScheduleSetting setting = {
        .fidelity = {.name = "epochs", .min = 1.0, .max = 9.0, .eta = 3.0},
        .num_objectives = num_objectives,
        .seed = 7,
        .budget_trials = SmallStudy::kTrials};
    return given.registry->make_schedule({given.schedule, given.options}, setting, "contract");
  }
  /// Runs a study to its end, where somebody has to be at the top.
  void expect_result(const SmallStudy::Loss& loss, std::size_t num_workers,
                     std::size_t num_objectives = 1) const {
    const auto schedule = make(num_objectives);
    SmallStudy study(*schedule, loss, num_objectives);
    EXPECT_TRUE(study.run(num_workers)) << "it never ends";
    EXPECT_FALSE(study.ends().empty());
    for (const auto& [trial, level] : study.ends()) EXPECT_EQ(level, schedule->top());
  }
  static double falling(PointView point, std::int64_t, int level) {
    return point[0] + 1.0 / (level + 1.0);
  }
};

TEST_P(ScheduleContract, GivesMoreAtEachLevelFromMinToMax) {
  const auto schedule = make();
  EXPECT_GE(schedule->fidelity(0), 1.0);
  for (int level = 1; level <= schedule->top(); ++level) {
    EXPECT_GT(schedule->fidelity(level), schedule->fidelity(level - 1));
  }
  EXPECT_EQ(schedule->fidelity(schedule->top()), 9.0);
}

TEST_P(ScheduleContract, BringsSomebodyToTheTopForAnyNumberOfWorkers) {
  for (const std::size_t num_workers : {1u, 2u, 7u, 40u}) expect_result(falling, num_workers);
}

TEST_P(ScheduleContract, RunsNobodyTwiceAtOneLevel) {
  const auto schedule = make();
  SmallStudy study(*schedule, falling);
  study.run(5);
  std::map<std::pair<std::int64_t, int>, int> counts;
  for (const SmallStudy::Step& step : study.steps()) {
    EXPECT_EQ(++counts[std::pair(step.trial, step.level)], 1);
  }
}

TEST_P(ScheduleContract, DecidesTheSameAgain) {
  const auto first = make();
  const auto second = make();
  SmallStudy one(*first, falling);
  SmallStudy other(*second, falling);
  one.run(4);
  other.run(4);
  EXPECT_EQ(one.steps(), other.steps());
}

TEST_P(ScheduleContract, GoesOnWhenTrialsFail) {
  const auto some_fail = [](PointView point, std::int64_t trial, int level) {
    return (trial + level) % 4 == 0 ? std::nan("") : falling(point, trial, level);
  };
  expect_result(some_fail, 4);
  const auto schedule = make();
  SmallStudy hopeless(*schedule, [](PointView, std::int64_t, int) { return std::nan(""); });
  EXPECT_TRUE(hopeless.run(4));
  EXPECT_TRUE(hopeless.ends().empty());
}

TEST_P(ScheduleContract, GoesOnWhenAllAreEqualOrInfinite) {
  for (const double value : {1.0, HUGE_VAL, -HUGE_VAL}) {
    expect_result([&](PointView, std::int64_t, int) { return value; }, 4);
  }
}

TEST_P(ScheduleContract, TakesSeveralObjectives) { expect_result(falling, 4, 2); }

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ScheduleContract);

}  // namespace trimtab::contract
