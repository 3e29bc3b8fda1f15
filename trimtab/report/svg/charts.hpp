#pragma once

#include <string>
#include <utility>
#include <vector>

#include "trimtab/base/json.hpp"
#include "trimtab/core/history.hpp"
#include "trimtab/report/svg/frame.hpp"

namespace trimtab {

// Every chart is a complete <svg> element, or "" when the study has nothing to show in it. Values
// are those of the first objective in the user's direction. Cost: O(trials) or O(reports).

/// Values over trial numbers and the best so far.
std::string history_chart(const StudyView& view, const Format& format);

/// Values over one parameter of one dimension; later trials darker.
std::string slice_chart(const StudyView& view, const Parameter& parameter, const Format& format);

/// One line per trial through every parameter (at most as many as fit) to its value.
std::string parallel_chart(const StudyView& view, const std::vector<const Parameter*>& parameters,
                           const Format& format);

/// Intermediate values over steps.
std::string curves_chart(const StudyView& view, const Format& format);

/// What ran when, one row per slot, colour = how it ended.
std::string timeline_chart(const StudyView& view, const Format& format);

/// How often a resource was used how much. @param values  non-negative.
/// @param is_duration  seconds; else bytes.
std::string histogram_chart(const std::vector<double>& values, bool is_duration,
                            std::string_view label, const Format& format);

/// Values of the first two objectives; the Pareto front marked. "" for one objective.
std::string front_chart(const StudyView& view, const Format& format);

}  // namespace trimtab
