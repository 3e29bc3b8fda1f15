// Programs that do what no program should. Whatever they do, a run ends in one result with an exact
// reason, and nothing of it stays: no process, no large file, no memory of ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <filesystem>
#include <regex>

#include "trimtab/executors/process/process_executor.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

constexpr double kMebibyte = 1024.0 * 1024.0;
constexpr double kUnlimited = 60.0;  // seconds; for programs that end by themselves

struct HostileProgram {
  const char* name;
  const char* script;
  double wall_seconds;
  FailureReason reason;
  const char* detail;  // a regular expression for all of it
  double loss;         // when the reason is None
};

const HostileProgram kPrograms[] = {
    {"NeverExits", "sleep 1000", 0.2, FailureReason::TimeOut, "ran longer than 200 ms", 0},
    {"IgnoresSigterm", "trap '' TERM; while :; do sleep 0.01; done", 0.2, FailureReason::TimeOut,
     "ran longer than 200 ms", 0},
    {"StopsItself", "kill -STOP $$", 0.2, FailureReason::TimeOut, "ran longer than 200 ms", 0},
    {"BurnsAllProcessors", "for k in 1 2 3 4; do (while :; do :; done) & done; wait", 0.2,
     FailureReason::TimeOut, "ran longer than 200 ms", 0},
    {"LeavesChildrenInOtherSessions",
     "sleep 1000 & setsid sleep 1000 & (setsid sh -c 'setsid sleep 1000 & sleep 1000' &)\n"
     "setsid sh -c 'exec sleep 1000' </dev/null >/dev/null 2>&1 &\necho loss=1",
     kUnlimited, FailureReason::None, "", 1},
    {"ForksMany", "k=0; while [ $k -lt 60 ]; do sleep 1000 & k=$((k+1)); done; echo loss=2",
     kUnlimited, FailureReason::None, "", 2},
    {"PrintsTwoResults",
     "echo 'trimtab: {\"loss\": 1}'; echo 'trimtab: {\"loss\": 2}'; echo loss=3", kUnlimited,
     FailureReason::None, "", 2},
    {"PrintsInfinity", "echo loss=-inf", kUnlimited, FailureReason::None, "", -INFINITY},
    {"ClosesItsOutputAfterTheResult", "echo loss=1; exec >&- 2>&-; sleep 0.05; exit 0", kUnlimited,
     FailureReason::None, "", 1},
    {"ClosesItsOutputBeforeTheResult", "exec >&- 2>&-; echo loss=1; exit 0", kUnlimited,
     FailureReason::NoResult, "the program never reported loss", 0},
    {"DiesBySignal", "echo loss=1; kill -SEGV $$", kUnlimited, FailureReason::Signal,
     "killed by SIGSEGV", 0},
    {"KillsItsGroup", "kill -KILL 0", kUnlimited, FailureReason::Signal, "killed by SIGKILL", 0},
    {"KillsItsSupervisor", "setsid sleep 1000 & kill -KILL $PPID; sleep 1000", kUnlimited,
     FailureReason::Signal, "killed by SIGKILL", 0},
    {"PrintsGarbage", "head -c 300000 /dev/urandom; echo; echo loss=1", kUnlimited,
     FailureReason::None, "", 1},
    {"FailsWithGarbage", "printf '\\377\\000\\033[31mbad\\n' >&2; exit 9", kUnlimited,
     FailureReason::ExitCode, "exit code 9: \\?  \\[31mbad", 0},
    {"PrintsOneGiganticLine", "head -c 3000000 /dev/zero | tr '\\0' x; echo loss=1", kUnlimited,
     FailureReason::NoResult,
     "the program never reported loss; a line of its output was longer than 64 KiB and was not "
     "read",
     0},
    {"NestsItsResultDeeply", "printf 'trimtab: '; head -c 60000 /dev/zero | tr '\\0' '['; echo",
     kUnlimited, FailureReason::NoResult,
     "the program never reported loss; not a JSON object: \"\\[+\"\\.\\.\\.", 0},
    {"SaysNothing", "exit 0", kUnlimited, FailureReason::NoResult,
     "the program never reported loss", 0},
    {"MakesItsResultAPipe", "mkfifo $TRIMTAB_RESULT", kUnlimited, FailureReason::NoResult,
     "the program never reported loss; the result file is a pipe, not a file", 0},
    {"MakesItsResultAFolder", "mkdir -p $TRIMTAB_RESULT/deep; echo loss=4", kUnlimited,
     FailureReason::None, "", 4},
    {"MakesItsResultALinkToADevice", "ln -s /dev/zero $TRIMTAB_RESULT", kUnlimited,
     FailureReason::NoResult,
     "the program never reported loss; the result file is a device, not a file", 0},
    {"MakesItsResultALinkToItself", "ln -s $TRIMTAB_RESULT $TRIMTAB_RESULT", kUnlimited,
     FailureReason::NoResult, "the program never reported loss; the result file cannot be read.*",
     0},
    {"LinksItsResult", "echo '{\"loss\": 5}' > other; ln -s $PWD/other $TRIMTAB_RESULT", kUnlimited,
     FailureReason::None, "", 5},
    {"WritesGarbageIntoItsResult", "head -c 3000 /dev/urandom > $TRIMTAB_RESULT", kUnlimited,
     FailureReason::NoResult, "the program never reported loss.*", 0},
    {"WritesALargeResult", "head -c 2000000 /dev/zero > $TRIMTAB_RESULT", kUnlimited,
     FailureReason::NoResult,
     "the program never reported loss; the result file is larger than 1 MiB", 0},
    {"RemovesItsFolder", "rm -rf $TRIMTAB_FOLDER; echo loss=6", kUnlimited, FailureReason::None, "",
     6},
    {"RemovesItsSocket", "rm -f $TRIMTAB_SOCKET; echo loss=7", kUnlimited, FailureReason::None, "",
     7},
};

