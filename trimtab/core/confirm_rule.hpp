#pragma once

#include <cstdint>
#include <vector>

#include "trimtab/core/history.hpp"

namespace trimtab {

/// Whether the confirm stage knows enough before its last fresh seed, so that no further run is
/// worth its cost. Two looks, and no more:
///   - after `kDeterministicSeeds` seeds: every finalist gave one value on all of them, so that
///     the program ignores its seed;
///   - after `kEarlySeeds` seeds: the finalist with the best mean beats the default with
///     p <= `kEarlyLevel` in the paired t test, by Holm over the finalists.
/// A function of the log alone, so that every worker decides alike.
///
/// Source: Haybittle 1971 and Peto et al. 1976: one early look at 0.001 leaves the last test its
///   level (it adds at most 0.001 to 0.05).
/// Differs: Holm over the finalists at both looks.
/// @param finalists  trials whose points are confirmed, the default's among them.
/// @param standard   the default configuration's trial, -1 = it is not confirmed (no second look).
/// Cost: O(trials).
bool is_confirmation_settled(const History& history, const std::vector<std::int64_t>& finalists,
                             std::int64_t standard);

/// The user's default configuration among the trials: complete, -1 = none. O(n).
std::int64_t default_trial(const History& history);

inline constexpr std::size_t kDeterministicSeeds = 3;
inline constexpr std::size_t kEarlySeeds = 10;
inline constexpr double kEarlyLevel = 0.001;

}  // namespace trimtab
