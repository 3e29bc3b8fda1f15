#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace trimtab::exchange {

/// One connection to an SQLite file of another program's, for one thread. Every method throws
/// EnvironmentError "exchange.database" when the file refuses.
class Database {
 public:
  enum class Mode : std::uint8_t { Read, ReadWrite, Create };

  Database(const std::string& path, Mode mode);

  /// Runs statements that return nothing of interest.
  void execute(const char* sql);
  std::int64_t num_changes() const { return sqlite3_changes64(connection_.get()); }
  const std::string& path() const { return path_; }
  sqlite3* get() const { return connection_.get(); }
  [[noreturn]] void fail() const;

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> connection_;
};

/// A prepared statement, for many runs.
class Statement {
 public:
  Statement(const Database& database, std::string_view sql);

  /// Parameters are counted from 1. Texts must outlive the run.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind_number(int parameter, double value);
  Statement& bind_text(int parameter, std::string_view value);
  Statement& bind_null(int parameter);

  /// The next row; false after the last one, and then the statement is ready for another run.
  bool next();
  /// A run without rows.
  void run() {
    while (next()) {
    }
  }

  /// Columns are counted from 0. Views are valid until the next call of `next`.
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;
  std::string_view text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A transaction: rolled back unless committed.
class Transaction {
 public:
  enum class Kind : std::uint8_t { Read, Write };
  Transaction(Database& database, Kind kind);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database* database_;
};

}  // namespace trimtab::exchange
