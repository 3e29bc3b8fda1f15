#pragma once

#include "trimtab/core/detail/table_reader.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab::detail {

/// Reads [validity] and [data], and checks them against the rest of the spec.
void read_validity(const Json& root, ProblemList& problems, StudySpec& spec);

/// The two tables as they are written; [data] only where it says something.
void describe_validity(const StudySpec& spec, Json& root);

}  // namespace trimtab::detail
