#include "trimtab/executors/process/process_tree.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

namespace trimtab {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;
constexpr double kNever = 1e18;

// Our own memory is part of every child; it is not what is measured here.
double memory_of(pid_t root, double exact_above = kNever) {
  return descendants_memory(root, exact_above);
}

// A child that owns `num_bytes`, has `num_children` children over the same pages, and tells `ready`
// when all of them have touched their memory. Never returns in the child.
pid_t start_holder(std::size_t num_bytes, int num_children, int ready) {
  const pid_t child = fork();
  if (child != 0) return child;
  void* block = mmap(nullptr, num_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  std::memset(block, 1, num_bytes);
  for (int k = 0; k < num_children; ++k) {
    if (fork() != 0) continue;
    // Reads every page, so that it is resident here as well.
    volatile char sum = 0;
    for (std::size_t at = 0; at < num_bytes; at += 4096) {
      sum = static_cast<char>(sum + static_cast<char*>(block)[at]);
    }
    if (write(ready, "x", 1) != 1) _exit(1);
    for (;;) pause();
  }
  if (write(ready, "x", 1) != 1) _exit(1);
  for (;;) pause();
}

class ProcessTree : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(ready_), 0); }
  void TearDown() override {
    for (const int fd : ready_) close(fd);
  }
  void wait_for(int count) {
    char byte = 0;
    for (int k = 0; k < count; ++k) ASSERT_EQ(read(ready_[0], &byte, 1), 1);
  }
  int ready_[2];
};

TEST_F(ProcessTree, IsNothingWithoutChildren) {
  const pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  EXPECT_EQ(memory_of(child), 0.0);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(memory_of(child), 0.0);  // gone
}

TEST_F(ProcessTree, CountsGrandchildrenAndSharedPagesOnceWhenItMatters) {
  const pid_t root = fork();
  if (root == 0) {
    setpgid(0, 0);
    start_holder(64 * kMegabyte, 3, ready_[1]);
    for (;;) pause();
  }
  wait_for(4);
  const double summed = memory_of(root);
  EXPECT_GE(summed, 4.0 * 64.0 * kMegabyte);  // one holder, three readers
  const double exact = memory_of(root, 100.0 * kMegabyte);
  EXPECT_GE(exact, 63.0 * kMegabyte);
  EXPECT_LE(exact, summed - 2.5 * 64.0 * kMegabyte);
  kill(-root, SIGKILL);
  waitpid(root, nullptr, 0);
}

}  // namespace
}  // namespace trimtab
