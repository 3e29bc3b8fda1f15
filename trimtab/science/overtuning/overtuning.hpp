#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "trimtab/core/analysis.hpp"

namespace trimtab {

// Notation in this folder
//   v, t        validation and test loss of a trial; validation is what the tuner sees
//   incumbent   the trial with the smallest v so far
//   first       the first incumbent whose test loss is known: the default, or the first trial

/// A trial as the tuner and an outsider see it; both are minimised.
struct ScoredTrial {
  double validation = 0.0;                                 ///< NaN: the trial gave nothing
  double test = std::numeric_limits<double>::quiet_NaN();  ///< not finite: nobody looked
};

/// An incumbent whose test loss is known.
struct Incumbent {
  std::size_t trial = 0;  ///< index into the trials
  double validation = 0.0;
  double test = 0.0;
  double overtuning = 0.0;  ///< t less the smallest t of the incumbents so far; >= 0
  /// Overtuning over what tuning had gained at its best, t(first) less that smallest t. Above 1:
  /// worse than the first. Infinite when nothing was gained and something lost; 0 of 0 is 0.
  double relative = 0.0;

  double gap() const { return test - validation; }  ///< how much validation flatters
};

struct TuningCourse {
  std::size_t num_trials = 0;         ///< with a validation loss
  std::size_t num_unseen = 0;         ///< incumbents without a test loss; left out
  bool is_end_seen = false;           ///< the last incumbent has a test loss
  std::vector<Incumbent> incumbents;  ///< in the order of the trials
};

/// Does a better validation loss go on to mean a better test loss?
/// Source: Schneider, Bischl and Feurer 2025, "Overtuning in hyperparameter optimization",
///   definitions of overtuning and of relative overtuning.
/// Differs: incumbents without a test loss are left out (the source has one for every trial); an
///   incumbent is replaced by a strictly smaller v only.
///   v = {5, 4, 3}, t = {9, 7, 8}: overtuning {0, 0, 1}, relative {0, 0, 0.5}  [tested]
/// @param trials  in the order in which they ended. O(n).
TuningCourse tuning_course(std::span<const ScoredTrial> trials);

/// The analysis "overtuning".
AnalysisEntry overtuning_entry();

}  // namespace trimtab
