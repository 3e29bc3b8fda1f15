#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "trimtab/core/registry.hpp"
#include "trimtab/core/storage.hpp"

namespace trimtab {

/// What a replay found.
struct ReplayResult {
  std::int64_t num_proposals = 0;                ///< proposals of the sampler that were asked again
  std::int64_t num_equal = 0;                    ///< of those, bit for bit the same point
  std::optional<std::int64_t> first_difference;  ///< trial number
  std::int64_t num_stops = 0;                    ///< trials that the pruner stopped, then or now
  std::int64_t num_equal_stops = 0;              ///< of those, stopped at the same report
  std::optional<std::int64_t> first_other_stop;  ///< trial number
};

/// Asks the sampler and the pruner again, at every point of the log where they were asked, with
/// what was known then: the events before it. Holds for parallel studies too, because every
/// decision is made inside the log's order.
/// @throws UserError when the storage has no such study.
/// Cost: that of the original asks.
ReplayResult replay_study(const std::string& name, const Registry& registry,
                          std::shared_ptr<Storage> storage);

}  // namespace trimtab
