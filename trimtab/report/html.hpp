#pragma once

#include <map>
#include <string>

#include "trimtab/core/analysis.hpp"
#include "trimtab/core/history.hpp"

namespace trimtab {

/// A complete HTML page about a study: one file, inline SVG, no network, readable without scripts,
/// on a phone, on paper, and in light and dark. Everything the study contains is escaped.
///
/// Charts of studies with more than a few thousand trials show a deterministic selection of them
/// (extremes always kept), so that 100 000 trials stay below 2 MB.
/// @param analyses  results by analysis name, as for `study_summary`.
/// Cost: O(trials log trials).
std::string html_report(const StudyView& view,
                        const std::map<std::string, AnalysisResult>& analyses);

/// A page of the same kind about one analysis: verdict, figures, lines, data, source.
/// @param subject  what was analysed: the name of a study or of files.
/// Cost: O(points of the figures + size of the data).
std::string html_analysis(const Info& info, const std::string& subject,
                          const AnalysisResult& result);

}  // namespace trimtab
