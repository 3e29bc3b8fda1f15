#pragma once

#include <string>

#include "trimtab/base/json.hpp"

namespace trimtab::detail {

// JSON values as documents that people and other programs read. Keys keep their order, except that
// TOML puts the plain members of a table before its sub-tables. Numbers read back exactly. Each
// ends with a line break. O(size).

/// Indented by two spaces.
std::string write_json(const Json& value);

/// @param table  an object without null values. @throws BugError otherwise.
std::string write_toml(const Json& table);

/// Block style; texts are quoted, so that no reader takes them for something else.
std::string write_yaml(const Json& value);

}  // namespace trimtab::detail
