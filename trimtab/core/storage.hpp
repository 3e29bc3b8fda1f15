#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/core/event.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {

using StudyId = std::int64_t;

/// A study's permanent record; everything else about it is in its event log.
struct StudyRecord {
  StudyId id = 0;
  std::string name;
  std::string spec;  ///< JSON, StudySpec::to_json
  Timestamp created = 0;
};

/// How safe an append is when `transact` returns.
enum class Durability : std::uint8_t {
  Process,  ///< survives the death of this process (kill -9)
  Disk,     ///< survives the death of the machine (synced)
};

/// Keeps studies as append-only event logs.
///
/// Threads: every method may be called from any thread; an object serialises internally.
/// Processes: persistent storages may be opened by many processes at once.
/// Errors: EnvironmentError when the medium refuses (full, locked, lost); then nothing of the call
/// was kept, everything acknowledged before is there, and the call may be repeated. Implementations
/// must pass the suite in core/contract/storage_contract.hpp.
class Storage {
 public:
  /// Receives one event. `bytes` is what `encode` wrote, valid during the call only.
  using Visitor = std::function<void(Sequence sequence, std::string_view bytes)>;

  /// Encoded events to append, each the output of `encode`.
  using Batch = std::vector<std::string>;
  /// What `transact` asks: called with the log caught up, returns what to append. It may be called
  /// again, after what is new meanwhile was visited: then another writer came first, and what the
  /// call before returned or threw does not count.
  /// @param last  sequence of the log's last event at this moment, so that a caller can tell
  ///   whether what it knows is all there is.
  using Decide = std::function<Batch(Sequence last)>;

  virtual ~Storage() = default;

  /// Whether workers of several machines may be at its studies: a process that does not live here
  /// may then live elsewhere.
  virtual bool is_shared_by_machines() const { return false; }

  /// Creates a study. @throws UserError "storage.study_exists". Ids are never reused.
  virtual StudyRecord create_study(const std::string& name, const std::string& spec,
                                   Timestamp now) = 0;
  virtual std::optional<StudyRecord> find_study(const std::string& name) const = 0;
  /// All studies in order of creation.
  virtual std::vector<StudyRecord> list_studies() const = 0;
  /// Removes the study and its log, and frees the name. Unknown ids are ignored.
  virtual void delete_study(StudyId study) = 0;

  /// Visits the events with sequence > `after` in order. O(events visited).
  /// @throws UserError "storage.unknown_study".
  virtual void read(StudyId study, Sequence after, const Visitor& visit) const = 0;

  /// One atomic step of a study: as if no other writer could append meanwhile, visits the events
  /// after `after`, then calls `decide` and appends what it returns, all or nothing. On return it
  /// is as durable as asked. Steps of several threads may share one commit; `visit` and `decide`
  /// then run on another thread, and may see events of the same commit: if that fails, all its
  /// callers get the EnvironmentError and none of their events was kept. Exceptions of `visit` and
  /// `decide` pass through to their own caller and append nothing. Both may read this storage, but
  /// not change it.
  /// @returns the sequence of the last event of the log.
  /// @throws UserError "storage.unknown_study".
  /// Cost: O(new events + appended events), one sync for Durability::Disk.
  virtual Sequence transact(StudyId study, Sequence after, Durability durability,
                            const Visitor& visit, const Decide& decide) = 0;
};

/// A scheme of storage URLs ("sqlite:trimtab.db", "memory:").
struct StorageEntry {
  std::string scheme;
  std::string purpose;  ///< one line
  std::string example;  ///< a URL
  bool is_persistent = true;
  bool is_file = false;  ///< the address is a path on this machine
  /// @param address  the URL after "scheme:". @throws UserError / EnvironmentError.
  std::function<std::unique_ptr<Storage>(const std::string& address)> open;
};

}  // namespace trimtab
