#pragma once

#include "trimtab/core/analysis.hpp"
#include "trimtab/science/scaling_law/step_law.hpp"

namespace trimtab {

/// The analysis "scaling_law".
AnalysisEntry scaling_law_entry();

}  // namespace trimtab
