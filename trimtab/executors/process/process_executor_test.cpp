#include "trimtab/executors/process/process_executor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/base/testing/places.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;
using MetricMap = std::map<std::string, double>;

class ProcessExecutorTest : public ProcessFixture {
 protected:
  // The command line program, for its `log`.
  StudySpec with_log(const std::string& script) const {
    StudySpec spec = script_spec(script);
    spec.program.environment["LOG"] = program_path() + " log";
    return spec;
  }
  // Starts a run that goes on for a while and waits for its first report.
  void start_and_hear(ProcessExecutor& executor, const RunRequest& request) {
    executor.start(request);
    for (bool has_report = false; !has_report;) {
      for (const RunUpdate& update : executor.wait(10.0)) {
        if (!std::holds_alternative<RunReport>(update)) throw std::runtime_error("ended early");
        has_report = true;
      }
    }
  }
  // The results of every run that was started, in order of arrival.
  static std::vector<RunResult> ends_of(ProcessExecutor& executor) {
    std::vector<RunResult> results;
    while (executor.num_running() > 0) {
      for (const RunUpdate& update : executor.wait(10.0)) {
        if (const auto* result = std::get_if<RunResult>(&update)) results.push_back(*result);
      }
    }
    return results;
  }
  static RunResult end_of(ProcessExecutor& executor) { return ends_of(executor).at(0); }
};

TEST_F(ProcessExecutorTest, TakesResultsInEveryWay) {
  const std::pair<const char*, MetricMap> kWays[] = {
      {"echo 'trimtab: {\"loss\": 1.5, \"time\": 2}'", {{"loss", 1.5}, {"time", 2.0}}},
      {"echo loss=1.5", {{"loss", 1.5}}},
      {"echo 'metrics: loss=1.5 time=2'", {{"loss", 1.5}, {"time", 2.0}}},
      {"echo '[tune-metric]: {\"epoch\": 3, \"loss\": 1.5}'", {{"loss", 1.5}}},
      {"echo '{\"loss\": 1.5}' > $TRIMTAB_RESULT", {{"loss", 1.5}}},
      {"echo loss=1.5 > $TRIMTAB_RESULT", {{"loss", 1.5}}},
      {"$LOG loss=1.5 time=2", {{"loss", 1.5}, {"time", 2.0}}},
      {"$LOG step=1 loss=7; $LOG loss=1.5; $LOG step=2 loss=9", {{"loss", 1.5}}},
      {"printf loss=1.5", {{"loss", 1.5}}},  // the last line needs no end
      {"echo loss=9; echo '{\"loss\": 1.5}' > $TRIMTAB_RESULT", {{"loss", 1.5}}},
  };
  for (const auto& [script, metrics] : kWays) {
    const RunResult result = run(with_log(script));
    EXPECT_EQ(result.failure.reason, FailureReason::None) << script << result.failure.detail;
    EXPECT_EQ(result.metrics, metrics) << script;
  }
}

TEST_F(ProcessExecutorTest, TellsReportsOfEveryChannelAsTheyCome) {
  run(with_log("$LOG step=1 loss=3 acc=0.5; echo step=2 loss=2; echo loss=1"));
  ASSERT_EQ(reports_.size(), 2u);
  EXPECT_EQ(reports_[0].step, 1.0);
  EXPECT_EQ(reports_[0].metrics, (MetricMap{{"loss", 3.0}, {"acc", 0.5}}));
  EXPECT_EQ(reports_[1].step, 2.0);
}

TEST_F(ProcessExecutorTest, GivesArgumentsEnvironmentAndFolderToTheProgram) {
  StudySpec spec = script_spec(
      "echo \"$1 $TRIMTAB_SEED $TRIMTAB_TRIAL $TRIMTAB_STUDY $TRIMTAB_PARAMS\" >&2; pwd >&2\n"
      "test -d \"$TRIMTAB_CHECKPOINT_DIR\" && test -S \"$TRIMTAB_SOCKET\" && echo loss=1");
  spec.program.command += " {x}";
  spec.program.directory = folder_.string();
  EXPECT_EQ(run(spec).metrics, (MetricMap{{"loss", 1.0}}));
  EXPECT_EQ(read(trial_path("stderr")),
            "0.25 42 0 test {\"x\":0.25}\n" + fs::canonical(folder_).string() + "\n");
  EXPECT_EQ(read(trial_path("stdout")), "loss=1\n");
}

