#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "trimtab/core/pruner.hpp"
#include "trimtab/core/pruning/learning_curves.hpp"
#include "trimtab/core/pruning/ranked_losses.hpp"

namespace trimtab {

/// Stops a trial whose best loss so far is worse than a percentile of what other trials had at the
/// same step. The rule behind the pruners `median` and `percentile`.
///
/// Source: Golovin et al. 2017, "Google Vizier", section 3.2.2 (median stopping rule).
/// Differs: compares with the others' losses at the step, not with the averages of their curves;
/// any
///   percentile; several objectives: the trial's losses at the step are beyond the percentile when
///   more trials dominate them than dominate the trial of that percentile (RankedLosses).
/// Cost: a report O(log n); an end O(curve log n); a decision O(log curve). Several objectives: O(n
/// m).
class PercentileRule {
 public:
  /// @param percentile  share of the others that must be worse or equal, in [0, 100].
  PercentileRule(double percentile, const OptionValues& options, const PrunerSetting& setting);

  /// startup_trials, warmup, interval, min_trials, among.
  static std::vector<OptionInfo> options();

  void tell(std::span<const Progress> progress);
  bool should_prune(std::int64_t trial, double step) const;
  std::string explain(std::int64_t trial, double step) const;

 private:
  void take_report(const Progress& report);
  void take_complete(std::int64_t trial);
  RankedLosses& at(double step);

  Objective objective_;
  double share_;
  std::int64_t startup_trials_;
  double warmup_;
  double interval_;
  std::int64_t min_trials_;
  bool is_among_all_;
  LearningCurves curves_;
  std::unordered_map<double, RankedLosses> others_;  // by step
  std::int64_t num_complete_ = 0;
};

}  // namespace trimtab
