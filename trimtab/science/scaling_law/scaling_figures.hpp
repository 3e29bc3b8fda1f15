#pragma once

#include <span>
#include <vector>

#include "trimtab/core/figure.hpp"
#include "trimtab/science/scaling_law/loss_law_fit.hpp"
#include "trimtab/science/scaling_law/step_law.hpp"

namespace trimtab {

/// The best learning rate and batch of every task, and the law through them.
std::vector<Figure> step_law_figures(const StepLaw& law, std::span<const SweepTask> tasks);

/// Losses over tokens for each model size at the batch that most points have, and the law through
/// them; every loss against what the law says.
std::vector<Figure> loss_law_figures(const LossLaw& law, std::span<const LossPoint> points);

/// The loss of one run over its steps: the law, and the band of its resamples.
/// @param steps  (n), rising, > 0.
Figure trajectory_figure(const LossLawFit& fit, double num_parameters, double batch_tokens,
                         std::span<const double> steps);

}  // namespace trimtab
