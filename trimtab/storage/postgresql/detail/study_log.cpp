#include "trimtab/storage/postgresql/detail/study_log.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <random>
#include <utility>

namespace trimtab::postgresql {
namespace {

constexpr int kCautiousSteps = 16;
constexpr int kLockedAttempts = 4;

constexpr const char* kAppend = R"(
WITH moved AS (
  UPDATE trimtab.study SET last = last + cardinality($3) WHERE id = $1 AND last = $2 RETURNING id)
INSERT INTO trimtab.event (study, sequence, token, bytes)
SELECT moved.id, $2 + given.position, $4, given.bytes
FROM moved, unnest($3) WITH ORDINALITY AS given(bytes, position))";

// A study without new events gives one row that has no sequence.
constexpr const char* kRead = R"(
SELECT study.last, event.sequence, event.bytes
FROM trimtab.study LEFT JOIN trimtab.event
  ON event.study = study.id AND event.sequence > $2 AND event.sequence <= $2 + $3
WHERE study.id = $1 ORDER BY event.sequence)";

constexpr std::int64_t kRowsAtOnce = 16'384;

// What the members of a group see and add: the log from some sequence on.
class Tail {
 public:
  Tail(Sequence after, const Result& rows) : first_(after + 1), rows_(rows) {
    const int num_rows = rows.is_null(0, 1) ? 0 : rows.num_rows();
    for (int row = 0; row < num_rows; ++row) stored_.push_back(rows_.bytes(row, 2));
  }

  Sequence last() const {
    return first_ - 1 + static_cast<Sequence>(stored_.size() + added_.size());
  }
  Sequence last_stored() const { return first_ - 1 + static_cast<Sequence>(stored_.size()); }
  const Storage::Batch& added() const { return added_; }

  void visit(Sequence after, const Storage::Visitor& visit) const {
    for (Sequence sequence = std::max(after + 1, first_); sequence <= last(); ++sequence) {
      visit(sequence, at(sequence));
    }
  }
  void add(Storage::Batch events) {
    for (std::string& event : events) added_.push_back(std::move(event));
  }

 private:
  std::string_view at(Sequence sequence) const {
    const auto index = static_cast<std::size_t>(sequence - first_);
    return index < stored_.size() ? stored_[index] : added_[index - stored_.size()];
  }

  Sequence first_;
  const Result& rows_;
  std::vector<std::string_view> stored_;
  Storage::Batch added_;
};

Statement append_statement(StudyId study, Sequence expected, const Storage::Batch& events,
                           std::int64_t token) {
  Statement statement{kAppend};
  statement.parameters.add(study).add(expected).add_bytes(events).add(token);
  return statement;
}

Statement read_statement(StudyId study, Sequence after, std::int64_t max_rows) {
  Statement statement{kRead};
  statement.parameters.add(study).add(after).add(max_rows);
  return statement;
}

struct Locked {
  std::unique_ptr<Connection> connection;
  Result rows;
};

// Begins a transaction in which nobody else can append. A process that stops in the middle of its
// own is thrown out by the server.
Locked lock_and_read(Pool& pool, StudyId study, Sequence after) {
  const std::string patience =
      std::to_string(static_cast<std::int64_t>(pool.patience().lock_seconds * 1e3));
  Statement limits{
      "SELECT set_config('lock_timeout', $1, true), "
      "set_config('idle_in_transaction_session_timeout', $1, true)"};
  limits.parameters.add_text(patience);
  Statement lock{"SELECT id FROM trimtab.study WHERE id = $1 FOR UPDATE"};
  lock.parameters.add(study);
  constexpr std::int64_t kAllRows = std::int64_t{1} << 62;
  const std::array<Statement, 4> statements = {Statement{"BEGIN"}, limits, lock,
                                               read_statement(study, after, kAllRows)};
  return pool.run([&](std::unique_ptr<Connection>& connection) {
    std::vector<Result> results = connection->run_together(statements);
    return Locked{std::move(connection), std::move(results.back())};
  });
}

}  // namespace

void throw_unknown(const Address& address, StudyId study) {
  throw UserError({.code = "storage.unknown_study",
                   .what = "the storage has no such study, it may have been deleted",
                   .where = address.shown,
                   .got = "study id " + std::to_string(study),
                   .expected = "",
                   .hint = ""});
}

Tokens::Tokens() {
  std::random_device device;
  next_ = static_cast<std::uint64_t>(device()) << 32 | device();
}

StudyLog::StudyLog(Pool& pool, Tokens& tokens, StudyId study)
    : pool_(pool),
      tokens_(tokens),
      study_(study),
      groups_([this](const Groups::Group& group) { commit(group); }) {}

