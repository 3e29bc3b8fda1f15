#pragma once

#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/science/importance/ranked_trial.hpp"
#include "trimtab/space/dimension.hpp"

namespace trimtab {

/// How much one dimension separates the best trials from all trials.
struct DimensionImportance {
  double divergence = 0.0;      ///< Pearson's, weighted by how often the best have it active
  double noise = 0.0;           ///< mean divergence when the losses are shuffled
  bool is_above_noise = false;  ///< stands out at 5 %, over all dimensions together
  double excess() const { return divergence > noise ? divergence - noise : 0.0; }
};

/// Which dimensions decide whether a trial is among the best fraction `quantile`.
///
/// Source: Watanabe, Bansal and Hutter 2023, "PED-ANOVA: efficiently quantifying hyperparameter
///   importance in arbitrary subspaces", Pearson divergence of the marginal density of the best
///   trials from that of all trials (gamma' = quantile, gamma = 1).
/// Differs: conditional dimensions take part, over the trials in which they are active, weighted by
///   the active share of the best; what shuffled losses would give (`num_shuffles` times, the same
///   shuffles for every dimension) is subtracted and decides who stands out, because a small sample
///   of the best always differs a little from the whole. The best are the best of every 20
///   consecutive trials, shuffled likewise: a sampler that learns drifts in all dimensions while
///   losses fall, and late trials against early ones would call the drift of any of them important.
/// @param trials    at least 2, points of `dimensions`, in the order in which they were proposed.
/// @param quantile  in (0, 1); at least 5 trials are taken as the best, and everyone equal to the
/// last.
/// Cost: O(n log n + d num_shuffles (n quantile + 2500)); 20 ms for n = 1000, d = 10.
std::vector<DimensionImportance> dimension_importance(std::span<const Dimension> dimensions,
                                                      std::span<const RankedTrial> trials,
                                                      double quantile, std::size_t num_shuffles,
                                                      Rng& rng);

}  // namespace trimtab
