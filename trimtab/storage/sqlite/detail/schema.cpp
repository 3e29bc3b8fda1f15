#include "trimtab/storage/sqlite/detail/schema.hpp"

#include <cstdlib>

namespace trimtab::sqlite {
namespace {

enum class Content : std::uint8_t { Empty, Ours };

[[noreturn]] void refuse(const Connection& connection, const char* code, const char* what,
                         std::string got, std::string expected, const char* hint) {
  throw MediumFailure{{.code = code,
                       .what = what,
                       .where = "sqlite:" + connection.path(),
                       .got = std::move(got),
                       .expected = std::move(expected),
                       .hint = hint}};
}

// Inside a transaction, so that the answers belong together while somebody else creates the tables.
Content identify(Connection& connection) {
  const int application = std::atoi(connection.ask_once("PRAGMA application_id").c_str());
  const int version = std::atoi(connection.ask_once("PRAGMA user_version").c_str());
  if (application != kApplicationId) {
    if (application == 0 && connection.ask_once("SELECT count(*) FROM sqlite_schema") == "0") {
      return Content::Empty;
    }
    refuse(connection, "storage.foreign", "the database belongs to another program",
           "application id " + std::to_string(application), "a database that trimtab has created",
           "use a file of its own");
  }
  if (version != kSchemaVersion) {
    refuse(connection, "storage.newer_version",
           "the database has a version that this program does not know",
           "schema version " + std::to_string(version), std::to_string(kSchemaVersion),
           "use the newer trimtab, or another file");
  }
  return Content::Ours;
}

Content identify_alone(Connection& connection) {
  connection.execute("BEGIN");
  const Content content = identify(connection);
  connection.execute("COMMIT");
  return content;
}

void configure(Connection& connection) {
  connection.ask_once("PRAGMA trusted_schema = OFF");
  connection.ask_once("PRAGMA journal_size_limit = 67108864");
}

// While another process does the same, SQLite reports "locked" without waiting.
std::string switch_to_log(Connection& connection, double lock_wait_seconds) {
  LockWait lock_wait(lock_wait_seconds);
  for (int attempt = 0;; ++attempt) {
    try {
      return connection.ask_once("PRAGMA journal_mode = WAL");
    } catch (const MediumFailure& failure) {
      const bool is_locked = failure.info.code == "storage.locked";
      if (!is_locked || LockWait::wait(&lock_wait, attempt) == 0) throw;
    }
  }
}

void use_write_ahead_log(Connection& connection, double lock_wait_seconds) {
  const std::string mode = switch_to_log(connection, lock_wait_seconds);
  if (mode == "wal") return;
  refuse(connection, "storage.no_wal", "the file system cannot hold a write-ahead log",
         "journal mode " + mode, "shared memory and locks, as on a local disk",
         "move the database to a local disk");
}

void create_tables(Connection& connection) {
  connection.ask_once("PRAGMA synchronous = FULL");
  WriteTransaction transaction(connection);
  if (identify(connection) == Content::Ours) return;  // somebody was faster
  for (const char* statement : {
           // AUTOINCREMENT: the id of a deleted study is never used again.
           "CREATE TABLE study ("
           "id INTEGER PRIMARY KEY AUTOINCREMENT, "
           "name TEXT NOT NULL UNIQUE, "
           "spec TEXT NOT NULL, "
           "created INTEGER NOT NULL)",
           "CREATE TABLE event ("
           "study INTEGER NOT NULL, "
           "sequence INTEGER NOT NULL, "
           "bytes BLOB NOT NULL, "
           "PRIMARY KEY (study, sequence)) WITHOUT ROWID",
           "PRAGMA application_id = 1416784237",
           "PRAGMA user_version = 1",
       }) {
    connection.ask_once(statement);
  }
  transaction.commit();
}

}  // namespace

std::unique_ptr<Connection> open_reader(const std::string& path, double lock_wait_seconds) {
  auto connection =
      std::make_unique<Connection>(path, Connection::Mode::Existing, lock_wait_seconds);
  if (identify_alone(*connection) == Content::Empty) return nullptr;
  configure(*connection);
  return connection;
}

std::unique_ptr<Connection> open_writer(const std::string& path, double lock_wait_seconds) {
  auto connection =
      std::make_unique<Connection>(path, Connection::Mode::CreateIfMissing, lock_wait_seconds);
  const Content content = identify_alone(*connection);  // before anything is written
  use_write_ahead_log(*connection, lock_wait_seconds);
  configure(*connection);
  if (content == Content::Empty) create_tables(*connection);
  return connection;
}

}  // namespace trimtab::sqlite