class HostileProgramTest : public ProcessFixture,
                           public ::testing::WithParamInterface<HostileProgram> {};

TEST_P(HostileProgramTest, EndsInAnExactResultAndLeavesNothing) {
  const HostileProgram& program = GetParam();
  StudySpec spec = script_spec(program.script);
  spec.program.directory = folder_.string();
  spec.program.limits = {.wall_seconds = program.wall_seconds, .grace_seconds = 0.05};
  const RunResult result = run(spec);
  EXPECT_EQ(name_of(result.failure.reason), name_of(program.reason)) << result.failure.detail;
  // std::regex, because that of GoogleTest knows neither groups nor counts.
  EXPECT_TRUE(std::regex_match(result.failure.detail, std::regex(program.detail)))
      << result.failure.detail;
  if (program.reason == FailureReason::None) {
    EXPECT_EQ(result.metrics.at("loss"), program.loss);
  }
  EXPECT_FALSE(result.should_retry);
  EXPECT_EQ(count_left(), 0);
  std::uintmax_t size = 0;
  if (fs::exists(path("trials"))) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path("trials"))) {
      if (!entry.is_symlink() && entry.is_regular_file()) size += entry.file_size();
    }
  }
  EXPECT_LT(size, std::uintmax_t{4} << 20);
}

INSTANTIATE_TEST_SUITE_P(Table, HostileProgramTest, ::testing::ValuesIn(kPrograms),
                         [](const auto& each) { return std::string(each.param.name); });

class HostileTest : public ProcessFixture {};

TEST_F(HostileTest, NotANumberIsKeptForTheEngineToJudge) {
  const RunResult result = run_script("echo 'trimtab: {\"loss\": NaN}'");
  EXPECT_EQ(result.failure.reason, FailureReason::None);
  EXPECT_TRUE(std::isnan(result.metrics.at("loss")));
}

TEST_F(HostileTest, TooMuchMemoryIsNoticedInAllProcessesTogether) {
  const char* script = "for k in 1 2 3; do (head -c 30M /dev/zero; sleep 5) | tail & done; sleep 5";
  const RunResult result =
      run_script(script, {.memory_bytes = 64.0 * kMebibyte, .grace_seconds = 0.2});
  EXPECT_EQ(name_of(result.failure.reason), "memory") << result.failure.detail;
  EXPECT_THAT(result.failure.detail, ::testing::EndsWith("limit of 64 MiB"));
  EXPECT_EQ(count_left(), 0);
}

TEST_F(HostileTest, ManyReportsAreThinned) {
  const RunResult result = run_script(
      "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo step=$i loss=$i; done > part\n"
      "for k in 1 2 3 4 5 6 7 8 9 10; do cat part part part; done; echo loss=0; rm part");
  EXPECT_EQ(result.metrics.at("loss"), 0.0);
  EXPECT_GE(reports_.size(), 1000u);
  EXPECT_LE(static_cast<double>(reports_.size()), 1001.0 + 10.0 * result.resources.wall_seconds);
}

TEST_F(HostileTest, AskingToBeTriedAgainForEverIsOnlyAsking) {
  const StudySpec spec = script_spec("exit 75");
  const auto executor = executor_of(spec);
  for (int attempt = 0; attempt < 5; ++attempt) {
    const RunResult result = run(*executor, request_of(spec, 0, attempt));
    EXPECT_TRUE(result.should_retry);
    EXPECT_EQ(result.failure.detail, "exit code 75 (try again later)");
  }
}

