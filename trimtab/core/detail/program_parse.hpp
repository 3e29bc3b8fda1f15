#pragma once

#include "trimtab/base/json.hpp"
#include "trimtab/core/detail/table_reader.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab::detail {

/// Reads [program]. What is wrong is noted in `problems` and keeps its default.
void read_program(const Json& json, ProblemList& problems, Program& program);

}  // namespace trimtab::detail
