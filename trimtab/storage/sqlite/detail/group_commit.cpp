#include "trimtab/storage/sqlite/detail/group_commit.hpp"

#include <algorithm>

namespace trimtab::sqlite {

void GroupCommit::commit(const Group& group) {
  const bool is_for_disk = std::any_of(group.begin(), group.end(), [](const auto* member) {
    return member->durability == Durability::Disk;
  });
  try {
    WriteTransaction transaction(connection(is_for_disk ? Durability::Disk : Durability::Process));
    for (auto* member : group) {
      try {
        (*member->work)(*connection_);
      } catch (const MediumFailure&) {
        throw;
      } catch (...) {
        member->error = std::current_exception();
      }
    }
    transaction.commit();
  } catch (const MediumFailure& failure) {
    // Everybody, also who had an error of its own: what it saw may have been of this group.
    for (auto* member : group) {
      member->error = std::make_exception_ptr(EnvironmentError(failure.info));
    }
  } catch (...) {  // no memory
    for (auto* member : group) member->error = std::current_exception();
  }
  if (connection_ && connection_->is_in_transaction()) connection_.reset();
}

Connection& GroupCommit::connection(Durability durability) {
  if (!connection_) {
    connection_ = open_();
    connection_->execute("PRAGMA synchronous = FULL");
    durability_ = Durability::Disk;
  }
  connection_->require_in_place();
  if (durability != durability_) {
    // FULL syncs the log at every commit, NORMAL only before the log is copied into the database.
    connection_->execute(durability == Durability::Disk ? "PRAGMA synchronous = FULL"
                                                        : "PRAGMA synchronous = NORMAL");
    durability_ = durability;
  }
  return *connection_;
}

}  // namespace trimtab::sqlite
