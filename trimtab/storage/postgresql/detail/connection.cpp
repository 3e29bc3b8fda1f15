#include "trimtab/storage/postgresql/detail/connection.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "trimtab/storage/postgresql/detail/failure.hpp"

namespace trimtab::postgresql {
namespace {

// Object identifiers of the types that we send (PostgreSQL's pg_type).
constexpr Oid kInt8 = 20, kText = 25, kByteArray = 17, kByteArrays = 1001;
constexpr int kBinary = 1;

// PostgreSQL sends numbers with the highest byte first.
template <typename Integer>
void append_number(std::string& bytes, Integer value) {
  for (int shift = 8 * static_cast<int>(sizeof(value)) - 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
  }
}

// What a dead or unplugged server costs at most, and how it is noticed; the address may say
// otherwise.
const std::map<std::string, std::string>& defaults() {
  static const std::map<std::string, std::string> kDefaults = {
      {"application_name", "trimtab"}, {"client_encoding", "UTF8"}, {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},    {"keepalives_count", "3"},   {"tcp_user_timeout", "30000"}};
  return kDefaults;
}

using Options = std::map<std::string, std::string>;

struct Parsed {
  Options options = {};
  std::string error = {};
};

Parsed parse_url(const std::string& url) {
  char* message = nullptr;
  Parsed parsed;
  PQconninfoOption* const found = library().parse_address(url.c_str(), &message);
  if (message != nullptr) {
    parsed.error = message;
    library().free_memory(message);
  }
  for (const PQconninfoOption* option = found; option && option->keyword; ++option) {
    if (option->val != nullptr) parsed.options[option->keyword] = option->val;
  }
  if (found != nullptr) library().free_address(found);
  return parsed;
}

std::string show(const Options& options) {
  const auto value = [&](const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? std::string() : found->second;
  };
  std::string text = "postgresql://";
  if (!value("user").empty()) text += value("user") + "@";
  text += value("host");
  if (!value("port").empty()) text += ":" + value("port");
  return text + "/" + value("dbname");
}

}  // namespace

Address Address::parse(const std::string& after_scheme) {
  const std::string url = "postgresql:" + after_scheme;
  Parsed parsed =
      after_scheme.starts_with("//") ? parse_url(url) : Parsed{.error = "two slashes are missing"};
  if (!parsed.error.empty()) {
    while (parsed.error.ends_with('\n')) parsed.error.pop_back();
    throw UserError({.code = "storage.url",
                     .what = "this is not the address of a PostgreSQL database",
                     .where = "--storage",
                     .got = parsed.error,
                     .expected = "postgresql://user@host:5432/database",
                     .hint = ""});
  }
  return {.url = url, .shown = show(parsed.options)};
}

Parameters& Parameters::add(std::int64_t value) {
  append_number(owned_.emplace_back(), value);
  push(kInt8, owned_.back());
  return *this;
}

Parameters& Parameters::add_text(std::string_view value) {
  push(kText, value);
  return *this;
}

Parameters& Parameters::add_bytes(std::span<const std::string> values) {
  std::string& array = owned_.emplace_back();
  append_number<std::int32_t>(array, 1);  // dimensions
  append_number<std::int32_t>(array, 0);  // no nulls
  append_number<std::uint32_t>(array, kByteArray);
  append_number(array, static_cast<std::int32_t>(values.size()));
  append_number<std::int32_t>(array, 1);  // the first index
  for (const std::string& value : values) {
    append_number(array, static_cast<std::int32_t>(value.size()));
    array += value;
  }
  push(kByteArrays, array);
  return *this;
}

void Parameters::push(Oid type, std::string_view value) {
  types_.push_back(type);
  // An empty view may have no address, which would mean null.
  values_.push_back(value.empty() ? "" : value.data());
  lengths_.push_back(static_cast<int>(value.size()));
  formats_.push_back(kBinary);
}

std::int64_t Result::integer(int row, int column) const {
  std::uint64_t value = 0;
  for (const char byte : bytes(row, column)) value = value << 8 | static_cast<std::uint8_t>(byte);
  return static_cast<std::int64_t>(value);
}

std::string_view Result::bytes(int row, int column) const {
  return {library().value(result_.get(), row, column),
          static_cast<std::size_t>(library().length(result_.get(), row, column))};
}

bool Result::is_null(int row, int column) const {
  return library().is_null(result_.get(), row, column) == 1;
}

std::int64_t Result::affected_rows() const {
  const std::string_view text = library().affected_rows(result_.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

Connection::Connection(Address address, double timeout_seconds) : address_(std::move(address)) {
  connect(timeout_seconds);
}

void Connection::connect(double timeout_seconds) {
  Options options = defaults();
  for (auto& [name, value] : parse_url(address_.url).options) options[name] = value;
  std::vector<const char*> names, values;
  for (const auto& [name, value] : options) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(library().connect_start(names.data(), values.data(), 0));
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::milliseconds(static_cast<std::int64_t>(timeout_seconds * 1e3));
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (!connection_ || library().status(connection_.get()) == CONNECTION_BAD) fail(nullptr);
    if (!wait(next == PGRES_POLLING_READING, end)) {
      throw describe_failure(address_, "", "no answer within the time limit");
    }
    next = library().connect_poll(connection_.get());
    if (next == PGRES_POLLING_FAILED) fail(nullptr);
  }
}

bool Connection::wait(bool for_reading, std::chrono::steady_clock::time_point end) const {
  const short events = for_reading ? POLLIN : POLLOUT;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd file{.fd = library().socket(connection_.get()), .events = events, .revents = 0};
    const int ready = ::poll(&file, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return true;  // the library will say what is wrong
  }
}

Result Connection::run(const Statement& statement) {
  std::vector<Result> results = run_together({&statement, 1});
  return std::move(results.front());
}

std::vector<Result> Connection::run_together(std::span<const Statement> statements) {
  const Library& pq = library();
  PGconn* const connection = connection_.get();
  if (pq.enter_pipeline(connection) == 0) fail(nullptr);
  for (const Statement& statement : statements) send(statement);
  if (pq.sync_pipeline(connection) == 0) fail(nullptr);
  std::vector<Result> results;
  std::optional<MediumFailure> failure;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    try {
      results.push_back(checked(pq.get_result(connection)));
    } catch (MediumFailure& error) {
      if (!failure) failure = std::move(error);
      if (pq.status(connection) == CONNECTION_BAD) throw std::move(*failure);
    }
    while (PGresult* const rest = pq.get_result(connection)) pq.clear(rest);
  }
  while (PGresult* const rest = pq.get_result(connection)) {
    const bool is_end = pq.result_status(rest) == PGRES_PIPELINE_SYNC;
    pq.clear(rest);
    if (is_end) break;
  }
  if (pq.exit_pipeline(connection) == 0 && !failure) fail(nullptr);
  if (failure) throw std::move(*failure);
  return results;
}

void Connection::send(const Statement& statement) {
  const Parameters& given = statement.parameters;
  if (library().send_query(connection_.get(), statement.sql, static_cast<int>(given.types_.size()),
                           given.types_.data(), given.values_.data(), given.lengths_.data(),
                           given.formats_.data(), kBinary) == 0) {
    fail(nullptr);
  }
}

// Takes a result over; one that says an error leaves as MediumFailure.
Result Connection::checked(PGresult* received) const {
  if (received == nullptr) fail(nullptr);
  Result result(received);
  const ExecStatusType status = library().result_status(received);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail(received);
  return result;
}

void Connection::run_script(const char* sql) { checked(library().execute(connection_.get(), sql)); }

bool Connection::is_idle() const {
  return library().status(connection_.get()) == CONNECTION_OK &&
         library().transaction_status(connection_.get()) == PQTRANS_IDLE;
}

void Connection::fail(const PGresult* result) const {
  const char* const state =
      result == nullptr ? nullptr : library().result_error_field(result, PG_DIAG_SQLSTATE);
  if (state != nullptr) {
    throw describe_failure(address_, state,
                           library().result_error_field(result, PG_DIAG_MESSAGE_PRIMARY));
  }
  throw describe_failure(
      address_, "", connection_ ? library().error_message(connection_.get()) : "not enough memory");
}

}  // namespace trimtab::postgresql
