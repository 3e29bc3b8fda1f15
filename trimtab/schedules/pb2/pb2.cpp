#include "trimtab/schedules/pb2/pb2.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "trimtab/core/registry.hpp"
#include "trimtab/schedules/pb2/drifting_process.hpp"

TRIMTAB_SCHEDULE(pb2, Pb2)

namespace trimtab {
namespace {

constexpr std::size_t kMostSegments = 100;
constexpr std::size_t kFewestSegments = 4;
constexpr int kRandomCandidates = 500;
constexpr int kNearCandidates = 100;
constexpr double kNear = 0.1;           // deviation of near candidates, in units of the range
constexpr double kCategoryRate = 0.25;  // of categories that are drawn anew

void standardise(std::vector<double>& values) {
  double mean = 0.0, squares = 0.0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(values.size()));
  for (double& value : values) value = deviation > 0.0 ? (value - mean) / deviation : 0.0;
}

std::vector<double> unit_of(const Space& space, const Point& point) {
  std::vector<double> unit(space.num_dimensions());
  space.to_unit(point, unit);
  return unit;
}

// A candidate: numbers and ordinals anywhere or near, categories as they are or drawn anew.
Point candidate(const Space& space, const Point& from, const std::vector<double>& unit,
                bool is_near, Rng& rng) {
  Point point = from;
  for (std::size_t j = 0; j < point.size(); ++j) {
    const Dimension& dimension = space.dimensions()[j];
    const double step = is_near ? kNear * rng.normal() : 0.0;
    const double u = is_near ? std::clamp(unit[j] + step, 0.0, 1.0) : rng.uniform01();
    if (!is_active(point[j])) continue;
    if (dimension.kind != Kind::Categorical) {
      point[j] = dimension.from_unit(u);
    } else if (rng.bernoulli(kCategoryRate)) {
      point[j] = space.sample_dimension(j, rng);
    }
  }
  space.canonicalise(point);
  return point;
}

}  // namespace

Info Pb2::info() {
  Info info;
  info.name = "pb2";
  info.purpose = "population based training whose changes come from a drifting Gaussian process";
  info.source = "Parker-Holder et al. 2020, algorithm 1";
  info.options = shared_options();
  return info;
}

Pb2::Pb2(const OptionValues& options, const ScheduleSetting& setting)
    : Population(options, setting) {}

// What each of the last segments improved on its parent.
Pb2::Improvements Pb2::improvements(const Space& space) const {
  std::map<std::int64_t, double> loss_of;
  Improvements seen;
  for (const Segment& segment : history()) {
    loss_of[segment.trial] = segment.losses.front();
    const auto before = loss_of.find(segment.parent);
    if (before == loss_of.end() || segment.parent == segment.trial) continue;
    const double improvement = before->second - segment.losses.front();
    if (!std::isfinite(improvement)) continue;
    seen.points.push_back(unit_of(space, segment.point));
    seen.times.push_back(segment.level);
    seen.values.push_back(improvement);
  }
  if (seen.values.size() > kMostSegments) {
    const auto old = static_cast<std::ptrdiff_t>(seen.values.size() - kMostSegments);
    seen.points.erase(seen.points.begin(), seen.points.begin() + old);
    seen.times.erase(seen.times.begin(), seen.times.begin() + old);
    seen.values.erase(seen.values.begin(), seen.values.begin() + old);
  }
  standardise(seen.values);
  return seen;
}

Point Pb2::explore(const Segment& from, int level, const Space& space, Rng& rng) const {
  Improvements seen = improvements(space);
  const bool has_model = seen.values.size() >= kFewestSegments;
  const pb2::DriftingProcess::Kernel kernel =
      has_model ? pb2::DriftingProcess::most_likely(seen.points, seen.times, seen.values)
                : pb2::DriftingProcess::Kernel{};
  const pb2::DriftingProcess process(seen.points, seen.times, seen.values, kernel);
  const double n = static_cast<double>(std::max<std::size_t>(1, seen.values.size()));
  for (const auto& [trial, point] : running()) {
    seen.points.push_back(unit_of(space, point));
    seen.times.push_back(level);
    seen.values.push_back(0.0);
  }
  const pb2::DriftingProcess with_running(seen.points, seen.times, seen.values, kernel);
  const double kappa = std::sqrt(std::max(0.0, 0.2 * std::log(0.4 * n)));
  const std::vector<double> unit = unit_of(space, from.point);
  Point best = from.point;
  double highest = -std::numeric_limits<double>::infinity();
  const int num_candidates = has_model ? kRandomCandidates + kNearCandidates : kNearCandidates;
  for (int i = 0; i < num_candidates; ++i) {
    Point point = candidate(space, from.point, unit, i < kNearCandidates, rng);
    if (!space.satisfies_constraints(point)) continue;
    const std::vector<double> at = unit_of(space, point);
    const double bound =
        process(at, level).mean + kappa * std::sqrt(with_running(at, level).variance);
    if (!(bound > highest)) continue;
    highest = bound;
    best = std::move(point);
  }
  return best;
}

}  // namespace trimtab
