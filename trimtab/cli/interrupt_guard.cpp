#include "trimtab/cli/interrupt_guard.hpp"

namespace trimtab {
namespace {

// The only state that outlives a call: a signal handler can reach nothing else.
std::atomic<int> interrupt_count{0};
std::atomic<int> num_guards{0};

void count_interrupt(int) { interrupt_count.fetch_add(1); }

}  // namespace

InterruptGuard::InterruptGuard() : is_first_(num_guards.fetch_add(1) == 0) {
  if (!is_first_) return;
  interrupt_count = 0;
  struct sigaction action{};
  action.sa_handler = count_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

InterruptGuard::~InterruptGuard() {
  num_guards.fetch_sub(1);
  if (!is_first_) return;
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

const std::atomic<int>& InterruptGuard::counter() { return interrupt_count; }

}  // namespace trimtab