void StudyLog::commit(const Groups::Group& group) {
  try {
    const bool is_alone = group.size() == 1;
    if (is_alone && caution_ == 0 && append_at_once(*group.front()->work)) return;
    if (caution_ > 0) --caution_;
    for (int attempt = 0; attempt < kLockedAttempts; ++attempt) {
      if (append_locked(group)) return;
      if (!is_alone) break;  // the others have seen events of this group that are none now
    }
    throw MediumFailure{.info = {.code = "storage.lost",
                                 .what = "the connection broke, and another process went on",
                                 .where = pool_.address().shown,
                                 .got = "",
                                 .expected = "",
                                 .hint = "try again; nothing of this step was kept"}};
  } catch (const MediumFailure& failure) {
    for (Groups::Member* member : group) {
      member->error = std::make_exception_ptr(EnvironmentError(failure.info));
    }
  }
}

// Whatever an early decision did without the newest events, an empty one and an error included,
// does not count.
bool StudyLog::append_at_once(Step& step) {
  if (step.after < known_) return false;
  Storage::Batch events;
  try {
    events = (*step.decide)(step.after);
  } catch (...) {
    return false;
  }
  if (events.empty()) return false;
  if (!append(step.after, events, tokens_.next(), /*may_have_happened=*/false)) {
    caution_ = kCautiousSteps;
    return false;
  }
  known_ = step.last = step.after + static_cast<Sequence>(events.size());
  return true;
}

bool StudyLog::append_locked(const Groups::Group& group) {
  Sequence after = group.front()->work->after;
  for (const Groups::Member* member : group) after = std::min(after, member->work->after);
  Locked locked = lock_and_read(pool_, study_, after);
  if (locked.rows.num_rows() == 0) {
    pool_.give_back(std::move(locked.connection));
    throw_unknown(pool_.address(), study_);
  }
  Tail tail(std::min(after, locked.rows.integer(0, 0)), locked.rows);
  for (Groups::Member* member : group) {
    Step& step = *member->work;
    try {
      member->error = nullptr;
      tail.visit(step.after, *step.visit);
      step.after = std::max(step.after, tail.last_stored());
      tail.add((*step.decide)(tail.last()));
      step.last = tail.last();
    } catch (...) {
      member->error = std::current_exception();
    }
  }
  if (!finish(std::move(locked.connection), tail.last_stored(), tail.added())) return false;
  known_ = tail.last();
  return true;
}

// Ends the transaction with the events appended. When the connection breaks nobody knows whether
// that happened; the token tells.
bool StudyLog::finish(std::unique_ptr<Connection> connection, Sequence expected,
                      const Storage::Batch& events) {
  const std::int64_t token = tokens_.next();
  try {
    if (events.empty()) {
      connection->run({"ROLLBACK"});
    } else {
      const std::array<Statement, 2> statements = {
          append_statement(study_, expected, events, token), Statement{"COMMIT"}};
      connection->run_together(statements);
    }
    pool_.give_back(std::move(connection));
    return true;
  } catch (const MediumFailure& failure) {
    pool_.drop(failure, std::move(connection));
    if (events.empty()) return true;
    if (failure.kind == MediumFailure::Kind::Refused) throw;
    return append(expected, events, token, /*may_have_happened=*/true);
  }
}

bool StudyLog::append(Sequence expected, const Storage::Batch& events, std::int64_t token,
                      bool may_have_happened) {
  return pool_.run([&](std::unique_ptr<Connection>& connection) {
    const bool is_in_doubt = std::exchange(may_have_happened, true);
    const Result appended = connection->run(append_statement(study_, expected, events, token));
    if (appended.affected_rows() > 0) return true;
    if (!is_in_doubt) return false;
    Statement look{"SELECT token FROM trimtab.event WHERE study = $1 AND sequence = $2"};
    look.parameters.add(study_).add(expected + 1);
    const Result found = connection->run(look);
    return found.num_rows() == 1 && found.integer(0, 0) == token;
  });
}

void visit_events(Pool& pool, StudyId study, Sequence after, const Storage::Visitor& visit) {
  for (;;) {
    const Result rows = pool.run([&](std::unique_ptr<Connection>& connection) {
      return connection->run(read_statement(study, after, kRowsAtOnce));
    });
    if (rows.num_rows() == 0) throw_unknown(pool.address(), study);
    if (rows.is_null(0, 1)) return;
    for (int row = 0; row < rows.num_rows(); ++row) {
      after = rows.integer(row, 1);
      visit(after, rows.bytes(row, 2));
    }
    if (after >= rows.integer(0, 0)) return;
  }
}

}  // namespace trimtab::postgresql
