#pragma once

#include <postgresql/libpq-fe.h>

namespace trimtab::postgresql {

/// PostgreSQL's client library, loaded when the first database is opened: it brings TLS, Kerberos
/// and LDAP with it, which would double the start time of every program that links them.
struct Library {
  decltype(&PQconnectStartParams) connect_start;
  decltype(&PQconnectPoll) connect_poll;
  decltype(&PQconninfoParse) parse_address;
  decltype(&PQconninfoFree) free_address;
  decltype(&PQfinish) finish;
  decltype(&PQstatus) status;
  decltype(&PQsocket) socket;
  decltype(&PQfreemem) free_memory;
  decltype(&PQerrorMessage) error_message;
  decltype(&PQtransactionStatus) transaction_status;
  decltype(&PQexec) execute;
  decltype(&PQsendQueryParams) send_query;
  decltype(&PQenterPipelineMode) enter_pipeline;
  decltype(&PQexitPipelineMode) exit_pipeline;
  decltype(&PQpipelineSync) sync_pipeline;
  decltype(&PQgetResult) get_result;
  decltype(&PQresultStatus) result_status;
  decltype(&PQresultErrorField) result_error_field;
  decltype(&PQntuples) num_rows;
  decltype(&PQgetvalue) value;
  decltype(&PQgetlength) length;
  decltype(&PQgetisnull) is_null;
  decltype(&PQcmdTuples) affected_rows;
  decltype(&PQclear) clear;
};

/// The library, loaded on the first call. @throws EnvironmentError "storage.no_libpq".
const Library& library();

}  // namespace trimtab::postgresql
