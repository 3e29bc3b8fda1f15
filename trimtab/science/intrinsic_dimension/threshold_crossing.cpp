#include "trimtab/science/intrinsic_dimension/threshold_crossing.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/isotonic_fit.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kEnoughSeeds = 3;
constexpr double kFineStep = 1.5;

[[noreturn]] void refuse(const std::string& what, const std::string& expected) {
  throw UserError({.code = "intrinsic_dimension.runs",
                   .what = what,
                   .where = "intrinsic_dimension",
                   .got = "",
                   .expected = expected,
                   .hint = ""});
}

// A crossing without its interval; the runs are weighted by how often their seed was drawn.
ThresholdCrossing cross(std::span<const SubspaceRun> runs, const ScoreThreshold& threshold,
                        const std::map<std::string, std::size_t>& times) {
  ThresholdCrossing result;
  std::map<std::size_t, DimensionPoint> points;
  double baselines = 0.0;
  for (const SubspaceRun& run : runs) {
    const std::size_t count = times.at(run.seed);
    if (count == 0) continue;
    const double sum = static_cast<double>(count) * run.score;
    if (run.dimension == 0) {
      baselines += sum;
      result.num_baselines += count;
    } else {
      points[run.dimension].num_runs += count;
      points[run.dimension].mean += sum;
    }
  }
  if (result.num_baselines > 0) {
    result.baseline = baselines / static_cast<double>(result.num_baselines);
  }
  result.threshold =
      threshold.absolute.value_or(threshold.fraction * result.baseline.value_or(std::nan("")));
  std::vector<double> means, weights;
  for (auto& [dimension, point] : points) {
    point.dimension = dimension;
    point.mean /= static_cast<double>(point.num_runs);
    means.push_back(point.mean);
    weights.push_back(static_cast<double>(point.num_runs));
    result.points.push_back(point);
  }
  const std::vector<double> fitted = isotonic_fit(means, weights);
  for (std::size_t i = 0; i < fitted.size(); ++i) {
    result.points[i].fitted = fitted[i];
    if (!result.at && fitted[i] >= result.threshold) result.at = i;
  }
  return result;
}

// Percentiles are dimensions that were tried, never between them.
Interval percentiles(std::vector<double> dimensions) {
  if (dimensions.empty()) return {};
  std::sort(dimensions.begin(), dimensions.end());
  const auto last = static_cast<double>(dimensions.size() - 1);
  return {dimensions[static_cast<std::size_t>(std::floor(0.025 * last))],
          dimensions[static_cast<std::size_t>(std::ceil(0.975 * last))]};
}

}  // namespace

ThresholdCrossing threshold_crossing(std::span<const SubspaceRun> runs,
                                     const ScoreThreshold& threshold, std::size_t num_resamples,
                                     Rng& rng) {
  std::map<std::string, std::size_t> times;
  for (const SubspaceRun& run : runs) {
    if (!std::isfinite(run.score)) refuse("a run has no score", "a number per run");
    times[run.seed] = 1;
  }
  ThresholdCrossing result = cross(runs, threshold, times);
  if (result.points.empty()) refuse("there is no run in a subspace", "runs with d >= 1");
  if (std::isnan(result.threshold)) {
    refuse("there is no direct training to compare with", "a baseline, or an absolute threshold");
  }
  std::vector<std::string> seeds;
  for (const auto& [seed, count] : times) seeds.push_back(seed);
  std::vector<double> dimensions;
  std::size_t num_used = 0, num_reached = 0;
  for (std::size_t resample = 0; resample < num_resamples; ++resample) {
    for (auto& [seed, count] : times) count = 0;
    for (std::size_t i = 0; i < seeds.size(); ++i) ++times[seeds[rng.below(seeds.size())]];
    const ThresholdCrossing drawn = cross(runs, threshold, times);
    if (drawn.points.empty() || std::isnan(drawn.threshold)) continue;
    ++num_used;
    num_reached += drawn.at ? 1 : 0;
    dimensions.push_back(drawn.at ? static_cast<double>(drawn.points[*drawn.at].dimension)
                                  : std::numeric_limits<double>::infinity());
  }
  result.interval = percentiles(std::move(dimensions));
  if (num_used > 0) {
    result.share_reached = static_cast<double>(num_reached) / static_cast<double>(num_used);
  }
  return result;
}

std::string objection(const ThresholdCrossing& crossing) {
  if (!crossing.at) {
    return fmt::format("no dimension up to {} reaches the threshold",
                       crossing.points.back().dimension);
  }
  const DimensionPoint& above = crossing.points[*crossing.at];
  if (*crossing.at == 0) {
    return fmt::format("already the lowest dimension, {}, reaches the threshold", above.dimension);
  }
  const DimensionPoint& below = crossing.points[*crossing.at - 1];
  const std::size_t num_runs = std::min(above.num_runs, below.num_runs);
  if (num_runs < kEnoughSeeds) {
    return fmt::format("{} seed{} at the crossing between {} and {}, {} are needed", num_runs,
                       num_runs == 1 ? "" : "s", below.dimension, above.dimension, kEnoughSeeds);
  }
  if (static_cast<double>(above.dimension) > kFineStep * static_cast<double>(below.dimension) + 1) {
    return fmt::format("the grid is coarse: nothing was run between {} and {}", below.dimension,
                       above.dimension);
  }
  return "";
}

std::string name_of(const ScoreThreshold& threshold) {
  return threshold.absolute ? "d_int" : fmt::format("d_int{:.4g}", 100.0 * threshold.fraction);
}

}  // namespace trimtab
