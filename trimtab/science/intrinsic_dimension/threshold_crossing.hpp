#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

/// One training; dimension 0 is direct training of all parameters.
struct SubspaceRun {
  std::size_t dimension = 0;
  std::string seed;  ///< runs with one seed share theta_0 and the order of the data
  double score = 0.0;
};

/// How much is enough.
struct ScoreThreshold {
  double fraction = 0.9;                ///< of the mean baseline
  std::optional<double> absolute = {};  ///< instead, when given
};

struct DimensionPoint {
  std::size_t dimension = 0;
  std::size_t num_runs = 0;
  double mean = 0.0;
  double fitted = 0.0;  ///< never falling over dimensions
};

struct ThresholdCrossing {
  std::vector<DimensionPoint> points;  ///< ascending
  std::optional<double> baseline;      ///< mean of direct training
  std::size_t num_baselines = 0;
  double threshold = 0.0;
  std::optional<std::size_t> at;  ///< index of the first point whose fitted score reaches it
  Interval interval = {};         ///< of the dimension there; infinite where none reached
  double share_reached = 0.0;     ///< of the resamples that reach the threshold at all
};

/// d_int of a sweep: the first dimension whose isotonic mean score (weights: number of runs)
/// reaches the threshold. The interval resamples seeds with all their runs and baselines, 95 %,
/// percentiles. Source: Li et al. 2018, section 2 (the threshold), code of its figures (the
/// bootstrap). Differs: the fit is isotonic, so that one lucky dimension does not count; seeds are
/// resampled
///   where the source resamples runs.
/// @throws UserError "intrinsic_dimension.runs" without subspace runs, without baseline and
///   absolute threshold, or with a score that is no number.
/// Cost: O(resamples * runs log runs).
ThresholdCrossing threshold_crossing(std::span<const SubspaceRun> runs,
                                     const ScoreThreshold& threshold, std::size_t num_resamples,
                                     Rng& rng);

/// Why a crossing is no measurement of d_int; empty when it is one. Both sides of it need three
/// seeds, and lie within a factor of 1.5.
std::string objection(const ThresholdCrossing& crossing);

/// "d_int90", "d_int98": the name by the threshold's fraction; "d_int" of an absolute one.
std::string name_of(const ScoreThreshold& threshold);

}  // namespace trimtab
