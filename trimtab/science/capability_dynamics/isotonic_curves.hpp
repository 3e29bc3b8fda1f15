#pragma once

#include "trimtab/science/capability_dynamics/task_curves.hpp"

namespace trimtab {

/// Every curve's isotonic fit with weights 1 / error^2; an error of 0 counts as the curve's
/// smallest other one. Hides that a score falls again; curves then always look more alike.
TaskCurves isotonic_curves(const TaskCurves& curves);

}  // namespace trimtab
