#include "trimtab/executors/thread/thread_executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "trimtab/core/contract/executor_contract.hpp"
#include "trimtab/core/protocol.hpp"

namespace trimtab {
namespace {

std::atomic<int> num_alive{0};

/// Counts the calls that are going on.
class Presence {
 public:
  Presence() { ++num_alive; }
  ~Presence() { --num_alive; }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
};

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

Metrics run_for_contract(ContractRun run, PointView point, TrialContext& context) {
  const Presence presence;
  switch (run) {
    case ContractRun::Report:
      for (int k = 0; k < 10; ++k) context.report(k, 10.0 * k);
      break;
    case ContractRun::Endless:
      context.report(0.0, 0.0);
      while (!context.should_stop()) pause();
      return {};
    case ContractRun::Fail:
      throw std::runtime_error("no luck");
    case ContractRun::Succeed:
      break;
  }
  return {{"loss", point[0]}};
}

struct Callables {
  static std::unique_ptr<Executor> make(const Space& space, ContractRun run, int parallel) {
    return std::make_unique<ThreadExecutor>(
        space,
        [run](const Space&, PointView point, TrialContext& context) {
          return run_for_contract(run, point, context);
        },
        "loss", parallel);
  }
  static int count_alive() { return num_alive; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Thread, ExecutorContract, Callables);

Space line() { return Space::parse_text(R"({"x": [0.0, 1.0]})"); }

RunRequest request_of(std::int64_t trial, std::uint64_t seed = 1) {
  RunRequest request;
  request.study = "threads";
  request.trial = trial;
  request.seed = seed;
  request.point = {0.5};
  return request;
}

// The results of `count` runs, in order of trials.
std::vector<RunResult> results_of(Executor& executor, std::size_t count) {
  std::map<std::int64_t, RunResult> results;
  while (results.size() < count) {
    for (const RunUpdate& update : executor.wait(1.0)) {
      if (const auto* result = std::get_if<RunResult>(&update)) results[result->trial] = *result;
    }
  }
  std::vector<RunResult> sorted;
  for (auto& [trial, result] : results) sorted.push_back(std::move(result));
  return sorted;
}

TEST(ThreadExecutor, GivesTheCallableItsPointSpaceAndSeed) {
  ThreadExecutor executor(
      line(),
      [](const Space& space, PointView point, TrialContext& context) -> Metrics {
        return {{"loss", point[0] + static_cast<double>(context.seed())},
                {"dimensions", static_cast<double>(space.num_dimensions())}};
      },
      "loss", 1);
  executor.start(request_of(0, 9));
  EXPECT_EQ(results_of(executor, 1).front().metrics, (Metrics{{"loss", 9.5}, {"dimensions", 1.0}}));
}

TEST(ThreadExecutor, RunsNoMoreAtOnceThanItHasThreads) {
  std::atomic<int> running{0}, most{0};
  ThreadExecutor executor(
      line(),
      [&](const Space&, PointView, TrialContext&) -> Metrics {
        const int now = ++running;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        pause();
        --running;
        return {{"loss", 0.0}};
      },
      "loss", 3);
  for (int trial = 0; trial < 30; ++trial) executor.start(request_of(trial));
  results_of(executor, 30);
  EXPECT_LE(most, 3);
  EXPECT_GE(most, 1);
}

TEST(ThreadExecutor, KeepsTheFirstLineOfAnException) {
  ThreadExecutor executor(
      line(),
      [](const Space&, PointView, TrialContext& context) -> Metrics {
        if (context.seed() == 0) throw std::runtime_error("singular matrix\nlong story");
        throw 3;
      },
      "loss", 2);
  executor.start(request_of(0, 0));
  executor.start(request_of(1, 1));
  const std::vector<RunResult> results = results_of(executor, 2);
  EXPECT_EQ(results[0].failure.reason, FailureReason::Exception);
  EXPECT_EQ(results[0].failure.detail, "singular matrix");
  EXPECT_EQ(results[1].failure.detail, "an exception of an unknown type");
}

TEST(ThreadExecutor, AnswersAReportWithWhetherToGoOn) {
  std::atomic<bool> was_told{false}, has_begun{false};
  ThreadExecutor executor(
      line(),
      [&](const Space&, PointView, TrialContext& context) -> Metrics {
        has_begun = true;
        for (int step = 0; context.report(step, 1.0); ++step) pause();
        was_told = true;
        return {{"loss", 3.0}};
      },
      "loss", 1);
  executor.start(request_of(0));
  while (!has_begun) pause();
  executor.stop(0, 0, StopKind::Graceful);
  const RunResult result = results_of(executor, 1).front();
  EXPECT_TRUE(was_told);
  EXPECT_TRUE(result.was_stopped);
  EXPECT_EQ(result.metrics.at("loss"), 3.0);  // what there was
}

TEST(ThreadExecutor, CountsTheTimeOfTheRunAlone) {
  ThreadExecutor executor(
      line(),
      [](const Space&, PointView, TrialContext& context) -> Metrics {
        const Stopwatch elapsed;
        while (context.seed() == 1 && elapsed.seconds() < 0.03) {
        }
        if (context.seed() == 2) std::this_thread::sleep_for(std::chrono::milliseconds(30));
        return {{"loss", 0.0}};
      },
      "loss", 1);
  executor.start(request_of(0, 1));
  executor.start(request_of(1, 2));
  const std::vector<RunResult> results = results_of(executor, 2);
  EXPECT_GT(results[0].resources.cpu_seconds, 0.0);
  EXPECT_LT(results[1].resources.cpu_seconds, 0.02);
  for (const RunResult& result : results) EXPECT_GE(result.resources.wall_seconds, 0.03);
}

TEST(ThreadExecutor, ThinsReportsThatComeTooFast) {
  ThreadExecutor executor(
      line(),
      [](const Space&, PointView, TrialContext& context) -> Metrics {
        for (int step = 0; step < 200'000; ++step) context.report(step, 1.0);
        return {{"loss", 0.0}};
      },
      "loss", 1);
  const Stopwatch elapsed;
  executor.start(request_of(0));
  std::size_t num_reports = 0;
  bool has_ended = false;
  while (!has_ended) {
    for (const RunUpdate& update : executor.wait(1.0)) {
      has_ended = has_ended || std::holds_alternative<RunResult>(update);
      if (std::holds_alternative<RunReport>(update)) ++num_reports;
    }
  }
  EXPECT_GE(num_reports, 1000u);
  EXPECT_LE(static_cast<double>(num_reports),
            1001.0 + elapsed.seconds() / ReportLimiter::kSecondsBetween);
}

}  // namespace
}  // namespace trimtab
