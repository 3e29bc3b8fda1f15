#include "trimtab/storage/postgresql/postgresql_storage.hpp"

#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/storage/postgresql/detail/schema.hpp"

namespace trimtab {
namespace {

using postgresql::Connection;
using postgresql::MediumFailure;
using postgresql::Result;
using postgresql::Statement;

using Lease = std::unique_ptr<Connection>;

StorageEntry postgresql_entry() {
  return {.scheme = "postgresql",
          .purpose = "a PostgreSQL database, for workers on many machines",
          .example = "postgresql://user@host:5432/database",
          .is_persistent = true,
          .open = [](const std::string& address) -> std::unique_ptr<Storage> {
            return std::make_unique<PostgresqlStorage>(address);
          }};
}

template <typename Action>
auto at_border(const Action& action) {
  try {
    return action();
  } catch (const MediumFailure& failure) {
    throw EnvironmentError(failure.info);
  }
}

StudyRecord record_at(const Result& rows, int row) {
  return {.id = rows.integer(row, 0),
          .name = std::string(rows.bytes(row, 1)),
          .spec = std::string(rows.bytes(row, 2)),
          .created = rows.integer(row, 3)};
}

Statement find_statement(const std::string& name) {
  Statement statement{"SELECT id, name, spec, created, token FROM trimtab.study WHERE name = $1"};
  statement.parameters.add_text(name);
  return statement;
}

}  // namespace

PostgresqlStorage::PostgresqlStorage(const std::string& after_scheme, Patience patience)
    : pool_(postgresql::Address::parse(after_scheme), patience) {
  at_border([&] {
    std::unique_ptr<Connection> connection = pool_.take();  // one attempt: the address may be wrong
    is_there_ = postgresql::has_tables(*connection);
    pool_.give_back(std::move(connection));
  });
}

bool PostgresqlStorage::is_there() const {
  if (is_there_.load(std::memory_order_relaxed)) return true;
  const bool found =
      pool_.run([](Lease& connection) { return postgresql::has_tables(*connection); });
  is_there_.store(found, std::memory_order_relaxed);
  return found;
}

StudyRecord PostgresqlStorage::create_study(const std::string& name, const std::string& spec,
                                            Timestamp now) {
  StudyRecord record{.id = 0, .name = name, .spec = spec, .created = now};
  const std::int64_t token = tokens_.next();
  Statement insertion{
      "INSERT INTO trimtab.study (name, spec, created, last, token) VALUES ($1, $2, $3, 0, $4) "
      "ON CONFLICT (name) DO NOTHING RETURNING id"};
  insertion.parameters.add_text(name).add_text(spec).add(now).add(token);
  const bool is_new = at_border([&] {
    return pool_.run([&](Lease& connection) {
      postgresql::create_tables(*connection);
      const Result inserted = connection->run(insertion);
      if (inserted.num_rows() == 1) {
        record.id = inserted.integer(0, 0);
        return true;
      }
      // Perhaps it is ours, of an attempt that ended in doubt.
      const Result found = connection->run(find_statement(name));
      if (found.num_rows() != 1 || found.integer(0, 4) != token) return false;
      record.id = found.integer(0, 0);
      return true;
    });
  });
  if (!is_new) {
    throw UserError({.code = "storage.study_exists",
                     .what = "the storage has a study of this name",
                     .where = pool_.address().shown,
                     .got = quote(name),
                     .expected = "a new name",
                     .hint = ""});
  }
  is_there_.store(true, std::memory_order_relaxed);
  return record;
}

std::optional<StudyRecord> PostgresqlStorage::find_study(const std::string& name) const {
  return at_border([&]() -> std::optional<StudyRecord> {
    if (!is_there()) return std::nullopt;
    const Result rows =
        pool_.run([&](Lease& connection) { return connection->run(find_statement(name)); });
    if (rows.num_rows() == 0) return std::nullopt;
    return record_at(rows, 0);
  });
}

std::vector<StudyRecord> PostgresqlStorage::list_studies() const {
  return at_border([&] {
    std::vector<StudyRecord> records;
    if (!is_there()) return records;
    const Result rows = pool_.run([](Lease& connection) {
      return connection->run({"SELECT id, name, spec, created FROM trimtab.study ORDER BY id"});
    });
    for (int row = 0; row < rows.num_rows(); ++row) records.push_back(record_at(rows, row));
    return records;
  });
}

void PostgresqlStorage::delete_study(StudyId study) {
  at_border([&] {
    if (!is_there()) return;
    Statement deletion{"DELETE FROM trimtab.study WHERE id = $1"};
    deletion.parameters.add(study);
    pool_.run([&](Lease& connection) { return connection->run(deletion); });
  });
}

void PostgresqlStorage::read(StudyId study, Sequence after, const Visitor& visit) const {
  at_border([&] {
    if (!is_there()) postgresql::throw_unknown(pool_.address(), study);
    postgresql::visit_events(pool_, study, after, visit);
  });
}

Sequence PostgresqlStorage::transact(StudyId study, Sequence after, Durability /*durability*/,
                                     const Visitor& visit, const Decide& decide) {
  if (!at_border([&] { return is_there(); })) postgresql::throw_unknown(pool_.address(), study);
  postgresql::StudyLog::Step step{.after = after, .visit = &visit, .decide = &decide};
  log_of(study).run(step);
  return step.last;
}

postgresql::StudyLog& PostgresqlStorage::log_of(StudyId study) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<postgresql::StudyLog>& log = logs_[study];
  if (!log) log = std::make_unique<postgresql::StudyLog>(pool_, tokens_, study);
  return *log;
}

}  // namespace trimtab

TRIMTAB_STORAGE(postgresql, postgresql_entry())
