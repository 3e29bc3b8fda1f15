#pragma once

#include <vector>

#include "trimtab/core/figure.hpp"
#include "trimtab/science/confirmation/confirmation.hpp"

namespace trimtab {

/// The runs of every finalist; with a default, the improvements over it; with three configurations
/// or more on two common seeds or more, their critical-difference diagram. Empty without runs.
std::vector<Figure> confirmation_figures(const Confirmation& confirmation,
                                         const Objective& objective);

}  // namespace trimtab
