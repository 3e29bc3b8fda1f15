#pragma once

#include <chrono>
#include <cstdint>

namespace trimtab {

/// Microseconds since 1970-01-01 UTC. Signed, so that differences are safe.
using Timestamp = std::int64_t;

/// The wall clock, as a value that can be replaced in tests and simulations.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  /// Microseconds of a clock that is never set: for differences within one process.
  virtual Timestamp monotonic() const { return now(); }
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  Timestamp monotonic() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

/// The wall clock of this machine (stateless).
inline const Clock& wall_clock() {
  static const SystemClock kClock;
  return kClock;
}

/// A clock that moves only when it is told to.
class ManualClock final : public Clock {
 public:
  Timestamp now() const override { return now_; }
  void advance(std::int64_t microseconds) { now_ += microseconds; }

 private:
  Timestamp now_ = 0;
};

/// Elapsed monotonic seconds since construction.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace trimtab
