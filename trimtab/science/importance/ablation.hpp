#pragma once

#include <cstddef>
#include <vector>

#include "trimtab/science/importance/surrogate_forest.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// One parameter that moves from the start's value to the end's.
struct AblationStep {
  std::size_t parameter = 0;  ///< index into Space::parameters()
  double gain = 0.0;          ///< predicted decrease of the loss at this step; negative = worse
};

/// The way from one configuration to another, one parameter at a time, the most profitable next:
/// which of the differences brought the improvement. Parameters that are alike, or that no point on
/// the way has active, take no step. A parameter that becomes active takes the end's value with its
/// parent's step when the end has it active.
/// Source: Fawcett and Hoos 2016, "Analysing differences between algorithm configurations through
///   ablation"; on a surrogate: Biedenkapp et al. 2017.
/// Differs: predicted by the study's forest, so the steps' sum is the predicted, not the measured
///   difference.
/// Cost: O(k^2 B depth), k = parameters that differ.
std::vector<AblationStep> ablation_path(const SurrogateForest& forest, const Space& space,
                                        PointView start, PointView end);

}  // namespace trimtab
