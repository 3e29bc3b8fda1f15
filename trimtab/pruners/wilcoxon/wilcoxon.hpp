#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "trimtab/core/pruner.hpp"
#include "trimtab/core/pruning/learning_curves.hpp"

namespace trimtab {

/// For objectives that are means over folds, instances or seeds: a step is the number of the fold,
/// its value the fold's own result. Stops a trial that is significantly worse than the best
/// complete one on the folds that both have.
///
/// Several objectives: stops when some complete trial, not dominated by another, is significantly
/// better in every one of them (the largest p decides).
/// Source: Wilcoxon 1945 (signed rank test, one-sided); Berger 1982, "Multiparameter hypothesis
///   testing" (intersection-union test) for several objectives.
/// Differs: looking after each fold is not corrected for: p_threshold is the level of one look. A
///   trial whose mean over the common folds is not worse is never stopped.
/// Cost: a report O(1); a decision O(n log n) in the common folds n (O(n^3) up to 25), times the
/// complete trials that are not dominated.
class Wilcoxon {
 public:
  Wilcoxon(const OptionValues& options, const PrunerSetting& setting);

  static Info info();
  static PrunerCapabilities capabilities();

  void tell(std::span<const Progress> progress);
  bool should_prune(std::int64_t trial, double step) const;
  std::string explain(std::int64_t trial, double step) const;

 private:
  struct Champion {
    std::int64_t trial;
    std::vector<double> losses;
  };
  void take_complete(const Progress& end);
  /// Largest p over the objectives; 1 when it is not worse, or too little is known.
  double p_worse(const LearningCurve& curve, const LearningCurve& champion) const;
  const Champion* winner(std::int64_t trial, double step) const;

  double p_threshold_;
  std::size_t startup_steps_;
  std::size_t num_objectives_;
  LearningCurves curves_;
  std::vector<Champion> champions_;  // complete, with reports, not dominated; oldest first
};

}  // namespace trimtab
