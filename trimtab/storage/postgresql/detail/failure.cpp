#include "trimtab/storage/postgresql/detail/failure.hpp"

#include <string_view>

namespace trimtab::postgresql {
namespace {

using Kind = MediumFailure::Kind;

struct Sentence {
  std::string_view prefix;  // of the SQLSTATE; the longest that fits counts, they stand first
  const char* code;
  const char* what;
  const char* expected;
  const char* hint;
  Kind kind;
};

// Source: PostgreSQL 15, appendix A (error codes).
constexpr Sentence kSentences[] = {
    {"42501", "storage.permission", "the database role may not do this",
     "the right to create a schema, or to use the schema trimtab", "", Kind::Refused},
    {"25006", "storage.read_only", "the database cannot be written",
     "a primary server, not a standby", "", Kind::Refused},
    {"53100", "storage.full", "the server has no room to write the study's log", "free space",
     "free space and go on; nothing that was acknowledged is lost", Kind::Refused},
    {"53300", "storage.too_many_connections", "the server takes no more connections", "",
     "raise max_connections, or put a pooler in front", Kind::Retry},
    {"53", "storage.resources", "the server lacks resources", "", "", Kind::Refused},
    {"55P03", "storage.locked", "another process keeps the study locked", "",
     "end or resume the process that holds it, then try again", Kind::Refused},
    {"40", "storage.conflict", "the server rolled the step back", "", "try again", Kind::Retry},
    {"57P03", "storage.starting", "the server is not ready yet", "", "", Kind::Retry},
    {"57P", "storage.lost", "the server ended the connection", "", "", Kind::Lost},
    {"25P03", "storage.lost", "the server ended the connection, it was silent for too long", "", "",
     Kind::Lost},
    {"08", "storage.lost", "the connection to the server was lost", "", "", Kind::Lost},
    {"XX", "storage.corrupt", "the server reports damage", "", "see the server's log",
     Kind::Refused},
};

std::string first_line(const std::string& message) { return message.substr(0, message.find('\n')); }

}  // namespace

MediumFailure describe_failure(const Address& address, const std::string& sql_state,
                               const std::string& message) {
  MediumFailure failure{.info = {.code = "storage.failed",
                                 .what = "the database refused",
                                 .where = address.shown,
                                 .got = first_line(message),
                                 .expected = "",
                                 .hint = ""},
                        .sql_state = sql_state};
  if (sql_state.empty()) {
    failure.kind = Kind::Lost;
    failure.info.code = "storage.lost";
    failure.info.what = "the database server cannot be reached";
    failure.info.expected = "a server that listens there and knows user, password and database";
    failure.info.hint = "a file ~/.pgpass keeps the password out of the address";
    return failure;
  }
  for (const Sentence& sentence : kSentences) {
    if (!sql_state.starts_with(sentence.prefix)) continue;
    failure.info.code = sentence.code;
    failure.info.what = sentence.what;
    failure.info.expected = sentence.expected;
    failure.info.hint = sentence.hint;
    failure.kind = sentence.kind;
    break;
  }
  return failure;
}

}  // namespace trimtab::postgresql
