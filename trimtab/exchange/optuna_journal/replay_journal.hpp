#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/optuna/file_time.hpp"
#include "trimtab/optuna/stored_study.hpp"

namespace trimtab::exchange {

struct ReplayedJournal {
  std::vector<optuna::StoredStudy> studies = {};  ///< those that were not deleted, oldest first
  bool is_torn = false;                           ///< the last line has no end yet; it was left out
  std::int64_t num_discarded = 0;  ///< trials that Rustuna discarded; they are kept here
};

/// Replays the records of an Optuna journal in their order, as Optuna does: the order decides who
/// came first, and a record about something unknown or finished, or one that comes too late, does
/// nothing. A last line without an end is a write in progress.
/// Source: Optuna's journal format (operation codes 0 to 9) and Rustuna's DISCARD_TRIALS (10).
/// @param file  its name, for messages.
/// @param rule  what times without a zone are: Optuna 4.9 and before write local ones.
/// @throws UserError with the line. O(size).
ReplayedJournal replay_journal(std::string_view bytes, const std::string& file,
                               optuna::ZoneRule rule = optuna::ZoneRule::Local);

}  // namespace trimtab::exchange
