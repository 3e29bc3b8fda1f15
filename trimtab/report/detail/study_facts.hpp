#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trimtab/core/history.hpp"

namespace trimtab {

/// What several pages say about a study, computed once. O(trials).
struct StudyFacts {
  Resources search = {};   ///< sums over the search trials
  Resources confirm = {};  ///< sums over the fresh runs
  double peak_memory_bytes = 0.0;
  double elapsed_seconds = 0.0;    ///< from the first creation to the last end
  std::int64_t num_copies = 0;     ///< trials whose result was reused
  std::int64_t num_violating = 0;  ///< complete search trials beyond an observed constraint
  std::int64_t default_trial = -1;
  std::map<std::string, std::int64_t> failures;  ///< reason -> number of trials
};
StudyFacts facts_of(const History& history);

enum class Precision : std::uint8_t { SixDigits, Exact };
/// A trial's parameters by name, as texts, active ones only, in the order of the space.
std::vector<std::pair<std::string, std::string>> parameter_texts(const Space& space,
                                                                 PointView point,
                                                                 Precision precision);

/// "2024-01-01T12:00:00.000Z"; "" for 0.
std::string format_time(Timestamp time);

/// "120 MB", "1.5 GB"; powers of 1000.
std::string format_bytes(double bytes);

/// "4.5 Wh in the search (modelled)"; "" when energy was not counted.
std::string energy_text(const History& history);

/// "3 complete, 1 failed": states that occur, in a fixed order.
std::string count_text(const History& history);

/// Several objectives: the complete trials within the constraints for which no other one is at
/// least as good everywhere; of equal ones the earliest. By the first objective, best first. O(n
/// log n) for one or two objectives, else O(n log n + n front).
std::vector<std::int64_t> pareto_front(const History& history);

}  // namespace trimtab
