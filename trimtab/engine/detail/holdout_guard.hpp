#pragma once

#include <cstdint>
#include <vector>

#include "trimtab/core/event.hpp"
#include "trimtab/core/history.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {

/// Whether the study has a holdout that may not speak any more.
bool is_holdout_exhausted(const StudySpec& spec, const History& history);

/// Lets the holdout's mechanism answer in place of what a program said of itself. The metric of the
/// holdout leaves the outcome, whatever becomes of it. A complete outcome of the search gets the
/// answer as its value, and the question goes to `events`; it becomes a failed one when the metric
/// is missing, when a value is not in [0, 1], or when the budget is gone. Fresh runs of the confirm
/// stage are not asked about: they have data of their own. Nothing happens without a holdout.
///
/// The noise is drawn from the operating system for each question, so that nobody can predict it,
/// not even with the study's seed.
void guard_holdout(const StudySpec& spec, const History& history, std::int64_t number,
                   Outcome& outcome, std::vector<EventBody>& events);

}  // namespace trimtab