TEST_F(ProcessExecutorTest, KnowsExitCodes) {
  const auto told = [&](const std::string& script) {
    const RunResult result = run_script(script);
    return std::string(name_of(result.failure.reason)) + ": " + result.failure.detail +
           (result.should_retry ? ", retry" : "");
  };
  EXPECT_EQ(told("echo loss=1; exit 0"), "none: ");
  EXPECT_EQ(told("echo loss=1; echo 'out of luck' >&2; exit 1"),
            "exit code: exit code 1: out of luck");
  EXPECT_EQ(told("exit 75"), "exit code: exit code 75 (try again later), retry");
  EXPECT_EQ(told("echo 'too wide' >&2; exit 77"), "infeasible: too wide");
}

TEST_F(ProcessExecutorTest, TellsWhatCannotBeStarted) {
  EXPECT_EQ(run("trian-model {x}").failure.detail,
            "cannot start \"trian-model\": No such file or directory (errno 2)");
  write(path("text"), "no program\n");
  EXPECT_EQ(run(path("text")).failure.detail,
            "cannot start \"" + path("text") + "\": Permission denied (errno 13)");
  StudySpec spec = spec_of("true");
  spec.program.directory = path("missing");
  EXPECT_EQ(run(spec).failure.detail, "cannot enter the directory \"" + path("missing") +
                                          "\": No such file or directory (errno 2)");
  spec = spec_of("true");
  spec.program.environment["LONG"] = std::string(200'000, 'x');
  EXPECT_EQ(run(spec).failure.detail, "cannot start \"true\": Argument list too long (errno 7)");
}

TEST_F(ProcessExecutorTest, GoesOnFromCheckpointsInTheNextAttempt) {
  const StudySpec spec = script_spec(
      "cd $TRIMTAB_CHECKPOINT_DIR; if [ -e epoch ]; then echo loss=$(cat epoch); else\n"
      "echo 7 > epoch; exit 75; fi");
  const auto executor = executor_of(spec);
  EXPECT_TRUE(run(*executor, request_of(spec, 0, 0)).should_retry);
  EXPECT_EQ(run(*executor, request_of(spec, 0, 1)).metrics, (MetricMap{{"loss", 7.0}}));
  RunRequest other = request_of(spec, 0, 2);
  other.point = {0.5};
  EXPECT_TRUE(run(*executor, other).should_retry);  // of another configuration: nothing there
}

TEST_F(ProcessExecutorTest, LetsAPoliteProgramHandInWhatItHas) {
  const StudySpec spec = script_spec(
      "trap 'echo loss=5; exit 0' TERM; echo step=1 loss=9; while :; do sleep 0.01; done");
  const auto executor = executor_of(spec);
  start_and_hear(*executor, request_of(spec));
  executor->stop(0, 0, StopKind::Graceful);
  const RunResult result = end_of(*executor);
  EXPECT_TRUE(result.was_stopped);
  EXPECT_EQ(result.metrics, (MetricMap{{"loss", 5.0}}));
  EXPECT_EQ(result.failure.reason, FailureReason::None);
}

TEST_F(ProcessExecutorTest, KillsAfterTheGracePeriodAndAtOnceWhenToldSo) {
  for (const StopKind kind : {StopKind::Graceful, StopKind::Now}) {
    const StudySpec spec =
        script_spec("trap '' TERM; echo step=1 loss=9; while :; do sleep 0.01; done");
    const auto executor = executor_of(spec);
    start_and_hear(*executor, request_of(spec));
    const Stopwatch elapsed;
    executor->stop(0, 0, kind);
    const RunResult result = end_of(*executor);
    EXPECT_TRUE(result.was_stopped);
    EXPECT_EQ(result.failure.code, SIGKILL);
    EXPECT_EQ(name_of(result.failure.reason), "interrupted");
    EXPECT_EQ(count_left(), 0);
    if (kind == StopKind::Graceful) {
      EXPECT_GE(elapsed.seconds(), 0.2);
    }
  }
}

TEST_F(ProcessExecutorTest, KeepsTheResultOfAProgramThatWasDoneBeforeItWasKilled) {
  const StudySpec spec = script_spec("echo step=1 loss=9; sleep 0.1; echo loss=3");
  const auto executor = executor_of(spec);
  start_and_hear(*executor, request_of(spec));
  usleep(400'000);  // it has ended by now; nobody has looked
  executor->stop(0, 0, StopKind::Now);
  const RunResult result = end_of(*executor);
  EXPECT_FALSE(result.was_stopped);
  EXPECT_EQ(result.metrics, (MetricMap{{"loss", 3.0}}));
}

TEST_F(ProcessExecutorTest, TellsALoggingProgramToStop) {
  StudySpec spec = with_log(
      "trap '' TERM; while :; do $LOG step=1 loss=9; code=$?; [ $code = 0 ] || break; done\n"
      "echo 'trimtab: {\"loss\": 1, \"code\": '$code'}'");
  spec.program.limits.grace_seconds = 30.0;
  const auto executor = executor_of(spec);
  start_and_hear(*executor, request_of(spec));
  executor->stop(0, 0, StopKind::Graceful);
  EXPECT_EQ(end_of(*executor).metrics, (MetricMap{{"loss", 1.0}, {"code", 3.0}}));
}

TEST_F(ProcessExecutorTest, SetsResourceLimitsAsBackstops) {
  const RunResult result =
      run_script("echo \"metrics: loss=0 data=$(ulimit -d) cpu=$(ulimit -t) core=$(ulimit -c)\"",
                 {.wall_seconds = 10.0,
                  .memory_bytes = 256.0 * 1024 * 1024,
                  .cpus = 1.0,
                  .grace_seconds = 2.0});
  EXPECT_EQ(result.metrics,
            (MetricMap{{"loss", 0.0}, {"data", 1024.0 * 1024}, {"cpu", 13.0}, {"core", 0.0}}))
      << result.failure.detail;
}

TEST_F(ProcessExecutorTest, GivesEachRunProcessorsOfItsOwn) {
  StudySpec spec = script_spec(
      "echo \"metrics: loss=$(nproc) core=$(grep -h Cpus_allowed_list /proc/self/status | cut -f "
      "2)\"\n"
      "sleep 0.1");
  spec.program.limits.cpus = 1.0;
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "one processor only";
  const auto executor = executor_of(spec);
  executor->start(request_of(spec, 0));
  executor->start(request_of(spec, 1));
  std::set<double> cores;
  for (const RunResult& result : ends_of(*executor)) {
    EXPECT_EQ(result.metrics.at("loss"), 1.0);
    cores.insert(result.metrics.at("core"));
  }
  EXPECT_EQ(cores.size(), 2u);
}

TEST_F(ProcessExecutorTest, CountsTimeAndMemoryOfTheWholeTree) {
  const RunResult result = run_script(
      "sh -c 'i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done' & wait\n"
      "head -c 40M /dev/zero | tail | cat >/dev/null; echo loss=1");
  EXPECT_GT(result.resources.cpu_seconds, 0.0);
  EXPECT_GT(result.resources.wall_seconds, 0.0);
  EXPECT_GT(result.resources.peak_memory_bytes, 40.0 * 1024 * 1024);
}

TEST_F(ProcessExecutorTest, MakesNoFileBeforeTheFirstRunAndRemovesItsSockets) {
  StudySpec spec = script_spec("echo $TRIMTAB_SOCKET >&2; echo loss=1");
  auto executor = executor_of(spec);
  EXPECT_FALSE(fs::exists(path("trials")));
  run(*executor, request_of(spec));
  const fs::path socket(std::string(read(trial_path("stderr"))));
  EXPECT_TRUE(fs::exists(socket.parent_path()));
  executor.reset();
  EXPECT_FALSE(fs::exists(socket.parent_path()));
}

TEST_F(ProcessExecutorTest, ThrowsWhenThereIsNoRoomForATrialAndGoesOnAfterwards) {
  const StudySpec spec = script_spec("echo loss=1");
  const auto executor = executor_of(spec);
  write(path("trials"), "a file in the way");
  EXPECT_THROW(executor->start(request_of(spec)), EnvironmentError);
  EXPECT_EQ(executor->num_running(), 0u);
  fs::remove(path("trials"));
  EXPECT_EQ(run(*executor, request_of(spec)).metrics, (MetricMap{{"loss", 1.0}}));
}

TEST_F(ProcessExecutorTest, LeavesNoProcessWhenItsOwnerIsKilled) {
  const StudySpec spec = script_spec("setsid sleep 1000 & sleep 1000");
  const pid_t owner = fork();
  if (owner == 0) {
    setenv("TMPDIR", folder_.c_str(), 1);  // so that its sockets go with this test's folder
    const auto executor = executor_of(spec);
    executor->start(request_of(spec));
    for (;;) executor->wait(1.0);
  }
  const auto wait_for = [&](int count) {
    for (int k = 0; k < 1000 && count_alive() != count; ++k) usleep(10'000);
    return count_alive();
  };
  EXPECT_EQ(wait_for(3), 3);  // the shell and two sleepers
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  EXPECT_EQ(wait_for(0), 0);
}

}  // namespace
}  // namespace trimtab
