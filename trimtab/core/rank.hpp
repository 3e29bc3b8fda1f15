#pragma once

#include <cmath>
#include <compare>
#include <limits>

#include "trimtab/core/sampler.hpp"

namespace trimtab {

/// The order of trials for methods that compare losses; smaller is better. Complete trials come
/// first, pruned ones after them, then complete ones that violate observed constraints, by how much
/// they do; failed and infeasible ones are last and all alike.
/// Source: Deb 2000, "An efficient constraint handling method for genetic algorithms", section 3.
/// Differs: pruned trials, whose constraints nobody knows, stand between.
struct Rank {
  static constexpr int kComplete = 0, kPruned = 1, kViolating = 2, kFailed = 3;

  int tier = kComplete;
  double loss = 0.0;  ///< never NaN; the total violation of kViolating, 0 of kFailed

  auto operator<=>(const Rank&) const = default;
};

inline Rank rank_of(const Observation& observation) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const bool is_number = !std::isnan(observation.loss);
  if (observation.state == TrialState::Complete && is_number && !observation.is_infeasible) {
    const double violation = total_violation(observation.violations);
    if (violation > 0.0) return {.tier = Rank::kViolating, .loss = violation};
    return {.tier = Rank::kComplete, .loss = observation.loss};
  }
  if (observation.state == TrialState::Pruned) {
    return {.tier = Rank::kPruned, .loss = is_number ? observation.loss : kInfinity};
  }
  return {.tier = Rank::kFailed, .loss = 0.0};
}

}  // namespace trimtab
