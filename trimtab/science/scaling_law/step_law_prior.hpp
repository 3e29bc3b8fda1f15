#pragma once

#include <span>
#include <string>

#include "trimtab/science/scaling_law/step_law.hpp"

namespace trimtab {

/// Where the step law expects the best value at another scale: ln of it is normal.
struct LogNormal {
  double mean = 0.0;
  double deviation = 0.0;
};

/// What a study at another scale may believe before its first trial.
struct StepLawPrior {
  LogNormal learning_rate;
  LogNormal batch_tokens;
};

/// The law at (N, D) with the deviation of a new near-best run: of the runs around the law, and of
/// the law itself so far away, s^2 (1 + x' (X'X)^-1 x).
/// Source: the prediction interval of linear regression (Draper and Smith 1998, section 3.1).
/// Differs: runs of one task share their errors, which the formula takes for independent; far from
///   the fitted scales the deviation is too small.
/// @throws UserError "scaling_law.runs" when the runs do not determine the law, or leave no
/// freedom.
StepLawPrior prior_at(std::span<const SweepTask> tasks, double max_excess, double num_parameters,
                      double num_tokens);

/// The prior as the [space] of a study file (TOML): ranges of four deviations to either side.
/// @param columns  their names become the parameters' names; their unit of the batch is kept.
std::string space_lines(const StepLawPrior& prior, const SweepColumns& columns);

}  // namespace trimtab
