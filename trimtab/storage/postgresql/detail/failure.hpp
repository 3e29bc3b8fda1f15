#pragma once

#include <string>

#include "trimtab/storage/postgresql/detail/connection.hpp"

namespace trimtab::postgresql {

/// Says in our words what PostgreSQL said by its code.
/// @param sql_state  five characters; empty when the connection itself failed.
/// @param message    the server's or the library's.
MediumFailure describe_failure(const Address& address, const std::string& sql_state,
                               const std::string& message);

}  // namespace trimtab::postgresql
