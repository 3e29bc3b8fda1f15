#include "trimtab/engine/runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/core/testing/forwarding_storage.hpp"
#include "trimtab/engine/seeds.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"
#include "trimtab/executors/thread/thread_executor.hpp"

namespace trimtab {
namespace {

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

/// Calls back at each event.
struct Watcher final : RunObserver {
  std::function<void(const Trial&)> on_start = [](const Trial&) {};
  std::function<void()> on_tick = [] {};
  std::vector<std::int64_t> finished, lost;
  std::vector<Stage> stages;
  void trial_started(const Trial& trial) override { on_start(trial); }
  void trial_finished(std::int64_t number, const Outcome&) override { finished.push_back(number); }
  void trial_lost(std::int64_t number) override { lost.push_back(number); }
  void stage_changed(Stage stage) override { stages.push_back(stage); }
  void tick() override { on_tick(); }
};

/// Refuses transactions while `num_refusals` lasts.
class FlakyStorage final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  Sequence transact(StudyId study, Sequence after, Durability durability, const Visitor& visit,
                    const Decide& decide) override {
    if (num_refusals > 0) {
      --num_refusals;
      throw EnvironmentError(ErrorInfo{"test.full", "no space left", "", "", "", ""});
    }
    return ForwardingStorage::transact(study, after, durability, visit, decide);
  }
  int num_refusals = 0;
};

class RunnerTest : public ProcessFixture {
 protected:
  StudySpec line(std::int64_t trials) const {
    StudySpec spec = spec_of("true");
    spec.name = "line";
    spec.budget.trials = trials;
    spec.sampler = {.name = "random", .options = "{}"};
    spec.validity.confirm_top = 0;
    return spec;
  }
  Study open(const StudySpec& spec) { return Study(spec, registry_, storage_); }

