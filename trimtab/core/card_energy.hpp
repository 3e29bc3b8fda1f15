#pragma once

namespace trimtab {

/// The metric that tells which part of a trial's energy graphics cards took: joules, always
/// measured, contained in `energy_measured_j` or `energy_modelled_j` (core/energy.hpp).
inline constexpr const char* kCardMetric = "energy_cards_j";

}  // namespace trimtab
