#include "trimtab/storage/sqlite/sqlite_storage.hpp"

#include <filesystem>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/storage/sqlite/detail/schema.hpp"

namespace trimtab {
namespace {

using sqlite::at_border;
using sqlite::Connection;
using sqlite::Query;

StorageEntry sqlite_entry() {
  return {.scheme = "sqlite",
          .purpose = "one file on this machine, for many processes; every result is synced",
          .example = "sqlite:trimtab.db",
          .is_persistent = true,
          .is_file = true,
          .open = [](const std::string& address) -> std::unique_ptr<Storage> {
            return std::make_unique<SqliteStorage>(address);
          }};
}

[[noreturn]] void throw_path(const char* code, const char* what, const std::string& path,
                             const char* expected, const char* hint) {
  throw UserError({.code = code,
                   .what = what,
                   .where = "--storage",
                   .got = quote("sqlite:" + path),
                   .expected = expected,
                   .hint = hint});
}

// SQLite gives some names a meaning of their own; here a path is a path.
std::string checked_path(std::string path) {
  const char* const kExample = "sqlite:trimtab.db";
  if (path.empty()) throw_path("storage.url", "the path is missing", path, kExample, "");
  if (path.find('\0') != std::string::npos) {
    throw_path("storage.url", "the path holds a zero byte", path, kExample, "");
  }
  if (path == ":memory:") {
    throw_path("storage.url", "this is not a file", path, kExample, "did you mean \"memory:\"?");
  }
  if (path.starts_with("//") && !path.starts_with("///")) {
    throw_path("storage.url", "the path begins with two slashes", path,
               "sqlite:relative/path.db or sqlite:/absolute/path.db", "");
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw_path("storage.is_folder", "the path is that of a folder", path, "a file", "");
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored)) {
    throw_path("storage.folder_missing", "the folder of the database does not exist", path,
               "a path in an existing folder", "create the folder first");
  }
  return path.front() == ':' ? "./" + path : path;
}

[[noreturn]] void throw_unknown(const std::string& path, StudyId study) {
  throw UserError({.code = "storage.unknown_study",
                   .what = "the storage has no such study, it may have been deleted",
                   .where = "sqlite:" + path,
                   .got = "study id " + std::to_string(study),
                   .expected = "",
                   .hint = ""});
}

StudyRecord record_at(const Query& row) {
  return {.id = row.integer(0),
          .name = std::string(row.bytes(1)),
          .spec = std::string(row.bytes(2)),
          .created = row.integer(3)};
}

std::optional<StudyRecord> find_by_name(Connection& connection, const std::string& name) {
  Query found = connection.query("SELECT id, name, spec, created FROM study WHERE name = ?1");
  found.bind_text(1, name);
  if (!found.next()) return std::nullopt;
  return record_at(found);
}

Sequence last_sequence(Connection& connection, StudyId study) {
  Query found = connection.query(
      "SELECT (SELECT max(sequence) FROM event WHERE study = ?1) FROM study WHERE id = ?1");
  found.bind(1, study);
  if (!found.next()) throw_unknown(connection.path(), study);
  return found.integer(0);  // no event yet: NULL, which reads as 0
}

void visit_events(Connection& connection, StudyId study, Sequence after,
                  const Storage::Visitor& visit) {
  Query events = connection.query(
      "SELECT sequence, bytes FROM event WHERE study = ?1 AND sequence > ?2 ORDER BY sequence");
  events.bind(1, study).bind(2, after);
  while (events.next()) visit(events.integer(0), events.bytes(1));
}

Sequence append_events(Connection& connection, StudyId study, Sequence last,
                       const Storage::Batch& events) {
  for (const std::string& bytes : events) {
    Query insertion =
        connection.query("INSERT INTO event (study, sequence, bytes) VALUES (?1, ?2, ?3)");
    insertion.bind(1, study).bind(2, ++last).bind_blob(3, bytes);
    insertion.next();
  }
  return last;
}

}  // namespace

// A connection for reading, back in the pool when this goes out of scope. Empty when the storage
// holds nothing yet.
class SqliteStorage::Reader {
 public:
  explicit Reader(const SqliteStorage& storage)
      : storage_(storage), connection_(storage.take_reader()) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { storage_.give_back(std::move(connection_)); }

