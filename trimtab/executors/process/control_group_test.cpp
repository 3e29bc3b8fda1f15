#include "trimtab/executors/process/control_group.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

constexpr double kMebibyte = 1024.0 * 1024.0;
constexpr char kUnavailable[] =
    "this process may not make control groups (version 2) with the controllers memory and cpu";

class ControlGroupTest : public ProcessFixture {
 protected:
  // A group folder as the kernel shows it.
  void fake_group(const std::string& controllers, const std::string& enabled) const {
    fs::create_directory(path("group"));
    write(path("group/cgroup.controllers"), controllers);
    write(path("group/cgroup.subtree_control"), enabled);
    write(path("group/cgroup.procs"), "1\n2\n");
  }
};

TEST_F(ControlGroupTest, IsNotToBeHadWithoutFolderOrControllers) {
  const Limits limits{.memory_bytes = 64.0 * kMebibyte, .cpus = 1.0};
  EXPECT_FALSE(ControlGroups::find_in(path("nowhere"), limits));
  fake_group("memory pids", "memory pids");
  EXPECT_FALSE(ControlGroups::find_in(path("group"), limits));  // no cpu
  EXPECT_TRUE(ControlGroups::find_in(path("group"), {.memory_bytes = 64.0 * kMebibyte}));
}

TEST_F(ControlGroupTest, GivesUpWhenTheKernelDoesNotTakeALimit) {
  fake_group("memory cpu", "memory cpu");
  const Limits limits{.memory_bytes = 64.0 * kMebibyte};
  const auto groups = ControlGroups::find_in(path("group"), limits);
  ASSERT_TRUE(groups);
  EXPECT_FALSE(groups->make("run", limits));  // an ordinary folder has no memory.max
  EXPECT_FALSE(fs::exists(path("group/run")));
}

TEST_F(ControlGroupTest, ReadsWhatTheKernelTells) {
  fs::create_directory(path("run"));
  write(path("run/memory.events"), "low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\n");
  write(path("run/memory.peak"), "1048576\n");
  const ControlGroup group(path("run"));
  EXPECT_EQ(group.entrance(), path("run/cgroup.procs"));
  EXPECT_FALSE(group.was_out_of_memory());
  EXPECT_EQ(group.peak_memory_bytes(), kMebibyte);
  EXPECT_EQ(group.cpu_seconds(), 0.0);
  write(path("run/cpu.stat"), "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n");
  EXPECT_EQ(group.cpu_seconds(), 2.5);
  write(path("run/memory.events"), "oom 1\noom_kill 3\n");
  EXPECT_TRUE(group.was_out_of_memory());
}

TEST_F(ControlGroupTest, TakesAProcessInAndEndsWithAllThatIsInside) {
  const auto groups = ControlGroups::find({});  // no controllers: needs a place to write only
  if (!groups) GTEST_SKIP() << "this process may not make control groups (version 2)";
  pid_t child = 0;
  std::string folder;
  {
    const auto group = groups->make("trimtab-test-" + mark_, {});
    ASSERT_TRUE(group);
    folder = fs::path(group->entrance()).parent_path().string();
    child = fork();
    if (child == 0) {
      write(group->entrance(), "0");
      if (fork() == 0) {
        for (;;) pause();
      }
      for (;;) pause();
    }
    for (int k = 0; k < 1000 && read(group->entrance()).size() < 4; ++k) usleep(1000);
    EXPECT_NE(read(group->entrance()).find(std::to_string(child)), std::string::npos);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(ControlGroupTest, HoldsARunToItsMemoryTogetherWithItsChildren) {
  const Limits limits{.memory_bytes = 64.0 * kMebibyte};
  if (!ControlGroups::find(limits)) GTEST_SKIP() << kUnavailable;
  StudySpec spec =
      spec_of("sh -c 'for k in 1 2 3 4; do head -c 30M /dev/zero | tail & done; wait'");
  spec.program.limits.memory_bytes = limits.memory_bytes;
  const RunResult result = run(spec);
  EXPECT_EQ(result.failure.reason, FailureReason::Memory) << result.failure.detail;
  EXPECT_LE(result.resources.peak_memory_bytes, 80.0 * kMebibyte);
  EXPECT_EQ(count_left(), 0);
}

TEST_F(ControlGroupTest, HoldsARunToAFractionOfAProcessor) {
  const Limits limits{.cpus = 0.25};
  if (!ControlGroups::find(limits)) GTEST_SKIP() << kUnavailable;
  StudySpec spec = spec_of("timeout 0.8 sh -c 'while :; do :; done'");
  spec.program.limits.cpus = limits.cpus;
  const RunResult result = run(spec);
  EXPECT_LT(result.resources.cpu_seconds, 0.45);  // 0.2 and what one period may exceed
}

}  // namespace
}  // namespace trimtab
