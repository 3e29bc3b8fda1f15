#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trimtab/core/history.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {

/// Where a study stands. Pure functions of its history, so that every worker decides alike.
enum class Stage : std::uint8_t {
  Search,   ///< the sampler proposes
  Confirm,  ///< finalists run on fresh seeds
  Done,
};
std::string_view name_of(Stage stage);

/// Why the search is over, or nothing while it goes on.
/// @param wall_seconds  running time used so far.
/// Cost: O(1) but for `patience`, O(trials since the last improvement).
std::optional<std::string> search_stop_reason(const StudySpec& spec, const History& history,
                                              double wall_seconds);

/// The trials whose points the confirm stage re-evaluates: the best `confirm_top` complete trials
/// with distinct points, best first, then the default configuration when it completed and is not
/// among them. Empty when there is nothing to confirm. Cost: O(n log confirm_top).
std::vector<std::int64_t> finalists(const StudySpec& spec, const History& history);

/// One confirm run that has not been created yet: finalist and index of its fresh seed.
struct ConfirmRun {
  std::int64_t of_trial = 0;
  std::int64_t seed_index = 0;
};

/// The next run of the confirm stage in the order seed by seed, so that an interrupted confirmation
/// is still paired; nothing when all were created, or when no more are needed
/// (core/confirm_rule.hpp). Cost: O(n).
std::optional<ConfirmRun> next_confirm_run(const StudySpec& spec,
                                           const std::vector<std::int64_t>& finalists,
                                           const History& history);

}  // namespace trimtab
