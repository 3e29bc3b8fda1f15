#pragma once

#include "trimtab/core/analysis.hpp"

namespace trimtab {

/// The analysis "importance": shares by parameter, for the first objective.
AnalysisEntry importance_entry();

}  // namespace trimtab
