#pragma once

#include "trimtab/storage/postgresql/detail/pool.hpp"

namespace trimtab::postgresql {

/// Version of the tables (docs/storage-format.md).
inline constexpr int kSchemaVersion = 1;

/// Whether the database holds our tables. @throws MediumFailure "storage.newer_version" when it
/// holds those of another version.
bool has_tables(Connection& connection);

/// Creates the tables unless they are there; several processes may do it at the same moment.
void create_tables(Connection& connection);

}  // namespace trimtab::postgresql
