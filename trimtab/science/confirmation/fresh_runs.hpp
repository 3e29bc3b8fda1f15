#pragma once

#include <cstdint>
#include <vector>

#include "trimtab/science/confirmation/confirmation.hpp"

namespace trimtab {

/// Every configuration with confirm runs, by search value, best first (the default among them).
std::vector<Finalist> collect_fresh_runs(const History& history);

/// Improvements of `finalist` over `standard`, one per fresh seed on which both have a value.
std::vector<double> paired_improvements(const Finalist& finalist, const Finalist& standard,
                                        const Objective& objective);

}  // namespace trimtab
