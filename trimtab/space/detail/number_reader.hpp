#pragma once

#include "trimtab/space/detail/definition.hpp"
#include "trimtab/space/detail/json_fields.hpp"

namespace trimtab::space_detail {

/// Fill `parameter.shape` from {"float": [low, high], ...} or {"int": [low, high], ...}.
/// @return false when the parameter cannot be used; the problems then say why.
bool read_float(const JsonFields& fields, ParameterDefinition& parameter);
bool read_int(const JsonFields& fields, ParameterDefinition& parameter);

/// Reads a whole-number range 0 <= low <= high <= `most` (also a single number) as an Integer.
bool read_count_range(const JsonFields& fields, const std::string& key, std::int64_t most,
                      Dimension& shape);

/// Reads "default" and checks it against the bounds, step and levels of `shape`.
bool read_number_default(const JsonFields& fields, Dimension& shape);

}  // namespace trimtab::space_detail
