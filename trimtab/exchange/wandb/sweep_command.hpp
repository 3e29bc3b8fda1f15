#pragma once

#include "trimtab/exchange/study_draft.hpp"

namespace trimtab::exchange {

/// The sweep's program and command as the study file's command. The space must be in the draft.
void set_sweep_command(StudyDraft& draft, const Json& root);

}  // namespace trimtab::exchange
