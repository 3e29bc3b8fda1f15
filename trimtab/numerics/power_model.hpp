#pragma once

#include <span>
#include <vector>

namespace trimtab {

// Notation in this file
//   load   share of the machine's processor time that is busy, in [0, 1]
//   P      power of the machine's processors, watts

/// Power as a function of load: straight lines between the points of a profile, and on beyond its
/// ends; never below 0.
///
/// Source: shape of the recorded profiles of CodeCarbon (load against RAPL power, five processors).
/// Differs: lines through the points instead of TDP (0.1 + 0.9 load^3): with one level left out in
///   turn the mean error is 5.2 to 11.2 % of the mean power on ten profiles (a cubic fit 7.0 to
///   27.3 %) [tested].
class PowerModel {
 public:
  /// @param load   (n), in [0, 1]; equal loads are averaged.
  /// @param watts  (n), >= 0.
  /// @throws UserError "energy.profile" for fewer than two different loads, other sizes, or numbers
  /// that are out of range. O(n log n).
  static PowerModel from_profile(std::span<const double> load, std::span<const double> watts);

  /// A guess where no profile was measured: the mean shape of the recorded profiles, scaled to the
  /// thermal design power. Off by a factor of up to two (docs/energy.md).
  /// @param tdp_watts  > 0.
  static PowerModel from_tdp(double tdp_watts);

  /// P(load); load is cut to [0, 1]. O(log n).
  double watts(double load) const;

 private:
  std::vector<double> load_;  // rising
  std::vector<double> watts_;
};

}  // namespace trimtab
