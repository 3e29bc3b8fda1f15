#pragma once

#include "trimtab/core/analysis.hpp"

namespace trimtab {

/// The analysis "surrogate_explanation".
AnalysisEntry surrogate_explanation_entry();

}  // namespace trimtab
