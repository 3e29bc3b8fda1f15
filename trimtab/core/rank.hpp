#pragma once

#include <cmath>
#include <compare>
#include <limits>

#include "trimtab/core/sampler.hpp"

namespace trimtab {

/// The order of trials for methods that compare losses; smaller is better. Complete trials come
/// first, pruned ones after them, failed and infeasible ones last and all alike.
struct Rank {
  int tier = 0;
  double loss = 0.0;  ///< never NaN

  auto operator<=>(const Rank&) const = default;
};

inline Rank rank_of(const Observation& observation) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const bool is_number = !std::isnan(observation.loss);
  if (observation.state == TrialState::Complete && is_number && !observation.is_infeasible) {
    return {.tier = 0, .loss = observation.loss};
  }
  if (observation.state == TrialState::Pruned) {
    return {.tier = 1, .loss = is_number ? observation.loss : kInfinity};
  }
  return {.tier = 2, .loss = 0.0};
}

}  // namespace trimtab
