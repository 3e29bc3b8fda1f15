#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/storage/postgresql/detail/library.hpp"

namespace trimtab::postgresql {

/// The database refused, or could not be reached. Stays inside this folder; at the storage's border
/// it becomes an EnvironmentError.
struct MediumFailure {
  enum class Kind : std::uint8_t {
    Refused,  ///< it will refuse again
    Lost,     ///< the connection broke: what was under way may or may not have happened
    Retry,    ///< it did not happen, another attempt may succeed
  };
  ErrorInfo info;
  Kind kind = Kind::Refused;
  std::string sql_state = {};
};

/// Where a database is.
struct Address {
  std::string url;    ///< as libpq takes it
  std::string shown;  ///< without a password, for messages

  /// @param after_scheme  what follows "postgresql:". @throws UserError "storage.url".
  static Address parse(const std::string& after_scheme);
};

/// The values of a statement's parameters $1, $2, ... in binary form.
class Parameters {
 public:
  Parameters& add(std::int64_t value);
  /// Text and bytes must outlive the statement.
  Parameters& add_text(std::string_view value);
  Parameters& add_bytes(std::span<const std::string> values);  ///< one bytea[]

 private:
  friend class Connection;
  void push(Oid type, std::string_view value);

  std::deque<std::string> owned_;
  std::vector<Oid> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

struct Statement {
  const char* sql;
  Parameters parameters = {};
};

/// The rows of a statement, in binary form.
class Result {
 public:
  explicit Result(PGresult* result) : result_(result) {}

  int num_rows() const { return library().num_rows(result_.get()); }
  /// Rows and columns are counted from 0; the column must be an int8, or null (which reads as 0).
  std::int64_t integer(int row, int column) const;
  std::string_view bytes(int row, int column) const;
  bool is_null(int row, int column) const;
  std::int64_t affected_rows() const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { library().clear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

/// One connection, for one thread at a time. Every method throws MediumFailure.
class Connection {
 public:
  /// @param timeout_seconds  for being connected.
  Connection(Address address, double timeout_seconds);

  /// One statement, one round trip.
  Result run(const Statement& statement);
  /// Several statements in order, one round trip. After one that fails none is run.
  std::vector<Result> run_together(std::span<const Statement> statements);
  /// Statements without parameters, separated by semicolons: one transaction.
  void run_script(const char* sql);

  /// Not inside a transaction, and not broken.
  bool is_idle() const;
  const Address& address() const { return address_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { library().finish(connection); }
  };

  void connect(double timeout_seconds);
  void send(const Statement& statement);
  Result checked(PGresult* received) const;
  bool wait(bool for_reading, std::chrono::steady_clock::time_point end) const;
  [[noreturn]] void fail(const PGresult* result) const;

  Address address_;
  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace trimtab::postgresql
