// Schedulers in simulated time: the simulator itself, and pruning with deaths and stragglers.
#include "trimtab/engine/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "trimtab/base/rng.hpp"
#include "trimtab/engine/replay.hpp"

namespace trimtab {
namespace {

constexpr int kSteps = 9;

// Falls to 10 x with x in [0, 1]; the same for the same point.
SimulatedCurve falling(const Trial& trial) {
  SimulatedCurve curve;
  for (int step = 1; step <= kSteps; ++step) {
    curve.values.push_back(10.0 * trial.point[0] + 1.0 / step);
  }
  return curve;
}

class SimulationTest : public ::testing::Test {
 protected:
  static StudySpec spec(std::int64_t trials, const std::string& pruner) {
    StudySpec spec;
    spec.name = "simulated";
    spec.budget.trials = trials;
    spec.space_definition = R"({"x": [0.0, 1.0]})";
    spec.sampler = {.name = "random", .options = "{}"};
    spec.pruner.name = pruner;
    spec.validity.confirm_top = 0;
    return spec;
  }
  struct Run {
    SimulationResult result;
    std::vector<std::string> log;
    ReplayResult replay;
    std::int64_t num_complete, num_pruned, num_left;
    double best;
  };
  static Run run(const StudySpec& spec, const SimulationOptions& options) {
    const Registry registry = make_registry();
    const std::shared_ptr<Storage> storage = registry.open_storage("memory:");
    ManualClock clock;
    Study study(spec, registry, storage, clock);
    Run run;
    run.result = simulate(study, clock, falling, options);
    const StudyId id = storage->find_study(spec.name)->id;
    storage->read(id, 0, [&](Sequence, std::string_view bytes) { run.log.emplace_back(bytes); });
    run.replay = replay_study(spec.name, registry, storage);
    study.view([&](const StudyView& view) {
      const History& history = view.history;
      run.num_complete = history.count(TrialState::Complete);
      run.num_pruned = history.count(TrialState::Pruned);
      run.num_left = history.size() - run.num_complete - run.num_pruned;
      run.best = history.best() < 0 ? std::nan("") : history.value(history.best());
    });
    return run;
  }
};

// By hand: 10 trials of 9 steps of 1 s on 4 workers take three rounds.
TEST_F(SimulationTest, TakesTheTimeThatTheWorkersWouldTake) {
  const Run alone = run(spec(10, "none"), {.num_workers = 1});
  EXPECT_DOUBLE_EQ(alone.result.seconds, 90.0);
  EXPECT_EQ(alone.result.num_steps, 90);
  EXPECT_TRUE(alone.result.is_over);
  EXPECT_DOUBLE_EQ(run(spec(10, "none"), {.num_workers = 4}).result.seconds, 27.0);
  const Run cut = run(spec(10, "none"), {.num_workers = 4, .max_seconds = 20.0});
  EXPECT_EQ(cut.num_complete, 8);
  EXPECT_EQ(cut.num_left, 2);
  EXPECT_FALSE(cut.result.is_over);
}

TEST_F(SimulationTest, WritesTheSameLogForTheSameSeeds) {
  const SimulationOptions options = {
      .num_workers = 7, .death_rate = 0.2, .restart_seconds = 3.0, .straggler_rate = 0.1};
  EXPECT_EQ(run(spec(60, "median"), options).log, run(spec(60, "median"), options).log);
  SimulationOptions other = options;
  other.seed = 2;
  EXPECT_NE(run(spec(60, "median"), options).log, run(spec(60, "median"), other).log);
}

TEST_F(SimulationTest, LosesOneStepPerDeathWithACheckpointAndAllWithout) {
  SimulationOptions options = {.num_workers = 3, .death_rate = 0.3};
  const Run without = run(spec(30, "none"), options);
  EXPECT_GT(without.result.num_deaths, 3);
  EXPECT_EQ(without.result.num_steps - without.result.num_lost_steps, 30 * kSteps);
  EXPECT_EQ(without.num_complete, 30);
  options.keeps_checkpoints = true;
  const Run with = run(spec(30, "none"), options);
  EXPECT_EQ(with.result.num_lost_steps, with.result.num_deaths);
  EXPECT_EQ(with.result.num_steps - with.result.num_lost_steps, 30 * kSteps);
}

class SimulatedPruners : public SimulationTest,
                         public ::testing::WithParamInterface<std::string> {};

std::vector<std::string> pruner_names() {
  std::vector<std::string> names;
  const Registry registry = make_registry();
  for (const auto& [name, entry] : registry.pruners()) names.push_back(name);
  return names;
}

// 20 rounds with other deaths each: nothing is lost, nothing runs twice at once, the budget holds,
// and a replay comes to the same decisions.
TEST_P(SimulatedPruners, LoseNothingWhenWorkersDieAndDally) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Run one = run(spec(40, GetParam()), {.num_workers = 6,
                                               .seed = seed,
                                               .death_rate = 0.25,
                                               .restart_seconds = 5.0,
                                               .keeps_checkpoints = seed % 2 == 0,
                                               .straggler_rate = 0.2});
    EXPECT_TRUE(one.result.is_over);
    EXPECT_EQ(one.num_complete + one.num_pruned, 40);
    EXPECT_GE(one.num_complete, 1);
    EXPECT_EQ(one.replay.num_equal, one.replay.num_proposals);
    EXPECT_EQ(one.replay.num_stops, one.num_pruned);
    EXPECT_EQ(one.replay.num_equal_stops, one.replay.num_stops);
  }
}

// On curves that never cross, those who compare save steps and miss nothing.
TEST_P(SimulatedPruners, FindTheBestTrialOnParallelCurves) {
  const Run whole = run(spec(60, "none"), {.num_workers = 4});
  const Run pruned = run(spec(60, GetParam()), {.num_workers = 4});
  EXPECT_EQ(pruned.best, whole.best);
  EXPECT_LE(pruned.result.num_steps, whole.result.num_steps);
  const std::set<std::string> strict = {"median", "percentile", "successive_halving", "hyperband"};
  if (strict.contains(GetParam())) {
    EXPECT_LE(pruned.result.num_steps, whole.result.num_steps * 3 / 4);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SimulatedPruners, ::testing::ValuesIn(pruner_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace trimtab
