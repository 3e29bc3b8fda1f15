#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trimtab/base/error.hpp"

namespace trimtab::sqlite {

/// The medium refused. Stays inside this folder, so that it cannot be mistaken for what a callback
/// of the user throws; at the storage's border it becomes an EnvironmentError.
struct MediumFailure {
  ErrorInfo info;
};

/// Runs `action`; a MediumFailure leaves it as an EnvironmentError.
template <typename Action>
auto at_border(const Action& action) {
  try {
    return action();
  } catch (const MediumFailure& failure) {
    throw EnvironmentError(failure.info);
  }
}

/// How a connection waits while another process holds the lock: bounded, with back-off.
class LockWait {
 public:
  explicit LockWait(double limit_seconds) : limit_seconds_(limit_seconds) {}
  /// SQLite's busy handler: asked with attempt = 0, 1, 2, ...; 0 = give up.
  static int wait(void* self, int attempt);

 private:
  double limit_seconds_;
  std::chrono::steady_clock::time_point start_ = {};
};

class Query;

/// One connection to a database file, for one thread at a time. Every method throws MediumFailure.
class Connection {
 public:
  enum class Mode : std::uint8_t { Existing, CreateIfMissing };

  /// @param lock_wait_seconds  how long to wait for other processes before "storage.locked".
  Connection(const std::string& path, Mode mode, double lock_wait_seconds);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Starts a statement. It is prepared once per connection.
  /// @param sql  a literal: its address is the key of the cache.
  Query query(const char* sql);
  /// Runs a statement that returns nothing of interest.
  void execute(const char* sql);
  /// The first column of the first row. For statements that are run once: not cached.
  std::string ask_once(const std::string& sql);

  /// Refuses when the file was removed or replaced behind this connection: what is written now
  /// would be lost. One stat.
  void require_in_place() const;
  bool is_in_transaction() const;
  const std::string& path() const { return path_; }

  /// @param code          SQLite's extended result code.
  /// @param system_error  errno, where it says more. @throws MediumFailure, always.
  [[noreturn]] void fail(int code, int system_error = 0) const;

 private:
  struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

  Statement prepare(std::string_view sql, unsigned flags) const;

  std::string path_;
  LockWait lock_wait_;
  std::unique_ptr<sqlite3, CloseConnection> connection_;
  std::vector<std::pair<const char*, Statement>> statements_;
};

/// One run of a cached statement; it is ready for the next run when this goes out of scope.
class Query {
 public:
  Query(const Connection& connection, sqlite3_stmt* statement)
      : connection_(&connection), statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  /// Parameters are counted from 1. Text and blobs must outlive the run.
  Query& bind(int parameter, std::int64_t value);
  Query& bind_text(int parameter, std::string_view value);
  Query& bind_blob(int parameter, std::string_view value);

  /// Goes to the next row; false after the last one.
  bool next();
  /// Columns are counted from 0. Views are valid until the next call of `next`.
  std::int64_t integer(int column) const;
  std::string_view bytes(int column) const;

 private:
  const Connection* connection_;
  sqlite3_stmt* statement_;
};

/// A write transaction: begun at once, so that nobody else can append; rolled back unless
/// committed.
class WriteTransaction {
 public:
  explicit WriteTransaction(Connection& connection);
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  ~WriteTransaction();
  void commit();

 private:
  Connection* connection_;
};

}  // namespace trimtab::sqlite
