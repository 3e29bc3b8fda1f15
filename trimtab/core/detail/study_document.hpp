#pragma once

#include "trimtab/base/json.hpp"
#include "trimtab/core/detail/table_reader.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab::detail {

/// Reads every section of a study file; the space's definition and the command are taken as they
/// stand. What is wrong is noted in `problems` and keeps its default.
StudySpec read_study(const Json& root, ProblemList& problems);

}  // namespace trimtab::detail
