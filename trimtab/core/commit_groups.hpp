#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/core/storage.hpp"

namespace trimtab {

/// Shares commits, and so syncs and round trips, among the threads that want to write at the same
/// moment. The first to come leads: it commits everybody's work at once, in order of arrival; who
/// comes meanwhile forms the next group. For implementations of Storage.
/// @tparam Work  what one caller wants written; the commit function knows what it means.
template <typename Work>
class CommitGroups {
 public:
  struct Member {
    Work* work;
    Durability durability;
    std::exception_ptr error = nullptr;  ///< the caller gets it
    bool is_done = false;
    std::condition_variable changed = {};
  };
  using Group = std::vector<Member*>;

  /// @param commit  writes a whole group, perhaps on another member's thread, and sets the errors
  ///   of the members that failed. One call at a time. What it throws, every member gets.
  explicit CommitGroups(std::function<void(const Group&)> commit) : commit_(std::move(commit)) {}

  /// Returns when `work` is committed. @throws the member's error; BugError when called from inside
  /// a commit.
  void run(Durability durability, Work& work);

 private:
  // So that the first of a group does not wait for ever longer groups.
  static constexpr std::size_t kLargestGroup = 64;

  void lead(std::unique_lock<std::mutex>& lock);
  void commit(const Group& group);

  std::function<void(const Group&)> commit_;
  std::mutex mutex_;
  std::deque<Member*> queue_;
  std::thread::id leader_;  // none = nobody leads
};

template <typename Work>
void CommitGroups<Work>::run(Durability durability, Work& work) {
  Member self{.work = &work, .durability = durability};
  std::unique_lock lock(mutex_);
  if (leader_ == std::this_thread::get_id()) {
    throw BugError({.code = "storage.nested",
                    .what = "a storage was changed from inside one of its own steps",
                    .where = "storage",
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

template <typename Work>
void CommitGroups<Work>::lead(std::unique_lock<std::mutex>& lock) {
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

template <typename Work>
void CommitGroups<Work>::commit(const Group& group) {
  try {
    commit_(group);
  } catch (...) {
    for (Member* member : group) member->error = std::current_exception();
  }
}

}  // namespace trimtab
