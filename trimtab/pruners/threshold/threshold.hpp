#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trimtab/core/pruner.hpp"
#include "trimtab/core/pruning/learning_curves.hpp"

namespace trimtab {

/// Stops a trial that reports a value outside of given bounds, or one that is not a number. Looks
/// at no other trial.
///
/// Several objectives: the bounds are those of the first one; NaN in any other is only a value that
/// was not said.
/// Source: folklore.
/// Differs: none.
/// Cost: O(1) a report, O(log curve) a decision.
class Threshold {
 public:
  /// @throws UserError when lower is above upper.
  Threshold(const OptionValues& options, const PrunerSetting& setting);

  static Info info();
  static PrunerCapabilities capabilities();

  void tell(std::span<const Progress> progress);
  bool should_prune(std::int64_t trial, double step) const;
  std::string explain(std::int64_t trial, double step) const;

 private:
  double value(const LearningCurve& curve, std::size_t i) const;

  Objective objective_;
  double lower_, upper_;  // the user's direction
  double warmup_, interval_;
  LearningCurves curves_;
};

}  // namespace trimtab
