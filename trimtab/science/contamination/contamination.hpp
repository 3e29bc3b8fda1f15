#pragma once

#include "trimtab/core/analysis.hpp"
#include "trimtab/science/contamination/contam_curve.hpp"
#include "trimtab/science/contamination/overlap.hpp"

namespace trimtab {

/// The analysis "contamination".
AnalysisEntry contamination_entry();

}  // namespace trimtab
