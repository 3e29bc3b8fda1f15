#pragma once

#include <string>

#include "trimtab/base/json.hpp"
#include "trimtab/core/history.hpp"
#include "trimtab/report/detail/study_facts.hpp"

namespace trimtab {

// Parts of the HTML page that are text. Each is "" when there is nothing to say.

/// The numbers that a reader looks for first.
std::string key_figures(const StudyView& view, const StudyFacts& facts);

/// Parameters of the best trial beside those of the default configuration.
std::string best_table(const StudyView& view, const StudyFacts& facts);

/// What the confirm stage measured. @param confirmation  the data of that analysis.
std::string finalists_table(const Json& confirmation);

/// Failures by reason and detail, most frequent first.
std::string failures_table(const History& history);

/// The search space: type, range, default.
std::string space_table(const Space& space);

/// The study's settings, and everything else as JSON.
std::string settings_table(const StudyView& view);

/// How to get the same study and the same winner again.
std::string reproduction(const StudyView& view);

}  // namespace trimtab
