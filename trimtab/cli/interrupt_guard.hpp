#pragma once

#include <csignal>

#include <atomic>

namespace trimtab {

/// Counts SIGINT and SIGTERM while it lives. The first of several that live at once counts for all.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Signals since the first guard began.
  static const std::atomic<int>& counter();

 private:
  bool is_first_;
  struct sigaction old_interrupt_{}, old_terminate_{};
};

}  // namespace trimtab
