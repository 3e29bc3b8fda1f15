// Pruning with real programs and with callables: who is stopped ends as pruned, quickly, and the
// same study comes out the same again.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <tuple>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/engine/replay.hpp"
#include "trimtab/engine/runner.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"
#include "trimtab/executors/thread/thread_executor.hpp"

namespace trimtab {
namespace {

class RunnerPruning : public ProcessFixture {
 protected:
  // x is the loss at every step; the later half of the trials is judged.
  StudySpec spec(const std::string& script, std::int64_t trials = 7) const {
    StudySpec spec = script_spec(script);
    spec.program.command += " {x}";
    spec.budget.trials = trials;
    spec.sampler = {.name = "random", .options = "{}"};
    spec.pruner = {.name = "median", .options = R"({"startup_trials": 3})"};
    spec.validity.confirm_top = 0;
    return spec;
  }
  using Row = std::tuple<double, TrialState, double, std::size_t>;  // x, end, value, reports

  std::vector<Row> rows_of(Study& study) const {
    std::vector<Row> rows;
    study.view([&](const StudyView& view) {
      for (std::int64_t number = 0; number < view.history.size(); ++number) {
        rows.emplace_back(view.history.point(number)[0], view.history.state(number),
                          view.history.value(number), view.history.reports(number).size());
      }
    });
    return rows;
  }
  std::vector<Row> run(const StudySpec& spec, std::int64_t parallel = 1) {
    storage_ = registry_.open_storage("memory:");
    Study study(spec, registry_, storage_);
    const auto executor = executor_of(spec);
    RunObserver observer;
    Runner(study, *executor, observer, {.parallel = parallel, .tick_seconds = 0.005})
        .run(interrupt_);
    return rows_of(study);
  }
  static std::size_t count_pruned(const std::vector<Row>& rows) {
    return static_cast<std::size_t>(std::ranges::count_if(
        rows, [](const Row& row) { return std::get<1>(row) == TrialState::Pruned; }));
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_;
  std::atomic<int> interrupt_{0};
};

constexpr const char* kEightSteps =
    "for s in 1 2 3 4 5 6 7 8; do echo step=$s loss=$1; sleep 0.005; done\n"
    "echo \"trimtab: {\\\"loss\\\": $1}\"\n";

TEST_F(RunnerPruning, StopsBadProgramsAtTheirFirstReportAndRepeatsItself) {
  const StudySpec study = spec(kEightSteps);
  const std::vector<Row> rows = run(study);
  EXPECT_GE(count_pruned(rows), 2u);
  for (const auto& [x, end, value, num_reports] : rows) {
    EXPECT_EQ(value, x);
    EXPECT_EQ(num_reports, end == TrialState::Pruned ? 1u : 8u);
  }
  EXPECT_EQ(run(study), rows);
  const ReplayResult replay = replay_study(study.name, registry_, storage_);
  EXPECT_EQ(replay.num_stops, static_cast<std::int64_t>(count_pruned(rows)));
  EXPECT_EQ(replay.num_equal_stops, replay.num_stops);
  EXPECT_EQ(count_left(), 0);
}

TEST_F(RunnerPruning, ReplaysWhatParallelProgramsDid) {
  const StudySpec study = spec(kEightSteps, 12);
  const std::vector<Row> rows = run(study, 4);
  const ReplayResult replay = replay_study(study.name, registry_, storage_);
  EXPECT_EQ(replay.num_equal, replay.num_proposals);
  EXPECT_EQ(replay.num_stops, static_cast<std::int64_t>(count_pruned(rows)));
  EXPECT_EQ(replay.num_equal_stops, replay.num_stops);
}

// The trap ends the loop, so that the program says more after SIGTERM, and a final result.
TEST_F(RunnerPruning, TakesNothingOfWhatAStoppedProgramStillSays) {
  const std::vector<Row> rows =
      run(spec("end=0; trap end=1 TERM\n"
               "for s in 1 2 3 4 5 6 7 8; do\n"
               "  echo step=$s loss=$1; sleep 0.02\n"
               "  if [ $end = 1 ]; then echo step=9 loss=-5; break; fi\n"
               "done\n"
               "echo \"trimtab: {\\\"loss\\\": $1}\"\n"));
  EXPECT_GE(count_pruned(rows), 2u);
  for (const auto& [x, end, value, num_reports] : rows) EXPECT_EQ(value, x);
}

TEST_F(RunnerPruning, KillsAProgramThatDoesNotListen) {
  const Stopwatch elapsed;
  const std::vector<Row> rows =
      run(spec("trap '' TERM\n"
               "if [ $TRIMTAB_TRIAL = 3 ]; then echo step=1 loss=9; sleep 30; fi\n"
               "echo step=1 loss=$1\n"
               "echo \"trimtab: {\\\"loss\\\": $1}\"\n",
               4));
  EXPECT_EQ(std::get<1>(rows[3]), TrialState::Pruned);
  EXPECT_LT(elapsed.seconds(), 15.0);
  EXPECT_EQ(count_left(), 0);
}

TEST_F(RunnerPruning, StopsEverySeedOfATrialByTheFirstOnesCurve) {
  StudySpec several = spec(kEightSteps, 8);
  several.validity.tuning_seeds = 2;
  const std::vector<Row> rows = run(several, 2);
  EXPECT_GE(count_pruned(rows), 1u);
  EXPECT_EQ(count_left(), 0);
}

TEST_F(RunnerPruning, KeepsThePrunedEndWhenItIsInterrupted) {
  const StudySpec study = spec(
      "if [ $TRIMTAB_TRIAL = 3 ]; then trap '' TERM; echo step=1 loss=9; sleep 30; fi\n"
      "echo step=1 loss=$1\n"
      "echo \"trimtab: {\\\"loss\\\": $1}\"\n",
      4);
  storage_ = registry_.open_storage("memory:");
  Study handle(study, registry_, storage_);
  struct Interrupter final : RunObserver {
    Study* study;
    std::atomic<int>* interrupt;
    void tick() override {
      study->view([&](const StudyView& view) {
        if (view.history.size() == 4 && view.history.prune_decision(3) != nullptr) *interrupt = 2;
      });
    }
  } interrupter;
  interrupter.study = &handle;
  interrupter.interrupt = &interrupt_;
  StudySpec patient = study;
  patient.program.limits.grace_seconds = 20.0;
  const auto executor = executor_of(patient);
  Runner(handle, *executor, interrupter, {.tick_seconds = 0.005}).run(interrupt_);
  EXPECT_EQ(std::get<1>(rows_of(handle)[3]), TrialState::Pruned);
}

TEST_F(RunnerPruning, TellsACallableThatItShouldStop) {
  StudySpec study = spec("true", 12);
  storage_ = registry_.open_storage("memory:");
  Study handle(study, registry_, storage_);
  std::atomic<int> num_told{0};
  const Callable run = [&](const Space&, PointView point, TrialContext& context) -> Metrics {
    for (int step = 1; step <= 100; ++step) {
      if (!context.report(step, point[0])) {
        ++num_told;
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {{"loss", point[0]}};
  };
  ThreadExecutor executor(handle.space(), run, "loss", 2);
  RunObserver observer;
  Runner(handle, executor, observer, {.parallel = 2, .tick_seconds = 0.005}).run(interrupt_);
  const std::vector<Row> rows = rows_of(handle);
  EXPECT_GE(count_pruned(rows), 2u);
  EXPECT_GE(num_told.load(), 1);
  for (const auto& [x, end, value, num_reports] : rows) EXPECT_EQ(value, x);
}

}  // namespace
}  // namespace trimtab
