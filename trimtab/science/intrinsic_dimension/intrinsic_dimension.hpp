#pragma once

#include "trimtab/core/analysis.hpp"

namespace trimtab {

/// The analysis "intrinsic_dimension": of a table of runs, or of a table to learn from.
AnalysisEntry intrinsic_dimension_entry();

}  // namespace trimtab
