#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/core/executor.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// What the runs of a contract test do. `x` is the value of the space's only parameter.
enum class ContractRun : std::uint8_t {
  Succeed,  ///< ends at once with the metric loss = x
  Report,   ///< reports loss = 10 k at the steps k = 0 ... 9, then ends with loss = x
  Endless,  ///< reports loss = 0 at step 0, then goes on until it is stopped, which it obeys
  Fail,     ///< ends at once in a failure of its own
};

/// The contract of core/executor.hpp as tests. For an executor of your own write a maker and, in
/// any number of source files, one line for each:
///
///   struct MyMaker {
///     // An executor of at least `parallel` runs at once, whose objective is called "loss".
///     static std::unique_ptr<Executor> make(const Space& space, ContractRun run, int parallel);
///     // What is still alive of all runs that were ever started (processes, calls).
///     static int count_alive();
///   };
///   INSTANTIATE_TYPED_TEST_SUITE_P(Mine, ExecutorContract, MyMaker);
template <typename Maker>
class ExecutorContract : public ::testing::Test {
 protected:
  using Key = std::pair<std::int64_t, std::int64_t>;  // trial, run
  static constexpr double kPatienceSeconds = 30.0;    // only a broken executor takes as long

  void make(ContractRun run, int parallel = 4) { executor_ = Maker::make(space_, run, parallel); }

  void start(std::int64_t trial, std::int64_t run = 0, double x = 0.5, std::int64_t attempt = 0) {
    RunRequest request;
    request.study = "contract";
    request.trial = trial;
    request.run = run;
    request.attempt = attempt;
    request.seed = 7;
    request.point = {x};
    executor_->start(request);
  }

  // Collects until every run has a result and `num_reports` reports are in, or patience ends.
  void collect(std::size_t num_results, std::size_t num_reports = 0) {
    const Stopwatch elapsed;
    while ((results_.size() < num_results || reports_.size() < num_reports) &&
           elapsed.seconds() < kPatienceSeconds) {
      take(executor_->wait(0.1));
    }
    EXPECT_EQ(results_.size(), num_results);
    EXPECT_GE(reports_.size(), num_reports);
  }

  void take(const std::vector<RunUpdate>& updates) {
    for (const RunUpdate& update : updates) {
      if (const auto* report = std::get_if<RunReport>(&update)) {
        EXPECT_FALSE(results_.contains({report->trial, report->run})) << "a report after the end";
        reports_.push_back(*report);
      } else {
        const RunResult& result = std::get<RunResult>(update);
        EXPECT_TRUE(results_.emplace(Key{result.trial, result.run}, result).second)
            << "two results of run " << result.trial << "-" << result.run;
      }
    }
  }

  Space space_ = Space::parse_text(R"({"x": [0.0, 1.0]})");
  std::unique_ptr<Executor> executor_;
  std::vector<RunReport> reports_;
  std::map<Key, RunResult> results_;
};

TYPED_TEST_SUITE_P(ExecutorContract);

TYPED_TEST_P(ExecutorContract, GivesEachRunExactlyOneResult) {
  this->make(ContractRun::Succeed);
  for (int trial = 0; trial < 6; ++trial) {
    for (int run = 0; run < 2; ++run) this->start(trial, run, trial / 8.0);
  }
  EXPECT_EQ(this->executor_->num_running(), 12u);
  this->collect(12);
  EXPECT_EQ(this->executor_->num_running(), 0u);
  this->take(this->executor_->wait(0.05));  // nothing comes twice
  EXPECT_TRUE(this->reports_.empty());
  for (const auto& [key, result] : this->results_) {
    EXPECT_EQ(result.failure.reason, FailureReason::None) << result.failure.detail;
    EXPECT_EQ(result.metrics,
              (std::map<std::string, double>{{"loss", static_cast<double>(key.first) / 8.0}}));
    EXPECT_FALSE(result.was_stopped);
    EXPECT_FALSE(result.should_retry);
    EXPECT_GT(result.resources.wall_seconds, 0.0);
  }
}

TYPED_TEST_P(ExecutorContract, TellsReportsInOrderBeforeTheResult) {
  this->make(ContractRun::Report);
  this->start(3, 1, 0.25);
  this->collect(1, 10);
  ASSERT_EQ(this->reports_.size(), 10u);
  for (std::size_t k = 0; k < 10; ++k) {
    EXPECT_EQ(this->reports_[k].trial, 3);
    EXPECT_EQ(this->reports_[k].run, 1);
    EXPECT_EQ(this->reports_[k].step, static_cast<double>(k));
    EXPECT_EQ(this->reports_[k].metrics.at("loss"), 10.0 * static_cast<double>(k));
  }
  EXPECT_EQ((this->results_[{3, 1}].metrics.at("loss")), 0.25);
}

TYPED_TEST_P(ExecutorContract, TellsAFailureAsAResult) {
  this->make(ContractRun::Fail);
  this->start(0);
  this->collect(1);
  const RunResult& result = this->results_[{0, 0}];
  EXPECT_NE(result.failure.reason, FailureReason::None);
  EXPECT_NE(result.failure.detail, "");
  EXPECT_FALSE(result.was_stopped);
  EXPECT_FALSE(result.should_retry);
}

TYPED_TEST_P(ExecutorContract, StopsARunPolitelyAndAtOnce) {
  for (const StopKind kind : {StopKind::Graceful, StopKind::Now}) {
    this->reports_.clear();
    this->results_.clear();
    this->make(ContractRun::Endless);
    this->start(0);
    this->collect(0, 1);
    this->executor_->stop(0, 0, kind);
    this->collect(1);
    EXPECT_TRUE((this->results_[{0, 0}].was_stopped));
    EXPECT_EQ(this->executor_->num_running(), 0u);
  }
}