  explicit operator bool() const { return connection_ != nullptr; }
  Connection& operator*() const { return *connection_; }

 private:
  const SqliteStorage& storage_;
  std::unique_ptr<Connection> connection_;
};

SqliteStorage::SqliteStorage(std::string path, Options options)
    : path_(checked_path(std::move(path))),
      options_(options),
      group_commit_([this] { return sqlite::open_writer(path_, options_.lock_wait_seconds); }) {
  at_border([&] { give_back(take_reader()); });
}

bool SqliteStorage::is_there() const {
  if (is_there_.load(std::memory_order_relaxed)) return true;
  std::error_code error;
  const bool found = std::filesystem::exists(path_, error) || error;
  is_there_.store(found, std::memory_order_relaxed);
  return found;
}

std::unique_ptr<Connection> SqliteStorage::take_reader() const {
  if (!is_there()) return nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!readers_.empty()) {
      std::unique_ptr<Connection> reader = std::move(readers_.back());
      readers_.pop_back();
      reader->require_in_place();
      return reader;
    }
  }
  return sqlite::open_reader(path_, options_.lock_wait_seconds);
}

void SqliteStorage::give_back(std::unique_ptr<Connection> reader) const {
  if (!reader) return;
  const std::lock_guard lock(mutex_);
  readers_.push_back(std::move(reader));
}

StudyRecord SqliteStorage::create_study(const std::string& name, const std::string& spec,
                                        Timestamp now) {
  StudyRecord record = {.id = 0, .name = name, .spec = spec, .created = now};
  group_commit_.run(Durability::Disk, [&](Connection& connection) {
    if (find_by_name(connection, name)) {
      throw UserError({.code = "storage.study_exists",
                       .what = "the storage has a study of this name",
                       .where = "sqlite:" + path_,
                       .got = quote(name),
                       .expected = "a new name",
                       .hint = ""});
    }
    Query insertion = connection.query(
        "INSERT INTO study (name, spec, created) VALUES (?1, ?2, ?3) RETURNING id");
    insertion.bind_text(1, name).bind_text(2, spec).bind(3, now);
    insertion.next();
    record.id = insertion.integer(0);
    insertion.next();
  });
  is_there_.store(true, std::memory_order_relaxed);
  return record;
}

std::optional<StudyRecord> SqliteStorage::find_study(const std::string& name) const {
  return at_border([&]() -> std::optional<StudyRecord> {
    const Reader reader(*this);
    return reader ? find_by_name(*reader, name) : std::nullopt;
  });
}

std::vector<StudyRecord> SqliteStorage::list_studies() const {
  return at_border([&] {
    std::vector<StudyRecord> records;
    const Reader reader(*this);
    if (!reader) return records;
    Query rows = (*reader).query("SELECT id, name, spec, created FROM study ORDER BY id");
    while (rows.next()) records.push_back(record_at(rows));
    return records;
  });
}

void SqliteStorage::delete_study(StudyId study) {
  if (!is_there()) return;
  group_commit_.run(Durability::Disk, [&](Connection& connection) {
    Query events = connection.query("DELETE FROM event WHERE study = ?1");
    events.bind(1, study).next();
    Query record = connection.query("DELETE FROM study WHERE id = ?1");
    record.bind(1, study).next();
  });
}

void SqliteStorage::read(StudyId study, Sequence after, const Visitor& visit) const {
  at_border([&] {
    const Reader reader(*this);
    if (!reader) throw_unknown(path_, study);
    // Committed events never change: what is appended between the two statements is visited too.
    if (last_sequence(*reader, study) > after) visit_events(*reader, study, after, visit);
  });
}

Sequence SqliteStorage::transact(StudyId study, Sequence after, Durability durability,
                                 const Visitor& visit, const Decide& decide) {
  if (!is_there()) throw_unknown(path_, study);
  Sequence last = 0;
  group_commit_.run(durability, [&](Connection& connection) {
    last = last_sequence(connection, study);
    if (last > after) visit_events(connection, study, after, visit);
    last = append_events(connection, study, last, decide(last));
  });
  return last;
}

}  // namespace trimtab

TRIMTAB_STORAGE(sqlite, sqlite_entry())
