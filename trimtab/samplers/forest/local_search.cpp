#include "trimtab/samplers/forest/local_search.hpp"

#include <algorithm>
#include <cmath>

namespace trimtab::forest {
namespace {

constexpr std::size_t kNumStarts = 10;
constexpr int kMaxSteps = 50;  // of one climb
constexpr int kDraws = 4;      // neighbours of a number
constexpr std::size_t kMaxOthers = 8;
constexpr std::size_t kMaxChanged = 40;  // parameters whose neighbours are looked at in a step
constexpr double kDeviation = 0.2;
constexpr int kTightAttempts = 200;

double reflected(double u) {
  u = std::fmod(std::abs(u), 2.0);
  return u > 1.0 ? 2.0 - u : u;
}

}  // namespace

bool LocalSearch::is_allowed(PointView point) const {
  return space_.satisfies_constraints(point) && !taken_.contains(space_.hash(point).low);
}

std::vector<Point> LocalSearch::neighbours(PointView point, Rng& rng) const {
  std::vector<Point> found;
  const auto add = [&](std::size_t j, double value) {
    Point& changed = found.emplace_back(point.begin(), point.end());
    changed[j] = value;
    space_.canonicalise(changed);
  };
  std::vector<std::size_t> active;
  for (std::size_t j = 0; j < point.size(); ++j) {
    if (is_active(point[j])) active.push_back(j);
  }
  if (active.size() > kMaxChanged) {
    rng.shuffle(std::span<std::size_t>(active));
    active.resize(kMaxChanged);
  }
  for (const std::size_t j : active) {
    const Dimension& dimension = space_.dimensions()[j];
    if (dimension.kind == Kind::Categorical) {
      const auto count = static_cast<std::size_t>(dimension.count());
      const std::size_t first = rng.below(count);
      for (std::size_t k = 0; k < std::min(count, kMaxOthers); ++k) {
        const auto choice = static_cast<double>((first + k) % count);
        if (choice != point[j]) add(j, choice);
      }
      continue;
    }
    const double u = dimension.to_unit(point[j]);
    for (int k = 0; k < kDraws; ++k) {
      const double deviation = k == 0 ? 0.1 * kDeviation : kDeviation;
      const double value = dimension.from_unit(reflected(u + deviation * rng.normal()));
      if (value != point[j]) add(j, value);
    }
  }
  rng.shuffle(std::span<Point>(found));
  return found;
}

void LocalSearch::climb(Candidate& candidate, Rng& rng) const {
  for (int step = 0; step < kMaxSteps; ++step) {
    bool is_better = false;
    for (Point& neighbour : neighbours(candidate.point, rng)) {
      const double value = value_(neighbour);
      if (!(value > candidate.value) || !is_allowed(neighbour)) continue;
      candidate = {std::move(neighbour), value};
      is_better = true;
      break;
    }
    if (!is_better) return;
  }
}

Point LocalSearch::run(std::size_t num_random, std::span<const Point> starts, Rng& rng) const {
  std::vector<Candidate> found;
  const auto keep = [&](Point point) {
    if (!is_allowed(point)) return;
    const double value = value_(point);
    found.push_back({std::move(point), value});
  };
  for (std::size_t i = 0; i < num_random; ++i) keep(space_.sample(rng));
  const auto by_value = [](const Candidate& a, const Candidate& b) { return a.value > b.value; };
  std::stable_sort(found.begin(), found.end(), by_value);
  found.resize(std::min(found.size(), kNumStarts));
  // A start is a trial already: its first step leads away from it, whatever it is worth.
  for (const Point& start : starts) {
    Candidate best = {{}, -HUGE_VAL};
    for (Point& neighbour : neighbours(start, rng)) {
      const double value = value_(neighbour);
      if (value > best.value && is_allowed(neighbour)) best = {std::move(neighbour), value};
    }
    if (!best.point.empty()) found.push_back(std::move(best));
  }
  for (Candidate& candidate : found) climb(candidate, rng);
  if (!found.empty()) return std::min_element(found.begin(), found.end(), by_value)->point;
  for (int attempt = 0; attempt < kTightAttempts; ++attempt) {
    Point point = space_.sample(rng);
    if (is_allowed(point)) return point;
  }
  return space_.sample(rng);
}

}  // namespace trimtab::forest