  // Runs a study with a callable on threads.
  Runner::End run(Study& study, const Callable& callable, Runner::Options options = {}) {
    options.tick_seconds = 0.005;
    ThreadExecutor executor(study.space(), callable, study.spec().objectives.front().name,
                            static_cast<int>(options.parallel));
    return Runner(study, executor, watcher_, options).run(interrupt_);
  }
  // Runs a study with its own command.
  Runner::End run(Study& study, Runner::Options options = {}) {
    options.tick_seconds = 0.005;
    options.num_retries = study.spec().program.limits.retries;
    const auto executor = executor_of(study.spec());
    return Runner(study, *executor, watcher_, options).run(interrupt_);
  }
  template <typename Read>
  static auto look(Study& study, Read read) {
    study.refresh();
    std::invoke_result_t<Read, const History&> result{};
    study.view([&](const StudyView& view) { result = read(view.history); });
    return result;
  }
  static std::string told(Study& study, std::int64_t number) {
    return look(study, [&](const History& history) {
      if (history.state(number) != TrialState::Failed) {
        return std::string(name_of(history.state(number)));
      }
      const Failure& failure = history.failure(number);
      return std::string(name_of(failure.reason)) + ": " + failure.detail;
    });
  }
  static double value(Study& study, std::int64_t number) {
    return look(study, [&](const History& history) { return history.value(number); });
  }
  static std::int64_t count(Study& study, TrialState state) {
    return look(study, [&](const History& history) { return history.count(state); });
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
  Watcher watcher_;
  std::atomic<int> interrupt_{0};
};

Metrics identity(const Space&, PointView point, TrialContext&) { return {{"loss", point[0]}}; }

TEST_F(RunnerTest, RunsTheWholeBudgetAndReportsEachTrialOnce) {
  Study study = open(line(25));
  EXPECT_EQ(run(study, identity, {.parallel = 3}), Runner::End::Done);
  EXPECT_EQ(count(study, TrialState::Complete), 25);
  const std::set<std::int64_t> once(watcher_.finished.begin(), watcher_.finished.end());
  EXPECT_EQ(once.size(), 25u);
  EXPECT_EQ(watcher_.finished.size(), 25u);
  EXPECT_EQ(watcher_.stages, std::vector<Stage>{Stage::Done});
}

TEST_F(RunnerTest, TakesTheMeanOverTuningSeeds) {
  StudySpec spec = line(4);
  spec.validity.tuning_seeds = 3;
  Study study = open(spec);
  std::mutex mutex;
  std::multiset<std::uint64_t> seeds;
  run(study,
      [&](const Space&, PointView point, TrialContext& context) -> Metrics {
        const std::lock_guard lock(mutex);
        seeds.insert(context.seed());
        const double noise = static_cast<double>(context.seed() % 1000);
        return {{"loss", point[0] + noise}, {"noise", noise}};
      },
      {.parallel = 2});
  double mean = 0.0;
  for (std::int64_t k = 0; k < 3; ++k) {
    EXPECT_EQ(seeds.count(tuning_seed(spec.seed, k)), 4u);
    mean += static_cast<double>(tuning_seed(spec.seed, k) % 1000) / 3.0;
  }
  EXPECT_EQ(seeds.size(), 12u);
  for (std::int64_t number = 0; number < 4; ++number) {
    const double x = look(study, [&](const History& history) { return history.point(number)[0]; });
    EXPECT_NEAR(value(study, number), x + mean, 1e-9);
    EXPECT_NEAR(look(study, [&](const History& h) { return h.metrics(number).at("noise"); }), mean,
                1e-9);
  }
}

TEST_F(RunnerTest, RecordsFailuresAsDataAndGoesOn) {
  Study study = open(line(6));
  std::atomic<int> calls{0};
  run(study, [&](const Space&, PointView, TrialContext&) -> Metrics {
    switch (calls++) {
      case 0:
        throw std::runtime_error("singular");
      case 1:
        return {{"loss", std::nan("")}};
      case 2:
        return {{"accuracy", 1.0}};
      case 3:
        return {{"loss", std::numeric_limits<double>::infinity()}};
      default:
        return {{"loss", 1.0}};
    }
  });
  EXPECT_EQ(told(study, 0), "exception: singular");
  EXPECT_EQ(told(study, 1), "not a number: loss is not a number");
  EXPECT_EQ(told(study, 2), "no result: the program never reported loss");
  EXPECT_EQ(told(study, 3), "complete");
  EXPECT_EQ(told(study, 5), "complete");
  EXPECT_EQ(calls, 6);
}

TEST_F(RunnerTest, StartsNoFurtherSeedsOfATrialThatFailed) {
  StudySpec spec = line(2);
  spec.validity.tuning_seeds = 4;
  Study study = open(spec);
  std::atomic<int> calls{0};
  run(study, [&](const Space&, PointView, TrialContext&) -> Metrics {
    if (calls++ == 1) throw std::runtime_error("no luck");
    return {{"loss", 1.0}};
  });
  EXPECT_EQ(calls, 2 + 4);
  EXPECT_EQ(told(study, 0), "exception: no luck");
  EXPECT_EQ(told(study, 1), "complete");
}

TEST_F(RunnerTest, StopsTheOtherRunsOfATrialThatFailed) {
  StudySpec spec = line(1);
  spec.validity.tuning_seeds = 2;
  Study study = open(spec);
  std::atomic<bool> is_running{false};
  run(study,
      [&](const Space&, PointView, TrialContext& context) -> Metrics {
        if (context.seed() != tuning_seed(1, 0)) {
          while (!is_running) pause();
          throw std::runtime_error("no luck");
        }
        is_running = true;
        while (!context.should_stop()) pause();  // for ever, unless it is stopped
        return {};
      },
      {.parallel = 2});
  EXPECT_EQ(told(study, 0), "exception: no luck");
}

TEST_F(RunnerTest, KeepsTheCurveOfTheFirstSeed) {
  StudySpec spec = line(1);
  spec.validity.tuning_seeds = 2;
  Study study = open(spec);
  run(study, [&](const Space&, PointView, TrialContext& context) -> Metrics {
    const double base = context.seed() == tuning_seed(1, 0) ? 10.0 : 20.0;
    for (int step = 0; step < 3; ++step) context.report(step, base + step);
    return {{"loss", base}};
  });
  const auto reports = look(study, [](const History& history) { return history.reports(0); });
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(reports[2].step, 2.0);
  EXPECT_EQ(reports[2].value, 12.0);
}

TEST_F(RunnerTest, RetriesAsOftenAsAllowedAndNoMore) {
  const std::string script = "echo x >> " + path("log") +
                             "; [ $TRIMTAB_TRIAL-$TRIMTAB_ATTEMPT = 1-2 ] || exit 75; echo loss=3";
  StudySpec spec = script_spec(script);
  spec.budget.trials = 2;
  spec.sampler.name = "random";
  spec.validity.confirm_top = 0;
  spec.program.limits.retries = 2;
  Study study = open(spec);
  EXPECT_EQ(run(study), Runner::End::Done);
  EXPECT_EQ(told(study, 0), "exit code: exit code 75 (try again later)");
  EXPECT_EQ(told(study, 1), "complete");
  EXPECT_EQ(read(path("log")).size(), 2u * (3 + 3));
}

TEST_F(RunnerTest, EndsRunsAtTheWallLimitAndGoesOn) {
  StudySpec spec = script_spec("[ $TRIMTAB_TRIAL = 0 ] && sleep 1000; echo loss=1");
  spec.budget.trials = 2;
  spec.validity.confirm_top = 0;
  spec.program.limits.wall_seconds = 0.15;
  Study study = open(spec);
  EXPECT_EQ(run(study), Runner::End::Done);
  EXPECT_EQ(told(study, 0), "time-out: ran longer than 150 ms");
  EXPECT_EQ(count_alive(), 0);
}

TEST_F(RunnerTest, LetsRunningTrialsFinishAtTheFirstInterrupt) {
  StudySpec spec = line(20);
  spec.validity.tuning_seeds = 2;
  Study study = open(spec);
  watcher_.on_start = [&](const Trial& trial) {
    if (trial.number == 3) interrupt_ = 1;
  };
  EXPECT_EQ(run(study, identity), Runner::End::Interrupted);
  EXPECT_EQ(count(study, TrialState::Complete), 4);  // trial 3 with both of its seeds
  EXPECT_EQ(look(study, [](const History& history) { return history.size(); }), 4);
  interrupt_ = 0;
  EXPECT_EQ(run(study, identity), Runner::End::Done);
  EXPECT_EQ(count(study, TrialState::Complete), 20);
}

TEST_F(RunnerTest, KillsAndRequeuesAtTheSecondInterrupt) {
  StudySpec spec = script_spec("[ -e " + path("go") +
                               " ] || { echo step=1 loss=9; setsid sleep 1000; }\n"
                               "echo loss=$TRIMTAB_SEED");
  spec.budget.trials = 3;
  spec.sampler.name = "random";
  spec.validity.confirm_top = 0;
  Study study = open(spec);
  watcher_.on_tick = [&] {
    if (look(study, [](const History& history) { return history.num_reports(); }) >= 2) {
      interrupt_ = 2;
    }
  };
  EXPECT_EQ(run(study, {.parallel = 2}), Runner::End::Interrupted);
  EXPECT_EQ(count_alive(), 0);
  EXPECT_EQ(look(study, [](const History& h) { return h.waiting(); }),
            (std::set<std::int64_t>{0, 1}));
  const auto points = look(
      study, [](const History& h) { return std::vector<double>{h.point(0)[0], h.point(1)[0]}; });

  write(path("go"), "");
  interrupt_ = 0;
  watcher_.on_tick = [] {};
  EXPECT_EQ(run(study, {.parallel = 2}), Runner::End::Done);
  EXPECT_EQ(count(study, TrialState::Complete), 3);
  EXPECT_EQ(
      look(study,
           [](const History& h) { return std::vector<double>{h.point(0)[0], h.point(1)[0]}; }),
      points);
  EXPECT_EQ(value(study, 0), static_cast<double>(tuning_seed(spec.seed, 0)));
}

TEST_F(RunnerTest, RequeuesATrialBetweenTwoOfItsSeedsAtTheSecondInterrupt) {
  StudySpec spec = line(2);
  spec.validity.tuning_seeds = 3;
  Study study = open(spec);
  const Callable interrupting = [&](const Space&, PointView point, TrialContext&) -> Metrics {
    interrupt_ = 2;
    return {{"loss", point[0]}};
  };
  EXPECT_EQ(run(study, interrupting), Runner::End::Interrupted);
  EXPECT_EQ(told(study, 0), "waiting");
  EXPECT_TRUE(watcher_.finished.empty());
}

TEST_F(RunnerTest, LeavesNothingRunningAfterTheSecondInterruptWithManySeeds) {
  StudySpec spec = line(2);
  spec.validity.tuning_seeds = 4;
  Study study = open(spec);
  std::atomic<int> running{0};
  const Callable endless = [&](const Space&, PointView, TrialContext& context) -> Metrics {
    if (++running == 4) interrupt_ = 2;
    while (!context.should_stop()) pause();
    for (std::uint64_t k = 0; k < context.seed() % 20; ++k) pause();  // they end one by one
    --running;
    return {};
  };
  ThreadExecutor executor(study.space(), endless, "loss", 4);
  Runner runner(study, executor, watcher_, {.parallel = 4, .tick_seconds = 0.005});
  EXPECT_EQ(runner.run(interrupt_), Runner::End::Interrupted);
  EXPECT_EQ(executor.num_running(), 0u);
  EXPECT_EQ(running, 0);
  EXPECT_EQ(told(study, 0), "waiting");
}

TEST_F(RunnerTest, PaysForNoTwinOfAFinishedTrial) {
  StudySpec spec = line(3);
  Study study = open(spec);
  std::atomic<int> calls{0};
  const Callable counting = [&](const Space&, PointView point, TrialContext&) -> Metrics {
    ++calls;
    return {{"loss", point[0]}};
  };
  study.enqueue({0.5});
  run(study, counting);
  EXPECT_EQ(calls, 3);
  const std::int64_t twin = study.enqueue({0.5});
  run(study, counting);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(value(study, twin), 0.5);
}

TEST_F(RunnerTest, StopsAtTargetPatienceAndWallBudget) {
  StudySpec spec = line(1000);
  spec.objectives[0].target = 0.3;
  Study reached = open(spec);
  run(reached, identity);
  const auto size = [](const History& history) { return history.size(); };
  const std::int64_t num_asked = look(reached, size);
  EXPECT_LT(num_asked, 1000);
  EXPECT_LE(value(reached, num_asked - 1), 0.3);

  spec = line(1000);
  spec.name = "patient";
  spec.budget.patience = 5;
  Study patient = open(spec);
  std::atomic<int> calls{0};
  run(patient, [&](const Space&, PointView, TrialContext&) -> Metrics {
    return {{"loss", static_cast<double>(calls++)}};
  });
  EXPECT_EQ(calls, 6);

  spec = line(1000);
  spec.name = "hurried";
  spec.budget.wall_seconds = 0.1;
  Study hurried = open(spec);
  run(hurried, [&](const Space&, PointView point, TrialContext&) -> Metrics {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return {{"loss", point[0]}};
  });
  EXPECT_GE(look(hurried, size), 1);
  EXPECT_LE(look(hurried, size), 6);
}

TEST_F(RunnerTest, ConfirmsFinalistsAndDefaultPairedOnFreshSeeds) {
  StudySpec spec = line(10);
  spec.space_definition = R"({"x": {"float": [0.0, 1.0], "default": 0.9}})";
  spec.validity = {.tuning_seeds = 2, .confirm_top = 2, .confirm_seeds = 4};
  Study study = open(spec);
  // The seed tells, a little: else three of the four seeds were enough.
  const auto noisy = [](const Space&, PointView point, TrialContext& context) -> Metrics {
    return {{"loss", point[0] + 1e-12 * static_cast<double>(context.seed())}};
  };
  EXPECT_EQ(run(study, noisy, {.parallel = 3}), Runner::End::Done);
  EXPECT_EQ(watcher_.stages, (std::vector<Stage>{Stage::Confirm, Stage::Done}));
  std::map<std::int64_t, std::set<std::uint64_t>> seeds;
  look(study, [&](const History& history) {
    for (std::int64_t number = 10; number < history.size(); ++number) {
      EXPECT_EQ(history.purpose(number), Purpose::Confirm);
      EXPECT_EQ(history.seed(number) % 2, 1u);
      EXPECT_NEAR(history.value(number), history.value(history.of_trial(number)), 0.01);
      EXPECT_TRUE(seeds[history.of_trial(number)].insert(history.seed(number)).second);
    }
    return 0;
  });
  ASSERT_EQ(seeds.size(), 3u);
  EXPECT_TRUE(seeds.contains(0));  // the default
  for (const auto& [finalist, own] : seeds) {
    EXPECT_EQ(own, seeds.begin()->second);
    EXPECT_EQ(own.size(), 4u);
  }
}

TEST_F(RunnerTest, SurvivesAStorageThatRefusesForAWhile) {
  auto flaky = std::make_shared<FlakyStorage>(storage_);
  Study study(line(8), registry_, flaky);
  watcher_.on_start = [&](const Trial& trial) {
    if (trial.number % 3 == 1) flaky->num_refusals = 2;
  };
  EXPECT_EQ(run(study, identity, {.parallel = 2}), Runner::End::Done);
  EXPECT_EQ(count(study, TrialState::Complete), 8);
}

TEST_F(RunnerTest, GivesUpWithTheStoragesOwnErrorWhenItsPatienceEnds) {
  auto flaky = std::make_shared<FlakyStorage>(storage_);
  Study study(line(8), registry_, flaky);
  watcher_.on_start = [&](const Trial&) { flaky->num_refusals = 1'000'000; };
  try {
    run(study, identity, {.storage_patience_seconds = 0.1});
    FAIL() << "no error";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.info().code, "test.full");
  }
}

TEST_F(RunnerTest, ForgetsATrialThatSomebodyElseHasEnded) {
  Study study = open(line(3));
  Study other = Study::open("line", registry_, storage_);
  watcher_.on_start = [&](const Trial& trial) {
    if (trial.number == 1) other.tell(1, {.values = {42.0}});
  };
  const Callable reporting = [](const Space&, PointView point, TrialContext& context) -> Metrics {
    while (context.report(0.0, 1.0) && point[0] < 0.0) pause();
    return {{"loss", point[0]}};
  };
  EXPECT_EQ(run(study, reporting), Runner::End::Done);
  EXPECT_EQ(value(study, 1), 42.0);
  EXPECT_EQ(watcher_.finished, (std::vector<std::int64_t>{0, 2}));
}

TEST_F(RunnerTest, WaitsForAMachineThatHasNoRoomForAWhile) {
  StudySpec spec = script_spec("echo loss=1");
  spec.budget.trials = 2;
  spec.validity.confirm_top = 0;
  Study study = open(spec);
  write(path("trials"), "in the way of the trials' folder");
  int num_ticks = 0;
  watcher_.on_tick = [&] {
    if (++num_ticks == 3) std::filesystem::remove(path("trials"));
  };
  EXPECT_EQ(run(study), Runner::End::Done);
  EXPECT_EQ(count(study, TrialState::Complete), 2);
}

// What a worker does that has heard nothing of this one for a lease.
TEST_F(RunnerTest, StopsTheRunOfATrialThatItLostAndGoesOn) {
  StudySpec spec = line(3);
  write(path("program.sh"), "test $1 -eq 0 && sleep 60; echo 'trimtab: {\"loss\": 1}'\n");
  spec.program.command = "sh " + path("program.sh") + " {trial.number}";
  spec.lease_seconds = 1.0;
  Study study = open(spec);
  Study other(spec, registry_, storage_, wall_clock(), own_worker_id() + 2);
  watcher_.on_start = [&](const Trial& trial) {
    if (trial.number != 0) return;
    other.requeue({0});
    EXPECT_EQ(other.ask()->number, 0);
    other.tell(0, {.values = {2.0}});
  };
  EXPECT_EQ(run(study), Runner::End::Done);
  EXPECT_EQ(watcher_.lost, std::vector<std::int64_t>{0});
  EXPECT_EQ(watcher_.finished, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(value(study, 0), 2.0);
  EXPECT_EQ(value(study, 1), 1.0);
  EXPECT_EQ(count(study, TrialState::Complete), 3);
  EXPECT_EQ(count_left(), 0);
}

TEST_F(RunnerTest, RunsATrialThatItLostAgainWhenNobodyElseDoes) {
  StudySpec spec = line(1);
  const std::string mark = path("mark");
  write(path("program.sh"), "test -e " + mark + " || { touch " + mark +
                                "; sleep 60; }; echo 'trimtab: {\"loss\": 1}'\n");
  spec.program.command = "sh " + path("program.sh");
  spec.lease_seconds = 1.0;
  Study study = open(spec);
  Study other(spec, registry_, storage_, wall_clock(), own_worker_id() + 2);
  watcher_.on_tick = [&, is_done = false]() mutable {
    if (is_done || !std::filesystem::exists(mark)) return;
    is_done = true;
    other.requeue({0});
  };
  EXPECT_EQ(run(study), Runner::End::Done);
  EXPECT_EQ(watcher_.lost, std::vector<std::int64_t>{0});
  EXPECT_EQ(watcher_.finished, std::vector<std::int64_t>{0});
  EXPECT_EQ(value(study, 0), 1.0);
  EXPECT_EQ(count_left(), 0);
}

}  // namespace
}  // namespace trimtab
