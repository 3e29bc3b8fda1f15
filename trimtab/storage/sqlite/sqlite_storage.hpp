#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "trimtab/core/storage.hpp"
#include "trimtab/storage/sqlite/detail/connection.hpp"
#include "trimtab/storage/sqlite/detail/group_commit.hpp"

namespace trimtab {

/// Keeps studies in one SQLite file (docs/storage-format.md), for many threads and many processes
/// of one machine. The file comes into being with the first study, not before.
///
/// Durability::Disk: the write-ahead log was synced; concurrent steps of one process share the
/// sync. Durability::Process: it was written, and the operating system has it.
class SqliteStorage final : public Storage {
 public:
  struct Options {
    double lock_wait_seconds = 15.0;  ///< for other processes' steps, which take milliseconds
  };

  /// @param path  of the database file; its folder must exist.
  /// @throws UserError when the path cannot be that of a database, EnvironmentError when the file
  ///   that is there is not a database of this program or cannot be read. Nothing is written.
  explicit SqliteStorage(std::string path) : SqliteStorage(std::move(path), Options()) {}
  SqliteStorage(std::string path, Options options);

  StudyRecord create_study(const std::string& name, const std::string& spec,
                           Timestamp now) override;
  std::optional<StudyRecord> find_study(const std::string& name) const override;
  std::vector<StudyRecord> list_studies() const override;
  void delete_study(StudyId study) override;
  void read(StudyId study, Sequence after, const Visitor& visit) const override;
  Sequence transact(StudyId study, Sequence after, Durability durability, const Visitor& visit,
                    const Decide& decide) override;

 private:
  class Reader;

  bool is_there() const;
  std::unique_ptr<sqlite::Connection> take_reader() const;
  void give_back(std::unique_ptr<sqlite::Connection> reader) const;

  std::string path_;
  Options options_;
  sqlite::GroupCommit group_commit_;
  mutable std::atomic<bool> is_there_ = false;
  mutable std::mutex mutex_;  // guards readers_
  mutable std::vector<std::unique_ptr<sqlite::Connection>> readers_;
};

}  // namespace trimtab
