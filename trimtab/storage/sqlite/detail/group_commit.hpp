#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "trimtab/core/storage.hpp"
#include "trimtab/storage/sqlite/detail/connection.hpp"

namespace trimtab::sqlite {

/// Shares transactions, and so syncs, among the threads that want to write at the same moment. The
/// first to come leads: it runs everybody's work in order of arrival inside one transaction and
/// commits once; who comes meanwhile forms the next group.
class GroupCommit {
 public:
  /// Reads and writes through the group's connection. Throws MediumFailure when that fails (the
  /// whole group does); anything else it throws passes to its own caller, and it must not have
  /// written anything then.
  using Work = std::function<void(Connection& connection)>;

  /// @param open  gives the connection when the first work needs it. Throws MediumFailure.
  explicit GroupCommit(std::function<std::unique_ptr<Connection>()> open)
      : open_(std::move(open)) {}

  /// Runs `work`, perhaps on another thread; returns when it is committed and as durable as asked.
  /// @throws EnvironmentError when the group could not be committed: nothing of it was kept.
  /// @throws BugError when called from inside a work.
  void run(Durability durability, const Work& work);

 private:
  struct Member {
    Durability durability;
    const Work* work;
    std::exception_ptr error = nullptr;
    bool is_done = false;
    std::condition_variable changed = {};
  };
  using Group = std::vector<Member*>;

  void lead(std::unique_lock<std::mutex>& lock);
  void commit(const Group& group);
  Connection& connection(Durability durability);

  std::function<std::unique_ptr<Connection>()> open_;
  std::mutex mutex_;
  std::deque<Member*> queue_;
  std::thread::id leader_;  // none = nobody leads
  // The leader's alone.
  std::unique_ptr<Connection> connection_;
  Durability durability_ = Durability::Disk;
};

}  // namespace trimtab::sqlite
