#pragma once

#include "trimtab/core/analysis.hpp"

namespace trimtab {

/// The analysis "model_soup": of a table of scores.
AnalysisEntry model_soup_entry();

}  // namespace trimtab
