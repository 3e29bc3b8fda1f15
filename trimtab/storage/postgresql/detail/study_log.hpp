#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trimtab/core/commit_groups.hpp"
#include "trimtab/storage/postgresql/detail/pool.hpp"

namespace trimtab::postgresql {

/// Marks what one append wrote, so that a broken connection leaves no doubt whether it happened.
/// Unique among all processes of all machines, but for chance (64 random bits each).
class Tokens {
 public:
  Tokens();
  std::int64_t next() { return static_cast<std::int64_t>(next_++); }

 private:
  std::atomic<std::uint64_t> next_;
};

/// Appends to one study's log for the threads of this process.
///
/// Whoever is alone and knows the whole log decides first and appends in one round trip, on the
/// condition that the log's end is where it thought (compare and set); if somebody else was faster,
/// and for groups, the study's row is locked before the decision: two round trips a group.
class StudyLog {
 public:
  /// One call of Storage::transact.
  struct Step {
    Sequence after;
    const Storage::Visitor* visit;
    const Storage::Decide* decide;
    Sequence last = 0;  ///< the result
  };

  StudyLog(Pool& pool, Tokens& tokens, StudyId study);

  /// @throws what Storage::transact throws.
  void run(Step& step) { groups_.run(Durability::Disk, step); }

 private:
  using Groups = CommitGroups<Step>;

  void commit(const Groups::Group& group);
  bool append_at_once(Step& step);
  bool append_locked(const Groups::Group& group);
  bool append(Sequence expected, const Storage::Batch& events, std::int64_t token,
              bool may_have_happened);
  bool finish(std::unique_ptr<Connection> connection, Sequence expected,
              const Storage::Batch& events);

  Pool& pool_;
  Tokens& tokens_;
  StudyId study_;
  Groups groups_;
  // The leader's alone.
  Sequence known_ = 0;  // a sequence that the log has reached
  int caution_ = 0;     // how many more steps lock first: somebody else was writing lately
};

/// @throws UserError "storage.unknown_study", always.
[[noreturn]] void throw_unknown(const Address& address, StudyId study);

/// Visits the events after `after` in order. @throws MediumFailure, UserError
/// "storage.unknown_study".
void visit_events(Pool& pool, StudyId study, Sequence after, const Storage::Visitor& visit);

}  // namespace trimtab::postgresql
