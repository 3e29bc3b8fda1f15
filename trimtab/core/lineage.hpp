#pragma once

#include <cstdint>
#include <vector>

#include "trimtab/core/history.hpp"

namespace trimtab {

/// The trials whose checkpoints led to this one, the first one first, itself last; itself alone
/// when it began with nothing. O(length).
std::vector<std::int64_t> ancestry(const History& history, std::int64_t number);

/// What it cost that programs began again from nothing where they had been further: steps that a
/// trial reported although it had been there before, after a promotion or a worker's death.
struct RepeatedSteps {
  std::int64_t num_reported = 0;
  std::int64_t num_repeated = 0;  ///< of these
};
/// O(reports).
RepeatedSteps repeated_steps(const History& history);

}  // namespace trimtab
