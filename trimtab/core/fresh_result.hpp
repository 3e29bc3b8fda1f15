#pragma once

#include <cstdint>
#include <optional>

#include "trimtab/core/history.hpp"

namespace trimtab {

/// A configuration over its fresh runs of the confirm stage.
struct FreshResult {
  std::int64_t trial = -1;  ///< of the search
  double mean = 0.0;        ///< first objective, in the user's direction
  double deviation = 0.0;   ///< NaN below two runs
  std::int64_t num_runs = 0;
};

/// The best mean over fresh runs, of the configurations that have the most of them; nothing before
/// a fresh run is complete. O(n).
std::optional<FreshResult> best_fresh_result(const History& history);
/// The same of one configuration. O(n).
std::optional<FreshResult> fresh_result_of(const History& history, std::int64_t trial);

}  // namespace trimtab
