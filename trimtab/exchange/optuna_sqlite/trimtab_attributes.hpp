#pragma once

#include <map>
#include <string>
#include <string_view>

#include "trimtab/core/event.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/optuna/study_picture.hpp"

namespace trimtab::exchange {

/// Prefix of the system attributes by which an exported study says what Optuna has no word for.
inline constexpr std::string_view kOwnPrefix = "trimtab:";
/// Of the study: which study the file mirrors, and how far its log was written.
inline constexpr std::string_view kMirrorKey = "trimtab:mirror";

/// What Optuna's view of a trial that ended leaves out, as system attributes (JSON text): its
/// constraints as Optuna keeps them (`constraints`, <= 0 is feasible; unless it has some), why it
/// failed (`trimtab:failure`), and that it is a run of the confirm stage (`trimtab:purpose`).
std::map<std::string, std::string> trimtab_attributes(const StudySpec& spec, Purpose purpose,
                                                      const TrialFinished& end,
                                                      const optuna::LiveTrial& trial);

/// Names of the objectives for `study:metric_names`, JSON text; "" when they are the names that a
/// study without names gets.
std::string metric_names(const StudySpec& spec);

}  // namespace trimtab::exchange
