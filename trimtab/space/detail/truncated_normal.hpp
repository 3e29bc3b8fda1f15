#pragma once

#include "trimtab/base/rng.hpp"

namespace trimtab::space_detail {

/// One draw from the normal distribution restricted to [low, high].
/// Source: Robert 1995, "Simulation of truncated normal variables", sections 2.1 to 2.3.
/// Differs: the two-sided tail uses the one-sided exponential proposal with rejection above `high`
/// when the interval is longer than the proposal, else the uniform proposal.
/// Cost: O(1) expected.
/// @param deviation  > 0; low < high.
double sample_truncated_normal(double mean, double deviation, double low, double high, Rng& rng);

}  // namespace trimtab::space_detail
