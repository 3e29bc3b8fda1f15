#pragma once

#include "trimtab/core/workload.hpp"

namespace trimtab {

/// How do people's values change through their friends? A model of bounded confidence on a social
/// network predicts later scores from first ones; its hyperparameters are tuned, and a regressor
/// may correct what it misses.
///
/// Source: the tuning of such a model by particle swarms with a second-stage regressor is seed 33
/// of
///   docs/seeds.md, of which the abstract is public; the model: see simulate().
/// Differs: the scores are made up (conduct_survey), because the study's are private; ego networks
///   are simulated as one network, so that a tie between two of them is one tie.
WorkloadEntry value_dynamics();

}  // namespace trimtab
