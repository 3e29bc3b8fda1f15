#pragma once

#include <memory>
#include <string>

#include "trimtab/storage/sqlite/detail/connection.hpp"

namespace trimtab::sqlite {

/// Written to the file's header as PRAGMA user_version; docs/storage-format.md.
inline constexpr int kSchemaVersion = 1;
/// PRAGMA application_id: "Trim".
inline constexpr int kApplicationId = 0x5472696D;

/// Opens the database for reading. Nothing when it is empty (being created by somebody).
/// @throws MediumFailure when it is not a database of ours or of a newer version.
std::unique_ptr<Connection> open_reader(const std::string& path, double lock_wait_seconds);

/// Opens the database for writing, and creates it and its tables when it is new.
/// @throws MediumFailure as above; then nothing was written.
std::unique_ptr<Connection> open_writer(const std::string& path, double lock_wait_seconds);

}  // namespace trimtab::sqlite
