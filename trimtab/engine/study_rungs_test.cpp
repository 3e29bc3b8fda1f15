// Fidelities with pause and promotion: by hand, in simulated time, and with a program that resumes
// from its checkpoint.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>

#include "trimtab/core/lineage.hpp"
#include "trimtab/engine/replay.hpp"
#include "trimtab/engine/runner.hpp"
#include "trimtab/engine/simulation.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

StudySpec spec_with(const std::string& schedule, std::int64_t trials) {
  StudySpec spec;
  spec.name = "rungs";
  spec.budget.trials = trials;
  spec.space_definition = R"({"x": [0.0, 1.0]})";
  spec.sampler = {.name = "random", .options = "{}"};
  spec.fidelity = {.name = "epochs", .min = 1.0, .max = 9.0, .eta = 3.0, .schedule = {schedule}};
  spec.validity.confirm_top = 0;
  return spec;
}

class StudyRungs : public ::testing::Test {
 protected:
  Study open(const StudySpec& spec) { return Study(spec, registry_, storage_); }
  template <typename Read>
  static auto read(const Study& study, Read read) {
    std::invoke_result_t<Read, const History&> result{};
    study.view([&](const StudyView& view) { result = read(view.history); });
    return result;
  }
  static TrialState state(const Study& study, std::int64_t number) {
    return read(study, [&](const History& history) { return history.state(number); });
  }
  /// Asks for the next run, checks which it is, and tells it.
  static void expect_run(Study& study, std::int64_t number, double fidelity, double loss) {
    const NextTrial next = study.next();
    const Trial* trial = std::get_if<Trial>(&next);
    ASSERT_NE(trial, nullptr);
    EXPECT_EQ(trial->number, number);
    EXPECT_DOUBLE_EQ(trial->fidelity, fidelity);
    study.tell(number, {.values = {loss}});
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
};

// By hand, eta = 3: a third result makes room for one promotion.
TEST_F(StudyRungs, PromoteByAshaAsSoonAsATrialIsInTheBestThird) {
  Study study = open(spec_with("asha", 7));
  expect_run(study, 0, 1.0, 5.0);
  expect_run(study, 1, 1.0, 4.0);
  EXPECT_EQ(state(study, 1), TrialState::Waiting);
  expect_run(study, 2, 1.0, 6.0);
  expect_run(study, 1, 3.0, 3.5);  // the best of three
  expect_run(study, 3, 1.0, 1.0);  // the best of four: 1 is no longer
  expect_run(study, 3, 3.0, 0.9);
  expect_run(study, 4, 1.0, 7.0);
  expect_run(study, 5, 1.0, 7.0);
  expect_run(study, 6, 1.0, 7.0);
  // The budget is used up; the best of rung 1 goes to the top although only two reached it.
  expect_run(study, 3, 9.0, 0.8);
  EXPECT_TRUE(std::holds_alternative<WaitForOthers>(study.next()));  // closes the paused ones
  EXPECT_TRUE(std::holds_alternative<StudyDone>(study.next()));
  EXPECT_EQ(state(study, 3), TrialState::Complete);
  EXPECT_EQ(state(study, 1), TrialState::Pruned);
  EXPECT_EQ(read(study, [](const History& history) { return history.value(1); }), 3.5);
  EXPECT_EQ(read(study, [](const History& history) { return history.best(); }), 3);
  EXPECT_EQ(study.stage(), Stage::Done);
}

TEST_F(StudyRungs, HalveTogetherWhenTheScheduleIsSynchronous) {
  Study study = open(spec_with("successive_halving", 9));
  for (int i = 0; i < 9; ++i) expect_run(study, i, 1.0, (i * 4) % 9);  // 0 4 8 3 7 2 6 1 5
  for (const std::int64_t number : {0, 7, 5}) {
    expect_run(study, number, 3.0, static_cast<double>(10 - number));
  }
  expect_run(study, 7, 9.0, 1.0);  // 10 - 7 is the least
  study.next();
  EXPECT_EQ(read(study, [](const History& h) { return h.count(TrialState::Complete); }), 1);
  EXPECT_EQ(read(study, [](const History& h) { return h.count(TrialState::Pruned); }), 8);
}

TEST_F(StudyRungs, WaitForARunningTrialBeforeTheyHalve) {
  Study study = open(spec_with("successive_halving", 3));
  const std::int64_t slow = std::get<Trial>(study.next()).number;
  expect_run(study, 1, 1.0, 5.0);
  expect_run(study, 2, 1.0, 6.0);
  EXPECT_TRUE(std::holds_alternative<WaitForOthers>(study.next()));
  study.tell(slow, {.values = {1.0}});
  expect_run(study, slow, 3.0, 1.0);
}

TEST_F(StudyRungs, GiveTheDefaultConfigurationItsWholeFidelityAtOnce) {
  StudySpec spec = spec_with("asha", 3);
  spec.space_definition = R"({"x": {"float": [0.0, 1.0], "default": 0.5}})";
  Study study = open(spec);
  expect_run(study, 0, 9.0, 2.0);
  EXPECT_EQ(state(study, 0), TrialState::Complete);
  expect_run(study, 1, 1.0, 2.0);
}

TEST_F(StudyRungs, CountFailedTrialsAsTheWorstOfTheirRung) {
  Study study = open(spec_with("asha", 9));
  expect_run(study, 0, 1.0, 5.0);
  for (int i = 0; i < 2; ++i) {
    const std::int64_t number = std::get<Trial>(study.next()).number;
    study.tell(number, {.state = TrialState::Failed, .values = {}});
  }
  expect_run(study, 0, 3.0, 5.0);  // the best of three, two of which failed
}

TEST_F(StudyRungs, GoOnAfterARestartAsIfThereHadBeenNone) {
  const auto drive = [&](bool restarts) {
    storage_ = registry_.open_storage("memory:");
    auto study = std::make_unique<Study>(spec_with("hyperband", 30), registry_, storage_);
    std::vector<std::pair<std::int64_t, double>> runs;
    for (;;) {
      if (restarts) study = std::make_unique<Study>(Study::open("rungs", registry_, storage_));
      const NextTrial next = study->next();
      if (std::holds_alternative<StudyDone>(next)) return runs;
      const Trial* trial = std::get_if<Trial>(&next);
      if (trial == nullptr) continue;
      runs.emplace_back(trial->number, trial->fidelity);
      study->tell(trial->number, {.values = {trial->point[0] + 1.0 / trial->fidelity}});
    }
  };
  const auto whole = drive(false);
  EXPECT_EQ(drive(true), whole);
  std::map<double, int> first_fidelities;  // brackets of hyperband
  std::map<std::int64_t, int> num_runs;
  for (const auto& [number, fidelity] : whole) {
    if (num_runs[number]++ == 0) ++first_fidelities[fidelity];
  }
  EXPECT_EQ(first_fidelities.size(), 3u);
}

TEST_F(StudyRungs, RankSeveralObjectivesByDominance) {
  StudySpec spec = spec_with("asha", 9);
  spec.objectives = {{.name = "a"}, {.name = "b"}};
  Study study = open(spec);
  const std::vector<std::vector<double>> losses = {{3, 3}, {1, 1}, {2, 2}};
  for (const auto& values : losses) {
    study.tell(std::get<Trial>(study.next()).number, {.values = values});
  }
  EXPECT_EQ(std::get<Trial>(study.next()).number, 1);
}

SimulatedCurve falling(const Trial& trial) {
  SimulatedCurve curve;
  for (int step = 1; step <= 9; ++step) curve.values.push_back(trial.point[0] + 1.0 / step);
  return curve;
}

class SimulatedRungs : public ::testing::TestWithParam<std::string> {};

// What is true of every trial of a study that is over, whatever its workers went through.
void expect_nothing_lost(const History& history, const SimulationResult& result) {
  EXPECT_LE(history.size(), 40);
  EXPECT_GE(history.count(TrialState::Complete), 1);
  EXPECT_EQ(history.count(TrialState::Complete) + history.count(TrialState::Pruned),
            history.size());
  std::int64_t num_reports = 0;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    // With a checkpoint no step is reported twice, neither a trial's own nor its parent's.
    const std::vector<Report> reports = history.reports(number);
    const bool is_child = history.of_trial(number) >= 0;
    const double first =
        is_child ? history.reports(history.of_trial(number)).back().step + 1.0 : 1.0;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      EXPECT_EQ(reports[i].step, first + static_cast<double>(i));
    }
    num_reports += static_cast<std::int64_t>(reports.size());
  }
  EXPECT_EQ(num_reports, result.num_steps - result.num_lost_steps);
}

