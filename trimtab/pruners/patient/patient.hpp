#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>

#include "trimtab/core/pruner.hpp"
#include "trimtab/core/pruning/learning_curves.hpp"

namespace trimtab {

/// Stops a trial that has not improved for some reports; with `agree`, only when another pruner
/// wants to stop it as well, so that a curve that is still falling is left alone.
///
/// A curve improves when its loss falls by more than `min_delta` below the best of all reports
/// before the last `patience` ones. Several objectives: when any of them does.
/// Source: Prechelt 1998, "Early stopping, but when?", section 2 (the generalisation loss has
///   increased for s strips).
/// Differs: counts single reports; an improvement needs `min_delta`.
/// Cost: O(1) a report; O(curve) a decision; more with `agree`.
class Patient {
 public:
  /// @throws UserError when there is no pruner `agree`, or it is "patient".
  Patient(const OptionValues& options, const PrunerSetting& setting);

  static Info info();
  static PrunerCapabilities capabilities();

  void tell(std::span<const Progress> progress);
  bool should_prune(std::int64_t trial, double step) const;
  std::string explain(std::int64_t trial, double step) const;

 private:
  bool has_improved(const LearningCurve& curve, std::size_t last) const;

  std::size_t patience_;
  double min_delta_;
  std::size_t num_objectives_;
  AnyPruner other_;  // nothing when no other one is asked
  LearningCurves curves_;
};

}  // namespace trimtab
