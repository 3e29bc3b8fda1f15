#pragma once

#include <map>
#include <string>

#include "trimtab/core/analysis.hpp"
#include "trimtab/core/registry.hpp"

namespace trimtab {

using AnalysisResults = std::map<std::string, AnalysisResult>;

/// Every registered analysis with its default options; those that the study cannot answer are left
/// out. Cost: the sum of theirs.
AnalysisResults run_analyses(const StudyView& view, const Registry& registry);

}  // namespace trimtab
