#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trimtab/base/json.hpp"
#include "trimtab/core/analysis.hpp"
#include "trimtab/core/history.hpp"

namespace trimtab {

/// Every trial as a row: number, state, purpose, of_trial, seed, one column per objective
/// ("value.NAME"), parameter ("parameter.NAME") and metric ("metric.NAME"), times (UTC, ISO 8601),
/// resources, failure. Quoted by RFC 4180; numbers read back exactly; nothing = empty. O(trials).
std::string trials_csv(const StudyView& view);

/// Every trial with everything known about it, as an array of `trial_json`.
Json trials_json(const StudyView& view);

/// The best trial of the search, or null; its values are "tuning_values" where they are no results.
Json best_json(const StudyView& view);

/// One trial. NaN and infinities, which JSON lacks, become null, "inf" and "-inf".
/// @throws UserError "report.unknown_trial" when there is no such trial.
Json trial_json(const StudyView& view, std::int64_t number);

/// The document for people and files, indented; texts of programs that are not UTF-8 get a
/// replacement character instead of an exception.
std::string pretty_json(const Json& json);

/// The study: name, objectives, counts by state, best trial, totals, verdict and the data of every
/// analysis.
Json study_json(const StudyView& view, const std::map<std::string, AnalysisResult>& analyses);

struct TableOptions {
  std::int64_t limit = 50;       ///< rows shown; the rest is counted; 0 = all
  std::string order = "number";  ///< "number", "value" (best first) or "time" (longest first)
  int width = 100;               ///< columns of the terminal
  bool has_color = false;
};

/// The numbers of the trials that a table of these options shows, in its order.
/// @throws UserError "report.unknown_order" for another order.
std::vector<std::int64_t> shown_trials(const StudyView& view, const TableOptions& options);

/// The trials as a table for people, parameters in as many columns as fit.
/// @throws UserError "report.unknown_order" for another order.
std::string trials_table(const StudyView& view, const TableOptions& options);

/// The winner: its value, then its parameters one per line; says so when there is none.
std::string best_text(const StudyView& view);

}  // namespace trimtab
