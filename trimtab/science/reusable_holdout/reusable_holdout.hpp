#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/numerics/thresholdout.hpp"

namespace trimtab {

/// A sweep replayed through the mechanism: what would have been said, and who would have won.
struct HoldoutReplay {
  std::vector<HoldoutAnswer> answers;  ///< (queries answered), in order
  std::size_t num_left_out = 0;        ///< rows without both values
  bool is_exhausted = false;           ///< the budget went before the rows did
  std::size_t naive_champion = 0;      ///< row with the best holdout value, asked directly
  std::size_t champion = 0;            ///< row with the best answer of the mechanism
};

/// @param train, holdout  (n) one per trial, in the order of the trials; larger is better.
/// @throws UserError "holdout.table" when no row has both values.
HoldoutReplay replay_holdout(std::span<const double> train, std::span<const double> holdout,
                             const ThresholdoutOptions& options, const Rng& rng);

/// The analysis "reusable_holdout".
AnalysisEntry reusable_holdout_entry();

}  // namespace trimtab
