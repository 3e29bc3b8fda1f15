#pragma once

#include "trimtab/exchange/study_draft.hpp"

namespace trimtab::exchange {

/// The command of the trial's container as the study file's command, with the parameters in the
/// places of ${trialParameters.NAME}. What is around the command (image, resources) is noted.
void set_trial_command(StudyDraft& draft, const Json& spec);

}  // namespace trimtab::exchange
