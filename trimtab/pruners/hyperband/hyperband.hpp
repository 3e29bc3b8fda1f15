#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trimtab/core/pruner.hpp"
#include "trimtab/core/pruning/rungs.hpp"

namespace trimtab {

// Notation in this file
//   r, R    min_step and max_step     s_max   floor(log_eta(R / r))
//   s       bracket, 0 .. s_max: its first rung stands at R * eta^-s

/// Successive halving with several first rungs at once, for when it is not known how early a curve
/// tells anything: bracket s_max stops trials from min_step on, bracket 0 stops nobody.
///
/// A trial's bracket is a function of the study's seed and the trial's number, drawn with
/// Hyperband's shares: bracket s gets ceil((s_max + 1) eta^s / (s + 1)) of every round.
/// Source: Li et al. 2017, "Hyperband", algorithm 1; Rungs for what happens inside a bracket.
/// Differs: brackets run side by side and stop asynchronously. Without max_step the last step of
///   the first complete trial is taken; nothing is stopped before.
/// Cost: Rungs.
class Hyperband {
 public:
  /// @throws UserError when min_step is above max_step.
  Hyperband(const OptionValues& options, const PrunerSetting& setting);

  static Info info();
  static PrunerCapabilities capabilities();

  void tell(std::span<const Progress> progress);
  bool should_prune(std::int64_t trial, double step) const;
  std::string explain(std::int64_t trial, double step) const;
  /// s of a trial; nothing until max_step is known.
  std::optional<std::size_t> bracket_of(std::int64_t trial) const;

 private:
  struct Report {
    std::int64_t trial;
    double step;
    std::vector<double> losses;
  };
  void build(double max_step);
  void enter(std::int64_t trial, double step, std::span<const double> losses);

  double min_step_;
  double eta_;
  std::uint64_t seed_;
  std::size_t num_objectives_;
  std::vector<Rungs> brackets_;        // empty until max_step is known
  std::vector<double> share_up_to_;    // of the brackets, cumulated
  std::vector<Report> early_reports_;  // what came before
};

}  // namespace trimtab
