#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "trimtab/core/pruner.hpp"
#include "trimtab/core/pruning/ranked_losses.hpp"

namespace trimtab {

/// A ladder of steps, each `eta` times the one before. A trial enters a rung with the first report
/// at or beyond its step, and goes on when it is then among the best 1/eta of those that entered.
///
/// Source: Li et al. 2020, "A system for massively parallel hyperparameter tuning", algorithm 2, in
///   the form that stops instead of pausing (section 3.3 of their arXiv version 1810.05934v5).
/// Differs: the best one of a rung always goes on, also while fewer than eta trials have entered;
///   ties at the border go on; several objectives by RankedLosses.
/// Cost: a report O(log n), several objectives O(n m); a decision the same.
class Rungs {
 public:
  /// @param first_step  of the lowest rung, > 0.
  /// @param eta  > 1.
  Rungs(double first_step, double eta, std::size_t num_objectives);

  void report(std::int64_t trial, double step, std::span<const double> losses);
  /// Whether the report at `step` made the trial enter a rung among whose best it is not.
  bool should_stop(std::int64_t trial, double step) const;
  std::string explain(std::int64_t trial, double step) const;

 private:
  struct Entry {
    double step;  // of the report
    std::vector<double> losses;
  };
  // The highest rung that the report made the trial enter without being among its best.
  std::optional<std::size_t> lost_rung(std::int64_t trial, double step) const;
  double rung_step(std::size_t rung) const;
  std::size_t num_promoted(std::size_t rung) const;

  double first_step_;
  double eta_;
  std::size_t num_objectives_;
  std::vector<RankedLosses> rungs_;
  std::unordered_map<std::int64_t, std::vector<Entry>> entries_;  // of a trial, by rung
};

}  // namespace trimtab
