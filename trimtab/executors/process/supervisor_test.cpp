#include "trimtab/executors/process/supervisor.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <sstream>

namespace trimtab {
namespace {

// A shell script under a supervisor, with its output in a pipe.
class Script {
 public:
  explicit Script(const std::string& text) {
    plan_.program = "/bin/sh";
    plan_.arguments = {"sh", "-c", text};
    plan_.environment = {"PATH=/usr/bin:/bin"};
  }
  explicit Script(SpawnPlan plan) : plan_(std::move(plan)) {}

  Supervisor start() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    output_ = UniqueFd(ends[0]);
    const UniqueFd theirs(ends[1]);
    plan_.output = plan_.errors = theirs.get();
    return Supervisor::start(plan_);
  }

  // Everything printed, up to the end of the pipe.
  std::string read_output() {
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(output_.get(), buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(size));
    }
    return text;
  }

  std::string read_some() {
    char buffer[4096];
    const ssize_t size = read(output_.get(), buffer, sizeof buffer);
    return std::string(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  }

 private:
  SpawnPlan plan_;
  UniqueFd output_;
};

SupervisorReport report_of(Supervisor& supervisor) {
  SupervisorReport report;
  pollfd wait{supervisor.descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&wait, 1, 10'000), 1) << "no report within 10 s";
  EXPECT_TRUE(supervisor.read_report(report));
  return report;
}

bool is_alive(pid_t pid) { return kill(pid, 0) == 0 || errno != ESRCH; }

TEST(Supervisor, TellsTheExitCode) {
  Script script("exit 7");
  Supervisor supervisor = script.start();
  const SupervisorReport report = report_of(supervisor);
  EXPECT_EQ(report.start_error, 0);
  ASSERT_TRUE(WIFEXITED(report.status));
  EXPECT_EQ(WEXITSTATUS(report.status), 7);
  EXPECT_GT(report.peak_memory_bytes, 0.0);
}

TEST(Supervisor, TellsTheSignal) {
  Script script("kill -SEGV $$");
  Supervisor supervisor = script.start();
  const SupervisorReport report = report_of(supervisor);
  ASSERT_TRUE(WIFSIGNALED(report.status));
  EXPECT_EQ(WTERMSIG(report.status), SIGSEGV);
}

TEST(Supervisor, TellsWhyAProgramDidNotStart) {
  Script missing(SpawnPlan{.program = "/nowhere/at/all", .arguments = {"x"}});
  Supervisor first = missing.start();
  EXPECT_EQ(report_of(first).start_error, ENOENT);

  Script homeless(SpawnPlan{.program = "/bin/true", .arguments = {"x"}, .directory = "/nowhere"});
  Supervisor second = homeless.start();
  const SupervisorReport report = report_of(second);
  EXPECT_EQ(report.start_error, ENOENT);
  EXPECT_TRUE(report.is_directory);
}

TEST(Supervisor, GivesTheProgramACleanStart) {
  signal(SIGPIPE, SIG_IGN);
  const int leaked = open("/dev/null", O_RDONLY);  // without close-on-exec, as others' code does
  Script script("ls /proc/self/fd; grep -E 'Sig(Ign|Blk)' /proc/self/status; cat");
  Supervisor supervisor = script.start();
  const std::string output = script.read_output();
  close(leaked);
  signal(SIGPIPE, SIG_DFL);
  EXPECT_EQ(WEXITSTATUS(report_of(supervisor).status), 0);
  // 3 is the folder that ls itself reads.
  const std::size_t at = output.find("SigIgn:\t");
  ASSERT_NE(at, std::string::npos) << output;
  EXPECT_EQ(output.substr(0, at), "0\n1\n2\n3\nSigBlk:\t0000000000000000\n");
  // Signals 32 and 33 are the C library's, which lets nobody change them: they stay as they came.
  constexpr unsigned long long kLibrary = 0x180000000ULL;
  EXPECT_EQ(std::stoull(output.substr(at + 8), nullptr, 16) & ~kLibrary, 0u) << output;
}

TEST(Supervisor, EndsWhatTheProgramLeavesBehindEvenInOtherSessions) {
  Script script(
      "sleep 1000 & echo $!; setsid sleep 1000 & sleep 0.05; "
      "(setsid sh -c 'setsid sleep 1000 & echo $!; sleep 1000' &) ; sleep 0.1; exit 0");
  Supervisor supervisor = script.start();
  const SupervisorReport report = report_of(supervisor);
  EXPECT_EQ(WEXITSTATUS(report.status), 0);
  std::istringstream pids(script.read_output());  // the pipe ends: nobody holds it any more
  int num_pids = 0;
  for (pid_t pid = 0; pids >> pid; ++num_pids) EXPECT_FALSE(is_alive(pid)) << pid;
  EXPECT_EQ(num_pids, 2);
}

TEST(Supervisor, TerminatesPolitelyAndKillsForSure) {
  Script polite("trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done");
  Supervisor first = polite.start();
  polite.read_some();
  first.terminate();
  EXPECT_EQ(WEXITSTATUS(report_of(first).status), 5);

  Script stubborn("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  Supervisor second = stubborn.start();
  stubborn.read_some();
  second.terminate();
  SupervisorReport report;
  EXPECT_FALSE(second.read_report(report));
  second.kill();
  EXPECT_EQ(WTERMSIG(report_of(second).status), SIGKILL);
}

TEST(Supervisor, DiesWithItsOwnerAndTakesEverythingAlong) {
  Script script("setsid sleep 1000 & echo $!; sleep 1000");
  pid_t pid = 0;
  {
    const Supervisor supervisor = script.start();
    pid = std::stoi(script.read_some());
    EXPECT_TRUE(is_alive(pid));
  }
  EXPECT_FALSE(is_alive(pid));
}

TEST(Supervisor, SurvivesTheDeathOfTheSupervisorItself) {
  Script script("echo $$; exec sleep 1000");
  Supervisor supervisor = script.start();
  const pid_t program = std::stoi(script.read_some());
  kill(supervisor.pid(), SIGKILL);
  EXPECT_EQ(WTERMSIG(report_of(supervisor).status), SIGKILL);
  EXPECT_EQ(script.read_output(), "");  // ends when the program has gone
  EXPECT_TRUE(program > 0);
}

TEST(Supervisor, PutsTheProgramOnItsCores) {
  Script script(SpawnPlan{.program = "/bin/sh",
                          .arguments = {"sh", "-c", "nproc"},
                          .environment = {"PATH=/usr/bin:/bin"},
                          .cores = {0}});
  Supervisor supervisor = script.start();
  EXPECT_EQ(script.read_output(), "1\n");
  EXPECT_EQ(WEXITSTATUS(report_of(supervisor).status), 0);
}

TEST(Supervisor, CountsTheTimeOfGrandchildren) {
  Script script("sh -c 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done' & wait");
  Supervisor supervisor = script.start();
  EXPECT_GT(report_of(supervisor).cpu_seconds, 0.005);
}

}  // namespace
}  // namespace trimtab
