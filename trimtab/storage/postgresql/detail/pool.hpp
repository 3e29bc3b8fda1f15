#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "trimtab/storage/postgresql/detail/connection.hpp"

namespace trimtab::postgresql {

/// How long a storage goes on when its server does not answer.
struct Patience {
  double connect_seconds = 10.0;    ///< for one attempt to connect
  double reconnect_seconds = 60.0;  ///< for a server to come back, with back-off between attempts
  double lock_seconds = 15.0;       ///< for other processes' steps, which take milliseconds
};

/// Back-off between attempts: 20 ms, doubled up to 1 s, until the time is over. Bounded.
class BackOff {
 public:
  explicit BackOff(double limit_seconds);
  /// Sleeps; false, at once, when the time is over.
  bool wait();

 private:
  std::chrono::steady_clock::time_point end_;
  std::chrono::milliseconds pause_{20};
};

/// Connections that wait for their next use. Any thread.
class Pool {
 public:
  Pool(Address address, Patience patience) : address_(std::move(address)), patience_(patience) {}

  /// @throws MediumFailure when none is free and no new one can be had.
  std::unique_ptr<Connection> take();
  /// Broken ones, and those inside a transaction, are dropped.
  void give_back(std::unique_ptr<Connection> connection);

  /// Runs `action(std::unique_ptr<Connection>&)` and gives its result; again, on another
  /// connection, while the server cannot be reached or asks for another attempt, until the patience
  /// ends. So the action must be one that may happen twice, and must not call anybody back. It may
  /// keep the connection.
  template <typename Action>
  auto run(const Action& action) {
    BackOff back_off(patience_.reconnect_seconds);
    for (;;) {
      std::unique_ptr<Connection> connection;
      try {
        connection = take();
        auto result = action(connection);
        give_back(std::move(connection));
        return result;
      } catch (const MediumFailure& failure) {
        drop(failure, std::move(connection));
        if (failure.kind == MediumFailure::Kind::Refused || !back_off.wait()) throw;
      }
    }
  }
  /// After a failure: keeps the connection if it is whole.
  void drop(const MediumFailure& failure, std::unique_ptr<Connection> connection);

  const Address& address() const { return address_; }
  const Patience& patience() const { return patience_; }

 private:
  Address address_;
  Patience patience_;
  std::mutex mutex_;  // guards idle_
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace trimtab::postgresql