TYPED_TEST_P(ExecutorContract, StopsOneRunAndLeavesTheOthersAlone) {
  this->make(ContractRun::Endless);
  this->start(0, 0);
  this->start(0, 1);
  this->start(1, 0);
  this->collect(0, 3);
  this->executor_->stop(0, 1, StopKind::Now);
  this->collect(1);
  EXPECT_TRUE(this->results_.contains({0, 1}));
  EXPECT_EQ(this->executor_->num_running(), 2u);
}

TYPED_TEST_P(ExecutorContract, IgnoresAStopOfUnknownAndFinishedRuns) {
  this->make(ContractRun::Succeed);
  this->executor_->stop(5, 0, StopKind::Now);
  this->start(0);
  this->executor_->stop(0, 1, StopKind::Now);
  this->executor_->stop(1, 0, StopKind::Graceful);
  this->collect(1);
  this->executor_->stop(0, 0, StopKind::Now);
  this->executor_->stop(0, 0, StopKind::Graceful);
  this->take(this->executor_->wait(0.01));
  EXPECT_EQ((this->results_[{0, 0}].failure.reason), FailureReason::None);
  EXPECT_FALSE((this->results_[{0, 0}].was_stopped));
}

TYPED_TEST_P(ExecutorContract, StopsARunThatHasHardlyBegun) {
  this->make(ContractRun::Endless, 1);
  for (int trial = 0; trial < 3; ++trial) this->start(trial);  // the last may be waiting still
  for (int trial = 2; trial >= 0; --trial) this->executor_->stop(trial, 0, StopKind::Now);
  this->collect(3);
  for (const auto& [key, result] : this->results_) EXPECT_TRUE(result.was_stopped) << key.first;
}

TYPED_TEST_P(ExecutorContract, RunsManyAtTheSameTime) {
  this->make(ContractRun::Endless, 8);
  for (int trial = 0; trial < 8; ++trial) this->start(trial);
  this->collect(0, 8);  // none has ended when the last one says something
  std::set<std::int64_t> trials;
  for (const RunReport& report : this->reports_) trials.insert(report.trial);
  EXPECT_EQ(trials.size(), 8u);
  for (int trial = 0; trial < 8; ++trial) this->executor_->stop(trial, 0, StopKind::Now);
  this->collect(8);
}

TYPED_TEST_P(ExecutorContract, RunsTheSameRunAgainAfterItsEnd) {
  this->make(ContractRun::Succeed);
  for (int attempt = 0; attempt < 3; ++attempt) {
    this->results_.clear();
    this->start(4, 2, 0.125, attempt);
    this->collect(1);
    EXPECT_EQ((this->results_[{4, 2}].metrics.at("loss")), 0.125);
  }
}

TYPED_TEST_P(ExecutorContract, RefusesToStartWhatIsRunning) {
  this->make(ContractRun::Endless);
  this->start(0);
  EXPECT_THROW(this->start(0), BugError);
  EXPECT_EQ(this->executor_->num_running(), 1u);
  this->executor_->stop(0, 0, StopKind::Now);
  this->collect(1, this->reports_.size());
}

// The bounds are far from what is usual: they tell waiting from not waiting on a busy machine.
TYPED_TEST_P(ExecutorContract, WaitsNoLongerThanItMustAndIsTold) {
  this->make(ContractRun::Endless);
  const Stopwatch elapsed;
  EXPECT_TRUE(this->executor_->wait(60.0).empty());  // nothing is running
  EXPECT_LT(elapsed.seconds(), 20.0);
  this->start(0);
  this->collect(0, 1);
  const Stopwatch polling;
  for (int k = 0; k < 20; ++k) this->take(this->executor_->wait(0.0));
  EXPECT_LT(polling.seconds(), 5.0);
  const Stopwatch waiting;
  this->take(this->executor_->wait(0.05));
  EXPECT_GE(waiting.seconds(), 0.04);
  this->executor_->stop(0, 0, StopKind::Now);
  const Stopwatch ending;
  while (this->results_.empty() && ending.seconds() < 20.0) this->take(this->executor_->wait(60.0));
  EXPECT_LT(ending.seconds(), 20.0);
}

TYPED_TEST_P(ExecutorContract, LeavesNothingBehindWhenItIsDestroyed) {
  this->make(ContractRun::Endless, 3);
  for (int trial = 0; trial < 3; ++trial) this->start(trial);
  this->collect(0, 3);
  // Processes need a moment to begin and to be gone.
  const Stopwatch beginning;
  while (TypeParam::count_alive() < 3 && beginning.seconds() < 5.0) std::this_thread::yield();
  EXPECT_GE(TypeParam::count_alive(), 3);
  this->executor_.reset();
  const Stopwatch ending;
  while (TypeParam::count_alive() > 0 && ending.seconds() < 2.0) std::this_thread::yield();
  EXPECT_EQ(TypeParam::count_alive(), 0);
}

REGISTER_TYPED_TEST_SUITE_P(ExecutorContract, GivesEachRunExactlyOneResult,
                            TellsReportsInOrderBeforeTheResult, TellsAFailureAsAResult,
                            StopsARunPolitelyAndAtOnce, StopsOneRunAndLeavesTheOthersAlone,
                            IgnoresAStopOfUnknownAndFinishedRuns, StopsARunThatHasHardlyBegun,
                            RunsManyAtTheSameTime, RunsTheSameRunAgainAfterItsEnd,
                            RefusesToStartWhatIsRunning, WaitsNoLongerThanItMustAndIsTold,
                            LeavesNothingBehindWhenItIsDestroyed);

}  // namespace trimtab
