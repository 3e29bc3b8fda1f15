#pragma once

#include <atomic>
#include <csignal>

namespace trimtab {

/// Signals SIGINT and SIGTERM since an InterruptGuard began. The only state that outlives a call: a
/// signal handler can reach nothing else.
extern std::atomic<int> interrupt_count;

/// Counts SIGINT and SIGTERM while it lives. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction old_interrupt_{}, old_terminate_{};
};

}  // namespace trimtab