// Other deaths each round: no trial is lost, each runs once per rung unless its worker died, the
// budget holds, and it costs less than running everybody to the end.
TEST_P(SimulatedRungs, LoseNothingWhenWorkersDieAndDally) {
  const Registry registry = make_registry();
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {  // 200 rounds over all schedules
    const std::shared_ptr<Storage> storage = registry.open_storage("memory:");
    ManualClock clock;
    Study study(spec_with(GetParam(), 40), registry, storage, clock);
    const SimulationResult result = simulate(study, clock, falling,
                                             {.num_workers = 6,
                                              .seed = seed,
                                              .death_rate = 0.2,
                                              .restart_seconds = 3.0,
                                              .keeps_checkpoints = true,
                                              .straggler_rate = 0.2});
    EXPECT_TRUE(result.is_over);
    EXPECT_GT(result.num_deaths, 0);
    EXPECT_LT(result.num_steps - result.num_lost_steps, 40 * 9);
    study.view([&](const StudyView& view) { expect_nothing_lost(view.history, result); });
    const ReplayResult replay = replay_study("rungs", registry, storage);
    EXPECT_EQ(replay.num_equal, replay.num_proposals);
  }
}

std::vector<std::string> schedules_that_climb() {
  std::vector<std::string> names;
  const Registry registry = make_registry();
  for (const auto& [name, entry] : registry.schedules()) {
    if (name != "full" && name != "replay") names.push_back(name);
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, SimulatedRungs, ::testing::ValuesIn(schedules_that_climb()),
                         [](const auto& test) { return test.param; });

TEST_F(StudyRungs, TeachTheSamplerWhoClimbed) {
  StudySpec spec = spec_with("asha", 60);
  spec.sampler.name = "tpe";
  Study study = open(spec);
  double sum_late = 0.0;
  for (int run = 0;; ++run) {
    const NextTrial next = study.next();
    if (std::holds_alternative<StudyDone>(next)) break;
    const Trial* trial = std::get_if<Trial>(&next);
    if (trial == nullptr) continue;
    if (trial->number >= 50 && trial->fidelity == 1.0) sum_late += trial->point[0];
    // At one epoch everybody looks alike; the higher rungs prefer a small x.
    study.tell(trial->number, {.values = {trial->fidelity == 1.0 ? 1.0 : trial->point[0]}});
  }
  EXPECT_LT(sum_late / 10.0, 0.25);  // uniform: 0.5, deviation 0.09
}

class ProgramRungs : public ProcessFixture {};

// The program counts in its checkpoint how far it came, and says when it goes on from there.
TEST_F(ProgramRungs, ResumeFromTheCheckpointOfTheRungBefore) {
  StudySpec spec = script_spec(
      "cd \"$TRIMTAB_CHECKPOINT_DIR\"\n"
      "done=$(cat epoch 2>/dev/null || echo 0)\n"
      "[ \"$1\" = \"$TRIMTAB_FIDELITY\" ] || exit 1\n"
      "echo \"$done $1\" >>runs\n"
      "while [ $done -lt $1 ]; do done=$((done + 1)); echo step=$done loss=$2; done\n"
      "echo $done >epoch\n"
      "echo \"trimtab: {\\\"loss\\\": $2, \\\"epochs\\\": $done}\"\n");
  spec.program.command += " {trial.fidelity} {x}";
  spec.budget.trials = 9;
  spec.sampler = {.name = "random", .options = "{}"};
  spec.fidelity = {.name = "epochs", .max = 9.0, .schedule = {"asha"}};
  spec.validity.confirm_top = 0;
  const Registry registry = make_registry();
  Study study(spec, registry, registry.open_storage("memory:"));
  const auto executor = executor_of(spec);
  RunObserver observer;
  const std::atomic<int> interrupt{0};
  Runner(study, *executor, observer, {.parallel = 2, .tick_seconds = 0.005}).run(interrupt);
  study.view([&](const StudyView& view) {
    const History& history = view.history;
    EXPECT_EQ(history.count(TrialState::Failed), 0);
    const std::int64_t best = history.best();
    ASSERT_GE(best, 0);
    for (std::int64_t other = 0; other < 9; ++other) {
      EXPECT_LE(history.point(best)[0], history.point(other)[0]);
    }
    EXPECT_EQ(history.metrics(best).at("epochs"), 9.0);
    EXPECT_EQ(history.reports(best).size(), 9u);
    EXPECT_EQ(read(path("trials/test/" + std::to_string(best) + "-0/checkpoints/runs")),
              "0 1\n1 3\n3 9\n");
  });
}

// A quota of two: at the end the two paused trials that stood highest, and the complete ones, have
// kept their checkpoints. The study ends as it would without a quota.
TEST_F(ProgramRungs, KeepTheCheckpointsThatMayBeNeededAgain) {
  StudySpec spec = script_spec(
      "cd \"$TRIMTAB_CHECKPOINT_DIR\"\n"
      "echo \"$1\" >>runs\n"
      "echo \"trimtab: {\\\"loss\\\": $2}\"\n");
  spec.program.command += " {trial.fidelity} {x}";
  spec.budget.trials = 12;
  spec.sampler = {.name = "random", .options = "{}"};
  spec.fidelity = {.name = "epochs", .max = 9.0, .schedule = {"asha"}, .checkpoints = 2};
  spec.validity.confirm_top = 0;
  const Registry registry = make_registry();
  Study study(spec, registry, registry.open_storage("memory:"));
  const auto executor = executor_of(spec);
  RunObserver observer;
  const std::atomic<int> interrupt{0};
  Runner(study, *executor, observer, {.parallel = 1, .tick_seconds = 0.005}).run(interrupt);
  study.view([&](const StudyView& view) {
    const History& history = view.history;
    EXPECT_GE(history.count(TrialState::Complete), 1);
    std::int64_t num_kept = 0;
    for (std::int64_t number = 0; number < 12; ++number) {
      const std::string runs =
          path("trials/test/" + std::to_string(number) + "-0/checkpoints/runs");
      const bool is_kept = std::filesystem::exists(runs);
      num_kept += is_kept;
      if (history.state(number) == TrialState::Complete) {
        EXPECT_TRUE(is_kept) << number;
      }
    }
    EXPECT_LE(num_kept, history.count(TrialState::Complete) + 2);
  });
}

// Each segment of a member appends its number to the checkpoint that it was handed.
TEST_F(ProgramRungs, HandTheCheckpointOfAGoodMemberToAPoorOne) {
  StudySpec spec = script_spec(
      "cd \"$TRIMTAB_CHECKPOINT_DIR\"\n"
      "echo \"$TRIMTAB_TRIAL\" >>trail\n"
      "[ \"$(wc -l <trail)\" = \"$1\" ] || exit 1\n"
      "echo \"trimtab: {\\\"loss\\\": $2}\"\n");
  spec.program.command += " {trial.fidelity} {x}";
  spec.budget.trials = 16;
  spec.sampler = {.name = "random", .options = "{}"};
  spec.fidelity = {.name = "intervals", .max = 4.0, .schedule = {"pbt"}};
  spec.validity.confirm_top = 0;
  const Registry registry = make_registry();
  const std::shared_ptr<Storage> storage = registry.open_storage("memory:");
  Study study(spec, registry, storage);
  const auto executor = executor_of(spec);
  RunObserver observer;
  const std::atomic<int> interrupt{0};
  Runner(study, *executor, observer, {.parallel = 2, .tick_seconds = 0.005}).run(interrupt);
  study.view([&](const StudyView& view) {
    const History& history = view.history;
    EXPECT_EQ(history.count(TrialState::Failed), 0);
    EXPECT_GE(history.count(TrialState::Complete), 1);  // a donor may be a level behind
    int num_children_of_others = 0;
    for (std::int64_t number = 0; number < history.size(); ++number) {
      std::string trail;
      for (const std::int64_t before : ancestry(history, number)) {
        trail += std::to_string(before) + "\n";
      }
      EXPECT_EQ(read(path("trials/test/" + std::to_string(number) + "-0/checkpoints/trail")),
                trail);
      const std::int64_t parent = history.of_trial(number);
      num_children_of_others +=
          parent >= 0 && history.attributes(parent) != history.attributes(number);
    }
    EXPECT_GT(num_children_of_others, 0);
  });
  const ReplayResult replay = replay_study("test", registry, storage);
  EXPECT_EQ(replay.num_equal, replay.num_proposals);
}

}  // namespace
}  // namespace trimtab
