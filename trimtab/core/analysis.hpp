#pragma once

#include <functional>
#include <string>
#include <vector>

#include "trimtab/base/json.hpp"
#include "trimtab/core/data_table.hpp"
#include "trimtab/core/figure.hpp"
#include "trimtab/core/history.hpp"
#include "trimtab/core/info.hpp"

namespace trimtab {

/// The answer of an analysis to its question about a study or a table.
struct AnalysisResult {
  std::string verdict;  ///< one honest line for people; says when the data do not suffice
  std::vector<std::string> lines;    ///< a few more lines (a table) for the terminal
  std::string data = "{}";           ///< everything, as a JSON object
  std::vector<Figure> figures = {};  ///< where a person would rather look; for pages
};

/// One of the two functions may be absent, not both.
struct AnalysisEntry {
  Info info;  ///< the question, the assumption, the source
  /// Of a study, also in every report. Pure: the same study gives the same answer. Absent: the
  /// analysis reads a study as the table of its trials. @throws UserError when the study cannot be
  /// analysed so.
  std::function<AnalysisResult(const StudyView&, const OptionValues&)> run = {};
  /// Of a table (`trimtab analyse NAME --data FILE`). Pure. Absent: it needs a study. @throws
  /// UserError when the table cannot be analysed so.
  std::function<AnalysisResult(const DataTable&, const OptionValues&)> run_on_table = {};
};

}  // namespace trimtab
