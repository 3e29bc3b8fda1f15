#pragma once

#include "trimtab/core/analysis.hpp"
#include "trimtab/science/scaling_law/step_law.hpp"

namespace trimtab {

/// The analysis "scaling_law" with option law = loss. @throws UserError as fit_loss_law.
AnalysisResult analyse_losses(const DataTable& table, const SweepColumns& columns,
                              const OptionValues& options);

/// The analysis "scaling_law".
AnalysisEntry scaling_law_entry();

}  // namespace trimtab
