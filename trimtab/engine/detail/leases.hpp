#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "trimtab/base/clock.hpp"

namespace trimtab {

/// Which workers have been silent for longer than they promised, as one observer sees it.
///
/// Clocks of machines differ, so that no time of the log counts: a lease is judged by the
/// observer's own monotonic clock since it last saw a sign of the worker. Time in which the
/// observer did not look (it was stopped, or the storage was away) counts as `longest_gap` at most:
/// the others could not be heard then. So a lease never ends too early, only late.
class Leases {
 public:
  /// @param longest_gap  seconds.
  explicit Leases(double longest_gap) : longest_gap_(longest_gap) {}

  void limit_gap(double seconds) { longest_gap_ = seconds; }
  /// The worker promised to be heard within `seconds`.
  void renew(std::int64_t worker, double seconds);
  /// The worker took a trial. Says nothing of one that never promised anything.
  void hear(std::int64_t worker);
  /// The log was read to its end at `now` (microseconds, monotonic).
  void look(Timestamp now);

  bool has_lease(std::int64_t worker) const { return leases_.contains(worker); }
  /// Whether the worker has a lease and was not heard of for longer.
  bool has_ended(std::int64_t worker) const;

 private:
  struct Lease {
    double seconds = 0.0;
    double heard = 0.0;  // in observed seconds
  };

  double longest_gap_;
  double observed_ = 0.0;
  Timestamp last_look_ = -1;
  std::map<std::int64_t, Lease> leases_;
  std::set<std::int64_t> news_;  // heard of since the last look: some time between the two
};

}  // namespace trimtab
