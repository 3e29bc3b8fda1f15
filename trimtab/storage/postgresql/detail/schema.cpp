#include "trimtab/storage/postgresql/detail/schema.hpp"

#include <string>

namespace trimtab::postgresql {
namespace {

// One transaction. The lock's number is the text "Trim"; an identity is never given out twice.
constexpr const char* kCreation = R"(
SET LOCAL client_min_messages = warning;
SELECT pg_advisory_xact_lock(1416784237);
CREATE SCHEMA IF NOT EXISTS trimtab;
CREATE TABLE IF NOT EXISTS trimtab.format (version int8 NOT NULL PRIMARY KEY);
CREATE TABLE IF NOT EXISTS trimtab.study (
  id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  spec text NOT NULL,
  created int8 NOT NULL,
  last int8 NOT NULL,
  token int8 NOT NULL);
CREATE TABLE IF NOT EXISTS trimtab.event (
  study int8 NOT NULL REFERENCES trimtab.study ON DELETE CASCADE,
  sequence int8 NOT NULL,
  token int8 NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (study, sequence));
INSERT INTO trimtab.format VALUES (1) ON CONFLICT DO NOTHING)";

}  // namespace

bool has_tables(Connection& connection) {
  const Result found =
      connection.run({"SELECT (to_regclass('trimtab.format') IS NOT NULL)::int::int8"});
  if (found.integer(0, 0) == 0) return false;
  const Result versions = connection.run({"SELECT max(version) FROM trimtab.format"});
  const std::int64_t version = versions.integer(0, 0);
  if (version != kSchemaVersion) {
    throw MediumFailure{
        .info = {.code = "storage.newer_version",
                 .what = "the database has a version that this program does not know",
                 .where = connection.address().shown,
                 .got = "schema version " + std::to_string(version),
                 .expected = std::to_string(kSchemaVersion),
                 .hint = "use the newer trimtab, or another database"}};
  }
  return true;
}

void create_tables(Connection& connection) {
  if (!has_tables(connection)) connection.run_script(kCreation);
}

}  // namespace trimtab::postgresql
