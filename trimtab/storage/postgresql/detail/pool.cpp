#include "trimtab/storage/postgresql/detail/pool.hpp"

#include <algorithm>
#include <thread>

namespace trimtab::postgresql {

BackOff::BackOff(double limit_seconds)
    : end_(std::chrono::steady_clock::now() +
           std::chrono::milliseconds(static_cast<std::int64_t>(limit_seconds * 1e3))) {}

bool BackOff::wait() {
  if (std::chrono::steady_clock::now() + pause_ > end_) return false;
  std::this_thread::sleep_for(pause_);
  pause_ = std::min(2 * pause_, std::chrono::milliseconds(1000));
  return true;
}

std::unique_ptr<Connection> Pool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return std::make_unique<Connection>(address_, patience_.connect_seconds);
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  if (!connection || !connection->is_idle()) return;
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
}

// When one connection broke, so did probably all that were idle.
void Pool::drop(const MediumFailure& failure, std::unique_ptr<Connection> connection) {
  give_back(std::move(connection));
  if (failure.kind != MediumFailure::Kind::Lost) return;
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

}  // namespace trimtab::postgresql
