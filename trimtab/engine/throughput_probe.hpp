#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trimtab/core/study.hpp"

namespace trimtab {

// Notation in this file
//   n     units of the fidelity that a run gets        a   start-up of the program, seconds
//   t(n)  = a + n / r, the seconds that it takes       r   throughput, units a second

/// Finds how many units a configuration does in the time of its compute class, by short runs of it.
///
/// The size n is doubled and more, from the smallest fidelity on, until a run takes a twenty-fifth
/// of the class; these runs warm everything up and count for nothing. Then runs of n and of n / 2
/// units alternate, and each pair gives r = (n - n/2) / (t(n) - t(n/2)), so that the start-up falls
/// out. The plan is the median of r times the class's seconds, halves to even.
/// Source: Stanic et al. 2023, "The Languini Kitchen", section 3 (tokens = measured throughput
/// times
///   hours).
/// Differs: start-up is not training; the throughput is a median over `repeats`.
/// Cost: about 6 % of the class for each repeat.
class ThroughputProbe {
 public:
  ThroughputProbe(const ComputeClass& compute_class, const Fidelity& fidelity);

  /// Units of the next short run; nothing when enough is known, or when nothing can be learned.
  std::optional<double> next() const;
  /// @param units    as `next` said.
  /// @param seconds  on the class's clock.
  void add(double units, double seconds);

  /// Whether the pairs agree on a throughput above 0.
  bool is_known() const;
  double per_second() const;          ///< median; units a second
  double relative_deviation() const;  ///< deviation over mean of the repeats
  double planned() const;             ///< units, within the fidelity's bounds
  double seconds_used() const { return seconds_used_; }
  /// "planned_NAME", "NAME_per_second", "throughput_deviation", "probe_seconds", for the trial.
  std::map<std::string, double> metrics() const;

 private:
  double rounded(double units) const;

  ComputeClass class_;
  Fidelity fidelity_;
  double size_;  // n
  bool is_sized_ = false;
  double whole_ = -1.0;  // t(n) of a pair that lacks its other half
  double seconds_used_ = 0.0;
  int num_sizes_ = 0;
  std::vector<double> rates_;
  std::int64_t num_pairs_ = 0;
};

}  // namespace trimtab
