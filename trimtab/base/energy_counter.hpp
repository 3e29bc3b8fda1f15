#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trimtab {

/// The energy counters of this machine's processors (RAPL, as Linux shows it under powercap): the
/// sum of all packages and of memory where it is counted on its own.
class EnergyCounter {
 public:
  /// Looks for counters; none, or none that may be read, is no error: see `problem`.
  /// @param root  folder of the powercap tree.
  explicit EnergyCounter(const std::string& root = "/sys/class/powercap");

  /// Whether energy can be read.
  bool is_there() const { return !domains_.empty(); }
  /// Why not: "no counters under ...", "... may not be read by this user"; "" when it can.
  const std::string& problem() const { return problem_; }

  /// Joules since this object was made, exact to 1 uJ. A counter that starts again at 0 is counted
  /// on; it must be read at least once a round (minutes at full power). O(counters).
  double joules();

 private:
  struct Domain {
    std::string file;
    std::int64_t range = 0;  // microjoules; the counter starts again after it
    std::int64_t last = 0;
  };
  std::vector<Domain> domains_;
  std::int64_t total_ = 0;  // microjoules
  std::string problem_;
};

/// Busy time of all the machine's processors since it started, seconds; 0 when it is not told.
double machine_busy_seconds();

/// Processors that this machine has in use, >= 1.
int num_machine_processors();

}  // namespace trimtab
