#pragma once

#include <functional>
#include <memory>

#include "trimtab/core/commit_groups.hpp"
#include "trimtab/storage/sqlite/detail/connection.hpp"

namespace trimtab::sqlite {

/// Runs the work of threads that want to write at the same moment inside one transaction.
class GroupCommit {
 public:
  /// Reads and writes through the group's connection. Throws MediumFailure when that fails (the
  /// whole group does); anything else it throws passes to its own caller, and it must not have
  /// written anything then.
  using Work = std::function<void(Connection& connection)>;

  /// @param open  gives the connection when the first work needs it. Throws MediumFailure.
  explicit GroupCommit(std::function<std::unique_ptr<Connection>()> open)
      : open_(std::move(open)), groups_([this](const Group& group) { commit(group); }) {}

  /// Runs `work`, perhaps on another thread; returns when it is committed and as durable as asked.
  /// @throws EnvironmentError when the group could not be committed: nothing of it was kept.
  /// @throws BugError when called from inside a work.
  void run(Durability durability, const Work& work) { groups_.run(durability, work); }

 private:
  using Group = CommitGroups<const Work>::Group;

  void commit(const Group& group);
  Connection& connection(Durability durability);

  std::function<std::unique_ptr<Connection>()> open_;
  CommitGroups<const Work> groups_;
  // The leader's alone.
  std::unique_ptr<Connection> connection_;
  Durability durability_ = Durability::Disk;
};

}  // namespace trimtab::sqlite
