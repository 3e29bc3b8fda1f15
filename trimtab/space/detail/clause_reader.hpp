#pragma once

#include "trimtab/space/detail/definition.hpp"

namespace trimtab::space_detail {

/// The clause for "the parent has one of the condition's values".
/// @param choices  of the parent; empty for numbers.
/// @return nothing, and a problem, when a value is not one of the parent's.
std::optional<Clause> read_clause(const Condition& condition, std::size_t parent,
                                  const Dimension& parent_dimension,
                                  std::span<const Scalar> choices, Problems& problems);

}  // namespace trimtab::space_detail
