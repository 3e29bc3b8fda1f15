#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab {

// Notation in this file
//   score    contamination of a sample, in [0, 1]       t     threshold: score >= t is contaminated
//   EPG      estimated performance gain: accuracy on all samples less accuracy on the clean ones
//   z        EPG over its deviation when the clean ones are a random subset of that size

struct ContaminationPoint {
  double threshold = 0.0;
  std::size_t num_contaminated = 0;
  double accuracy_clean = 0.0;
  double gain = 0.0;  ///< EPG
  double z = 0.0;     ///< 0 where nothing varies
};

/// EPG at every threshold that leaves clean samples and removes some, ascending.
/// Source: Singh et al. 2024, ConTAM; the variance is that of a mean drawn without replacement.
/// Differs: z is added to rank thresholds.
/// @param scores, correct  (n); correct in [0, 1]. @throws BugError for unequal lengths.
/// O(n log n).
std::vector<ContaminationPoint> contamination_curve(std::span<const double> scores,
                                                    std::span<const double> correct);

/// The threshold with the largest z on one random half of the samples, judged on the other half:
/// chosen and judged on the same samples, z would flatter.
struct JudgedThreshold {
  double threshold = 0.0;
  ContaminationPoint held_out = {};
  double p = 1.0;  ///< one-sided, of the held-out z
};

/// @return nothing when the half has no threshold to choose, or it removes nothing or everything of
/// the other half.
std::optional<JudgedThreshold> judge_threshold(std::span<const double> scores,
                                               std::span<const double> correct, Rng& rng);

/// Chance that a contaminated sample scores higher than a clean one; 1/2 = the metric is blind.
/// @param is_contaminated  (n) known truth. @return NaN when one kind is absent.
double detection_auroc(std::span<const double> scores, const std::vector<bool>& is_contaminated);

}  // namespace trimtab