TEST_F(HostileTest, FilesOfTheFolderMayBeReplacedByAnythingBetweenAttempts) {
  write(path("precious"), "precious");
  StudySpec spec = script_spec(
      "cd $TRIMTAB_FOLDER; [ $TRIMTAB_ATTEMPT = 1 ] && { echo loss=1; exit 0; }\n"
      "rm -rf stdout stderr run.json params.json checkpoints\n"
      "mkfifo stdout run.json; mkdir -p params.json/x; ln -s " +
      path("precious") + " stderr; echo x > checkpoints; chmod 500 .; exit 75");
  const auto executor = executor_of(spec);
  EXPECT_TRUE(run(*executor, request_of(spec, 0, 0)).should_retry);
  const RunResult result = run(*executor, request_of(spec, 0, 1));
  EXPECT_EQ(result.metrics.at("loss"), 1.0) << result.failure.detail;
  EXPECT_EQ(read(trial_path("stdout")), "loss=1\n");
  EXPECT_EQ(read(path("precious")), "precious");
}

TEST_F(HostileTest, ConnectionsBeyondMeasureWait) {
  write(path("flood.py"),
        "import os, socket, time\n"
        "held = []\n"
        "for _ in range(400):\n"
        "    s = socket.socket(socket.AF_UNIX); s.setblocking(False); held.append(s)\n"
        "    try: s.connect(os.environ['TRIMTAB_SOCKET'])\n"
        "    except OSError: time.sleep(0.001)\n"
        "print('loss=1', flush=True)\n");
  const auto count_descriptors = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const StudySpec spec = spec_of("python3 " + path("flood.py"));
  const auto executor = executor_of(spec);
  const auto before = count_descriptors();
  std::ptrdiff_t most = 0;
  executor->start(request_of(spec));
  std::optional<RunResult> result;
  while (!result) {
    for (const RunUpdate& update : executor->wait(0.01)) {
      if (const auto* found = std::get_if<RunResult>(&update)) result = *found;
    }
    most = std::max(most, count_descriptors() - before);
  }
  EXPECT_EQ(result->metrics["loss"], 1.0) << result->failure.detail;
  EXPECT_GE(most, 64);
  EXPECT_LE(most, static_cast<std::ptrdiff_t>(MetricsSocket::kMaxConnections) + 16);
  EXPECT_EQ(count_descriptors(), before + 1);  // the lock of the folder of sockets
}

// Floods of a gigabyte: bounded in memory and on disk, whatever way they come.
class HostileFloodSlow : public ProcessFixture {
 protected:
  static double peak_memory() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024.0;
  }
  double before_ = peak_memory();
  void TearDown() override {
    EXPECT_LT(peak_memory() - before_, 48.0 * kMebibyte);
    EXPECT_EQ(count_left(), 0);
  }
};

TEST_F(HostileFloodSlow, AGigabyteOnBothStreamsIsCutShort) {
  const RunResult result =
      run_script("head -c 1G /dev/zero & head -c 1G /dev/zero >&2; wait; echo; echo loss=1");
  EXPECT_EQ(result.metrics.at("loss"), 1.0) << result.failure.detail;
  for (const char* name : {"stdout", "stderr"}) {
    EXPECT_LT(fs::file_size(trial_path(name)), std::uintmax_t{17} << 20) << name;
    EXPECT_THAT(read(trial_path(name)), ::testing::HasSubstr("bytes left out]"));
  }
}

TEST_F(HostileFloodSlow, TensOfMillionsOfResultsAreReadToTheLast) {
  const RunResult result = run_script("yes loss=1 | head -n 20000000; echo loss=2");
  EXPECT_EQ(result.metrics.at("loss"), 2.0) << result.failure.detail;
}

TEST_F(HostileFloodSlow, MillionsOfMetricNamesAreNotAllKept) {
  const RunResult result =
      run_script("seq -f 'metrics: m%.0f=1' 3000000; echo 'trimtab: {\"loss\": 1}'");
  EXPECT_EQ(result.metrics.at("loss"), 1.0) << result.failure.detail;
  EXPECT_LE(result.metrics.size(), 8192u);
}

TEST_F(HostileFloodSlow, AResultFileWithoutEndStopsTheProgram) {
  const RunResult result = run_script("head -c 1G /dev/zero > $TRIMTAB_RESULT; sleep 100");
  EXPECT_EQ(result.failure.detail, "the result file grew without bound");
  EXPECT_EQ(name_of(result.failure.reason), "no result");
  EXPECT_FALSE(fs::exists(trial_path("result")));
}

TEST_F(HostileFloodSlow, ThirtyMegabytesThroughTheSocketAreReadAndAnswered) {
  write(path("flood.py"),
        "import os, socket, threading\n"
        "s = socket.socket(socket.AF_UNIX); s.connect(os.environ['TRIMTAB_SOCKET'])\n"
        "block = b'loss=1\\n' * 10000\n"
        "for _ in range(400): s.sendall(block)\n"  // and never reads an answer
        "s.sendall(b'loss=2\\n'); s.close()\n");
  const RunResult result = run(spec_of("python3 " + path("flood.py")));
  EXPECT_EQ(result.metrics.at("loss"), 2.0) << result.failure.detail;
}

}  // namespace
}  // namespace trimtab
