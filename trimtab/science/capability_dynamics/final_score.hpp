#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/science/capability_dynamics/task_curves.hpp"

namespace trimtab {

/// How well final scores of sizes never seen are predicted from an early step; errors are root
/// mean squares in the score's unit.
struct FinalPrediction {
  std::vector<double> predicted;  ///< [c]
  double error = 0.0;             ///< of the ridge
  double last_value_error = 0.0;  ///< of taking the early score for the final one
  double r2 = 0.0;                ///< 1 - squared error / spread of the final scores
};

/// Ridge regression of a task's final score on the scores of tasks at an early step, standardised
/// over the training configurations. All configurations of one size are left out together (their
/// siblings would give the answer away); the penalty, 1e-3 to 1e3, is chosen by leaving out sizes
/// among the others.
/// Source: Hoerl and Kennard 1970; nested leave-one-group-out.  Differs: none.
/// @param predictors  tasks; not empty. @param early  index of the step.
/// @throws BugError with fewer than four sizes. Cost: O(7 sizes^2 (c p^2 + p^3)).
FinalPrediction predict_final_scores(const TaskCurves& curves, std::size_t target,
                                     std::span<const std::size_t> predictors, std::size_t early);

std::size_t num_sizes(const TaskCurves& curves);

}  // namespace trimtab
