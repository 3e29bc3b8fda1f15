#pragma once

#include <string>

#include "trimtab/space/detail/definition.hpp"
#include "trimtab/space/detail/json_fields.hpp"

namespace trimtab::space_detail {

/// Reads the list under `key` into `parameter.choices`: at least one scalar, none twice.
/// @return false when the parameter cannot be used; the problems then say why.
bool read_choices(const JsonFields& fields, const std::string& key, ParameterDefinition& parameter);

/// Reads what a parameter with choices may have beside them (default, prior, size, k, distinct,
/// sorted) and completes `parameter.shape`. Needs `choices`.
bool read_choice_options(const JsonFields& fields, ParameterDefinition& parameter);

}  // namespace trimtab::space_detail
