#include "trimtab/executors/process/run_failure.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace trimtab {
namespace {

// "reason code: detail", as people read it.
std::string told(const RunEnding& ending) {
  const Failure failure = failure_of(ending);
  return std::string(name_of(failure.reason)) + " " + std::to_string(failure.code) + ": " +
         failure.detail;
}

RunEnding exited(int code) { return {.report = {.status = code << 8}}; }
RunEnding killed(int signal) { return {.report = {.status = signal}}; }

TEST(RunFailure, IsNoneWhenTheProgramDidItsPart) {
  EXPECT_EQ(failure_of(exited(0)).reason, FailureReason::None);
}

TEST(RunFailure, TellsExitCodesWithTheLastWords) {
  RunEnding ending = exited(3);
  EXPECT_EQ(told(ending), "exit code 3: exit code 3");
  ending.last_error_line = "\x1b[31mValueError: singular\t";
  EXPECT_EQ(told(ending), "exit code 3: exit code 3: [31mValueError: singular");
  ending.last_error_line = std::string(1000, 'x');
  EXPECT_EQ(failure_of(ending).detail.size(), 300u + std::string("exit code 3: ").size());
  ending.last_error_line = "\xff\xfe garbage";
  EXPECT_EQ(told(ending), "exit code 3: exit code 3: ?? garbage");
}

TEST(RunFailure, KnowsTheCodesOfTheProtocol) {
  EXPECT_EQ(told(exited(75)), "exit code 75: exit code 75 (try again later)");
  RunEnding ending = exited(77);
  ending.last_error_line = "width > height";
  EXPECT_EQ(told(ending), "infeasible 77: width > height");
}

TEST(RunFailure, NamesSignals) {
  EXPECT_EQ(told(killed(SIGSEGV)), "signal 11: killed by SIGSEGV");
  EXPECT_EQ(told(killed(40)), "signal 40: killed by signal 40");
}

TEST(RunFailure, NamesTheLimitThatWasHit) {
  RunEnding ending = killed(SIGTERM);
  ending.limits = {.wall_seconds = 90.0, .memory_bytes = 64.0 * 1024 * 1024};
  ending.cause = EndCause::TimeOut;
  EXPECT_EQ(told(ending), "time-out 15: ran longer than 1 min 30 s");
  ending.cause = EndCause::Memory;
  ending.peak_memory_bytes = 80.0 * 1024 * 1024;
  EXPECT_EQ(told(ending), "memory 15: held 80 MiB of memory, more than the limit of 64 MiB");
  ending.cause = EndCause::ResultFile;
  EXPECT_EQ(told(ending), "no result 15: the result file grew without bound");
  EXPECT_EQ(told(killed(SIGXCPU)), "time-out 24: used more processor time than its limits allow");
}

TEST(RunFailure, BelievesTheKernelAboutMemory) {
  RunEnding ending = killed(SIGKILL);
  ending.limits.memory_bytes = 64.0 * 1024 * 1024;
  ending.is_out_of_memory = true;
  EXPECT_EQ(told(ending), "memory 9: killed at its memory limit of 64 MiB");
  ending.report.status = 0;  // a child was killed, the program coped
  EXPECT_EQ(failure_of(ending).reason, FailureReason::None);
}

TEST(RunFailure, TellsAStopFromAResultThatCameAllTheSame) {
  RunEnding ending = killed(SIGTERM);
  ending.cause = EndCause::Stop;
  EXPECT_EQ(told(ending), "interrupted 15: stopped");
  ending = exited(0);
  ending.cause = EndCause::Stop;
  EXPECT_EQ(failure_of(ending).reason, FailureReason::None);
  ending.missing = "loss";
  EXPECT_EQ(told(ending), "interrupted 0: stopped");
}

TEST(RunFailure, TellsWhatIsMissingAndWhy) {
  RunEnding ending = exited(0);
  ending.missing = "auc";
  EXPECT_EQ(told(ending), "no result 0: the program never reported auc");
  ending.problem = "not a JSON object: \"auc 3\"";
  EXPECT_EQ(told(ending),
            "no result 0: the program never reported auc; not a JSON object: \"auc 3\"");
}

TEST(RunFailure, TellsWhyAProgramDidNotStart) {
  RunEnding ending{.report = {.start_error = ENOENT}, .program = "trian"};
  EXPECT_EQ(told(ending), "start 2: cannot start \"trian\": No such file or directory (errno 2)");
  ending.report.start_error = ENOEXEC;
  EXPECT_EQ(told(ending),
            "start 8: cannot start \"trian\": neither a binary nor a script with a "
            "#! line");
  ending.program = "";
  EXPECT_EQ(told(ending), "start 8: the command is empty for this configuration");
  ending = {.report = {.start_error = ENOTDIR, .is_directory = true}, .directory = "here"};
  EXPECT_EQ(told(ending),
            "start 20: cannot enter the directory \"here\": Not a directory (errno 20)");
}

}  // namespace
}  // namespace trimtab
