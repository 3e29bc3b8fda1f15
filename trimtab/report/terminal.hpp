#pragma once

#include <map>
#include <string>

#include "trimtab/core/analysis.hpp"
#include "trimtab/core/history.hpp"

namespace trimtab {

/// What the terminal can show.
struct TerminalOptions {
  bool has_color = false;  ///< ANSI colours are understood
  int width = 80;          ///< columns; sentences wrap at words, tables are cut
};

/// One page about a study: the verdict first, then the winner, how the trials ended, what they
/// cost, importance and failures. Ends with a newline; no other output.
/// @param analyses  results by analysis name; "confirmation" gives the verdict, "importance" the
/// bars; both may be absent.
/// Cost: O(trials).
std::string study_summary(const StudyView& view,
                          const std::map<std::string, AnalysisResult>& analyses,
                          const TerminalOptions& options);

}  // namespace trimtab
