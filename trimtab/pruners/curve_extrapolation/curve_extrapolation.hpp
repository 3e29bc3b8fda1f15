#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trimtab/core/pruner.hpp"
#include "trimtab/core/pruning/learning_curves.hpp"

namespace trimtab {

/// Fits a power law to the tail of a trial's curve, forecasts its last step and stops the trial
/// when even the lower bound of the forecast is worse than the best complete trial.
///
/// The tail is the later half of the reports, `min_points` at least, thinned to 24. When no law can
/// be fitted, the present loss itself decides, with a margin of `slack` times the incumbent's size.
/// Several objectives: when a complete trial is better than the bounds in every one of them.
/// Source: Domhan et al. 2015, "Speeding up automatic hyperparameter optimization by extrapolation
///   of learning curves", section 4 (the rule); seed 63 of docs/seeds.md (one power law, the lower
///   prediction bound).
/// Differs: one parametric form and a Student bound instead of an ensemble sampled by MCMC.
/// Cost: a report O(1); a decision O(1) after the tail is read, about 10 us.
class CurveExtrapolation {
 public:
  CurveExtrapolation(const OptionValues& options, const PrunerSetting& setting);

  static Info info();
  static PrunerCapabilities capabilities();

  void tell(std::span<const Progress> progress);
  bool should_prune(std::int64_t trial, double step) const;
  std::string explain(std::int64_t trial, double step) const;

 private:
  struct Forecast {
    double bound = 0.0;  // the least that the trial may still reach
    bool is_fitted = false;
  };
  Forecast forecast(const LearningCurve& curve, std::size_t last, std::size_t objective) const;
  /// Whether the present loss, without any law, is beyond the incumbent and its margin.
  bool is_hopeless(double loss, double incumbent) const;
  const std::vector<double>* winner(std::int64_t trial, double step) const;
  double t_quantile(std::size_t num_points) const { return t_[num_points - 4]; }

  std::vector<Objective> objectives_;
  double max_step_;  // 0 = the longest complete trial so far
  std::size_t min_points_;
  double slack_;
  std::vector<double> t_;  // Student's quantile for 4, 5, ... points
  LearningCurves curves_;
  double longest_ = 0.0;
  std::vector<std::vector<double>> incumbents_;  // losses of complete trials, none dominated
};

}  // namespace trimtab
