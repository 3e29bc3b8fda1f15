#include "trimtab/cli/interruption.hpp"

namespace trimtab {
namespace {

void count_interrupt(int) { interrupt_count.fetch_add(1); }

}  // namespace

std::atomic<int> interrupt_count{0};

InterruptGuard::InterruptGuard() {
  interrupt_count = 0;
  struct sigaction action{};
  action.sa_handler = count_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

}  // namespace trimtab
