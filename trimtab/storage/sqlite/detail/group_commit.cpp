#include "trimtab/storage/sqlite/detail/group_commit.hpp"

#include <algorithm>

namespace trimtab::sqlite {
namespace {

// So that the first of a group does not wait for ever longer groups.
constexpr std::size_t kLargestGroup = 64;

}  // namespace

void GroupCommit::run(Durability durability, const Work& work) {
  Member self{.durability = durability, .work = &work};
  std::unique_lock lock(mutex_);
  if (leader_ == std::this_thread::get_id()) {
    throw BugError({.code = "storage.nested",
                    .what = "a storage was changed from inside one of its own steps",
                    .where = "sqlite storage",
                    .got = "",
                    .expected = "",
                    .hint = ""});
  }
  queue_.push_back(&self);
  self.changed.wait(lock, [&] {
    return self.is_done || (leader_ == std::thread::id() && queue_.front() == &self);
  });
  if (!self.is_done) lead(lock);
  if (self.error) std::rethrow_exception(self.error);
}

void GroupCommit::lead(std::unique_lock<std::mutex>& lock) {
  leader_ = std::this_thread::get_id();
  const auto end =
      queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kLargestGroup));
  const Group group(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  lock.unlock();
  commit(group);
  lock.lock();
  leader_ = std::thread::id();
  for (Member* member : group) {
    member->is_done = true;
    member->changed.notify_one();
  }
  if (!queue_.empty()) queue_.front()->changed.notify_one();
}

void GroupCommit::commit(const Group& group) {
  const bool is_for_disk = std::any_of(group.begin(), group.end(), [](const Member* member) {
    return member->durability == Durability::Disk;
  });
  try {
    WriteTransaction transaction(connection(is_for_disk ? Durability::Disk : Durability::Process));
    for (Member* member : group) {
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
    for (Member* member : group) {
      member->error = std::make_exception_ptr(EnvironmentError(failure.info));
    }
  } catch (...) {  // no memory
    for (Member* member : group) member->error = std::current_exception();
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
