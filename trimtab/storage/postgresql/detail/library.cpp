#include "trimtab/storage/postgresql/detail/library.hpp"

#include <dlfcn.h>

#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab::postgresql {
namespace {

[[noreturn]] void throw_missing() {
  const char* const reason = dlerror();
  throw EnvironmentError({.code = "storage.no_libpq",
                          .what = "PostgreSQL's client library cannot be loaded",
                          .where = "postgresql storage",
                          .got = reason == nullptr ? "" : reason,
                          .expected = "libpq.so.5 of PostgreSQL 14 or later",
                          .hint = "install it, on Debian by `apt install libpq5`"});
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
  void* const symbol = dlsym(library, name);
  if (symbol == nullptr) throw_missing();
  function = reinterpret_cast<Function>(symbol);
}

Library load() {
  void* const file = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (file == nullptr) throw_missing();
  Library loaded = {};
  find(file, "PQconnectStartParams", loaded.connect_start);
  find(file, "PQconnectPoll", loaded.connect_poll);
  find(file, "PQconninfoParse", loaded.parse_address);
  find(file, "PQconninfoFree", loaded.free_address);
  find(file, "PQfinish", loaded.finish);
  find(file, "PQstatus", loaded.status);
  find(file, "PQsocket", loaded.socket);
  find(file, "PQfreemem", loaded.free_memory);
  find(file, "PQerrorMessage", loaded.error_message);
  find(file, "PQtransactionStatus", loaded.transaction_status);
  find(file, "PQexec", loaded.execute);
  find(file, "PQsendQueryParams", loaded.send_query);
  find(file, "PQenterPipelineMode", loaded.enter_pipeline);
  find(file, "PQexitPipelineMode", loaded.exit_pipeline);
  find(file, "PQpipelineSync", loaded.sync_pipeline);
  find(file, "PQgetResult", loaded.get_result);
  find(file, "PQresultStatus", loaded.result_status);
  find(file, "PQresultErrorField", loaded.result_error_field);
  find(file, "PQntuples", loaded.num_rows);
  find(file, "PQgetvalue", loaded.value);
  find(file, "PQgetlength", loaded.length);
  find(file, "PQgetisnull", loaded.is_null);
  find(file, "PQcmdTuples", loaded.affected_rows);
  find(file, "PQclear", loaded.clear);
  return loaded;
}

}  // namespace

const Library& library() {
  static const Library loaded = load();
  return loaded;
}

}  // namespace trimtab::postgresql
