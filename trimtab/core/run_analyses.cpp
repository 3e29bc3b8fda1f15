#include "trimtab/core/run_analyses.hpp"

#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"

namespace trimtab {

AnalysisResults run_analyses(const StudyView& view, const Registry& registry) {
  AnalysisResults results;
  for (const auto& [name, entry] : registry.analyses()) {
    if (!entry.run) continue;  // reads tables, by options that nobody has given
    try {
      results[name] = entry.run(view, OptionValues(entry.info, Json::object(), name));
    } catch (const UserError&) {
      // The study cannot answer this question; `trimtab analyse` says why.
    }
  }
  return results;
}

}  // namespace trimtab
