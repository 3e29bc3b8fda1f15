#pragma once

#include <functional>
#include <string>
#include <vector>

#include "trimtab/base/json.hpp"
#include "trimtab/core/history.hpp"
#include "trimtab/core/info.hpp"

namespace trimtab {

/// The answer of an analysis to its question about a study.
struct AnalysisResult {
  std::string verdict;  ///< one honest line for people; says when the data do not suffice
  std::vector<std::string> lines;  ///< a few more lines (a table) for the terminal
  std::string data = "{}";         ///< everything, as a JSON object
};

struct AnalysisEntry {
  Info info;  ///< the question, the assumption, the source
  /// Pure: the same study gives the same answer. @throws UserError when the study cannot be
  /// analysed so.
  std::function<AnalysisResult(const StudyView&, const OptionValues&)> run;
};

}  // namespace trimtab
