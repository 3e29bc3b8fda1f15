#include "trimtab/storage/sqlite/detail/connection.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "trimtab/base/files.hpp"

namespace trimtab::sqlite {
namespace {

// Another process holds the lock for about one sync, so that short waits come first. Lengths are
// spread by the attempt's number; nothing here is random.
constexpr std::chrono::microseconds kFirstWait{50};
constexpr std::chrono::microseconds kLongestWait{2'000};

}  // namespace

int LockWait::wait(void* context, int attempt) {
  auto& self = *static_cast<LockWait*>(context);
  const auto now = std::chrono::steady_clock::now();
  if (attempt == 0) self.start_ = now;
  if (std::chrono::duration<double>(now - self.start_).count() > self.limit_seconds_) return 0;
  const auto wait = std::min(kFirstWait * (1 << std::min(attempt, 10)), kLongestWait);
  std::this_thread::sleep_for(wait - wait * (attempt % 4) / 8);
  return 1;
}

namespace {

struct Sentence {
  const char* code;
  const char* what;
  const char* expected;
  const char* hint;
};

Sentence describe(int code, int system_error) {
  const bool is_full = (code & 0xFF) == SQLITE_FULL || system_error == ENOSPC ||
                       system_error == EDQUOT || system_error == EFBIG;
  if (is_full) {
    return {"storage.full", "there is no room to write the study's log", "free space",
            "free space and go on; nothing that was acknowledged is lost"};
  }
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {"storage.locked", "another process keeps the database locked", "",
              "end or resume the process that holds it, then try again"};
    case SQLITE_READONLY:
      return {"storage.read_only", "the database cannot be written",
              "a file and a folder with permission to write", ""};
    case SQLITE_CANTOPEN:
      return {"storage.cannot_open", "the database cannot be opened",
              "a file and a folder with permission to read and write", ""};
    case SQLITE_NOTADB:
      return {"storage.not_a_database", "the file is not a database",
              "a file that trimtab has created, or a new name", ""};
    case SQLITE_CORRUPT:
      return {"storage.corrupt", "the database is damaged", "",
              "restore a copy; `sqlite3 FILE .recover` may save the rest"};
    case SQLITE_IOERR:
      return {"storage.io", "the operating system failed to read or write the database", "", ""};
    default:
      return {"storage.failed", "the database refused", "", ""};
  }
}

}  // namespace

Connection::Connection(const std::string& path, Mode mode, double lock_wait_seconds)
    : path_(path), lock_wait_(lock_wait_seconds) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode == Mode::CreateIfMissing) flags |= SQLITE_OPEN_CREATE;
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path_.c_str(), &opened, flags, nullptr);
  connection_.reset(opened);
  if (code != SQLITE_OK) fail(code);
  sqlite3_busy_handler(opened, LockWait::wait, &lock_wait_);
}

void Connection::fail(int code, int system_error) const {
  if (system_error == 0 && connection_) system_error = sqlite3_system_errno(connection_.get());
  const Sentence sentence = describe(code, system_error);
  std::string got = connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(code);
  const bool has_system_error = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
  if (has_system_error && system_error != 0) got += ": " + describe_errno(system_error);
  throw MediumFailure{{.code = sentence.code,
                       .what = sentence.what,
                       .where = "sqlite:" + path_,
                       .got = got,
                       .expected = sentence.expected,
                       .hint = sentence.hint}};
}

Connection::Statement Connection::prepare(std::string_view sql, unsigned flags) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      flags, &statement, nullptr);
  if (code != SQLITE_OK) fail(code);
  return Statement(statement);
}

Query Connection::query(const char* sql) {
  const auto found = std::find_if(statements_.begin(), statements_.end(),
                                  [&](const auto& known) { return known.first == sql; });
  if (found != statements_.end()) return {*this, found->second.get()};
  statements_.emplace_back(sql, prepare(sql, SQLITE_PREPARE_PERSISTENT));
  return {*this, statements_.back().second.get()};
}

void Connection::execute(const char* sql) {
  Query running = query(sql);
  while (running.next()) {
  }
}

std::string Connection::ask_once(const std::string& sql) {
  const Statement statement = prepare(sql, 0);
  Query asked(*this, statement.get());
  return asked.next() ? std::string(asked.bytes(0)) : std::string();
}

void Connection::require_in_place() const {
  int has_moved = 0;
  sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
  if (has_moved == 0) return;
  throw MediumFailure{{.code = "storage.replaced",
                       .what = "the database's file was removed or replaced while it was in use",
                       .where = "sqlite:" + path_,
                       .got = "",
                       .expected = "",
                       .hint = "put the file back, or start again"}};
}

bool Connection::is_in_transaction() const {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

Query::~Query() { sqlite3_reset(statement_); }

Query& Query::bind(int parameter, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_, parameter, value);
  if (code != SQLITE_OK) connection_->fail(code);
  return *this;
}

Query& Query::bind_text(int parameter, std::string_view value) {
  const int code = sqlite3_bind_text64(statement_, parameter, value.data(), value.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) connection_->fail(code);
  return *this;
}

Query& Query::bind_blob(int parameter, std::string_view value) {
  const int code =
      sqlite3_bind_blob64(statement_, parameter, value.data(), value.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) connection_->fail(code);
  return *this;
}

bool Query::next() {
  errno = 0;  // SQLite does not keep it when a COMMIT fails
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_->fail(code, errno);
  return false;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::bytes(int column) const {
  // The order matters: asking for the blob may convert the value and change its length.
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(size));
}

WriteTransaction::WriteTransaction(Connection& connection) : connection_(&connection) {
  connection_->execute("BEGIN IMMEDIATE");
}

WriteTransaction::~WriteTransaction() {
  // SQLite itself rolls back after some errors.
  if (!connection_->is_in_transaction()) return;
  try {
    connection_->execute("ROLLBACK");
  } catch (const MediumFailure&) {
    // The owner drops a connection that is still in a transaction.
  }
}

void WriteTransaction::commit() { connection_->execute("COMMIT"); }

}  // namespace trimtab::sqlite
