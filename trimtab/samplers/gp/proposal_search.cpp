#include "trimtab/samplers/gp/proposal_search.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "trimtab/numerics/bounded_minimum.hpp"

namespace trimtab::gp {
namespace {

constexpr std::size_t kLarge = 320;  // trials from which exact values are scarce
constexpr std::size_t kNumUniform = 300;
constexpr std::size_t kNumIncumbents = 5;
constexpr std::size_t kNumChanges = 60;    // per incumbent
constexpr std::size_t kNumMutations = 10;  // per incumbent
constexpr double kMaxWork = 1e8;           // candidates * trials * features
constexpr std::size_t kNumExact = 24;      // candidates with exact values when they are scarce
constexpr std::size_t kMaxNeighbours = 120;
constexpr std::size_t kMaxChoicesTried = 6;  // of a category at a time
constexpr std::uint64_t kMaxEnumerated = 100'000;
constexpr std::size_t kFew = 16;  // candidates below which the untried points are enumerated
constexpr std::size_t kUntried = 300;
constexpr double kApart = 0.02;  // of a side, between starts of the polish

std::vector<double> unit_sample(std::size_t count, Rng& rng) {
  std::vector<double> unit(count);
  for (double& entry : unit) entry = rng.uniform01();
  return unit;
}

bool has_priors(const Space& space) {
  const auto dimensions = space.dimensions();
  return std::any_of(dimensions.begin(), dimensions.end(), [](const Dimension& dimension) {
    return dimension.prior.shape != Prior::Shape::Uniform;
  });
}

// Back into [0, 1] by reflection at the borders.
double reflected(double u) {
  u = std::abs(u);
  if (u > 1.0) u = 2.0 - u;
  return std::clamp(u, 0.0, 1.0);
}

}  // namespace

std::vector<Point> untried_points(const Space& space,
                                  const std::function<bool(PointView)>& is_taken,
                                  std::size_t limit) {
  std::vector<Point> points;
  const std::optional<std::uint64_t> size = space.size();
  if (!size || *size > kMaxEnumerated) return points;
  Point point = space.first();
  do {
    if (space.satisfies_constraints(point) && !is_taken(point)) points.push_back(point);
  } while (points.size() < limit && space.next(point));
  return points;
}

ProposalSearch::ProposalSearch(const Space& space, const Encoding& encoding,
                               const Observations& observations, const Acquisition& acquisition,
                               const std::function<bool(PointView)>& is_taken)
    : space_(space),
      encoding_(encoding),
      observations_(observations),
      acquisition_(acquisition),
      is_taken_(is_taken),
      is_large_(acquisition.num_points() > kLarge),
      has_priors_(has_priors(space)) {}

Point ProposalSearch::run(Rng& rng) const {
  std::vector<Point> points = candidates(rng);
  if (points.empty()) return space_.sample(rng);
  std::vector<Candidate> starts = apart(best_of(std::move(points), kNumExact), is_large_ ? 2 : 4);
  for (Candidate& start : starts) polish(start, is_large_ ? 12 : 40);
  Candidate best =
      *std::max_element(starts.begin(), starts.end(),
                        [](const Candidate& a, const Candidate& b) { return a.value < b.value; });
  for (int round = 0; round < (is_large_ ? 2 : 5) && step_to_neighbour(best, rng); ++round) {
    polish(best, is_large_ ? 5 : 15);
  }
  return best.point;
}

bool ProposalSearch::is_allowed(PointView point) const {
  return space_.satisfies_constraints(point) && !is_taken_(point);
}

// The conditioned trials of the smallest fitted means; those beyond constraints come last.
std::vector<Point> ProposalSearch::incumbents() const {
  const Surrogate& surrogate = acquisition_.surrogate();
  std::vector<std::size_t> order(surrogate.fitted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t count = std::min(kNumIncumbents, order.size());
  const auto key = [&](std::size_t i) {
    return std::tuple(!observations_.is_feasible(surrogate.points[i]), surrogate.fitted[i], i);
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  std::vector<Point> points;
  for (std::size_t k = 0; k < count; ++k) {
    const PointView point = observations_.point(surrogate.points[order[k]]);
    points.emplace_back(point.begin(), point.end());
  }
  return points;
}

std::vector<Point> ProposalSearch::candidates(Rng& rng) const {
  const double work = static_cast<double>(std::max<std::size_t>(1, acquisition_.num_points()) *
                                          std::max<std::size_t>(1, encoding_.num_features()));
  const double share = std::min(1.0, kMaxWork / (work * 700.0));
  const auto scaled = [&](std::size_t count) {
    return static_cast<std::size_t>(std::ceil(static_cast<double>(count) * share));
  };
  std::vector<Point> points;
  const auto keep = [&](Point point) {
    if (is_allowed(point)) points.push_back(std::move(point));
  };
  for (std::size_t i = 0; i < scaled(kNumUniform); ++i) {
    // Every other one from the priors, where there are any.
    keep(has_priors_ && i % 2 == 0 ? space_.sample(rng)
                                   : space_.from_unit(unit_sample(space_.num_dimensions(), rng)));
  }
  for (const Point& incumbent : incumbents()) {
    for (std::size_t i = 0; i < scaled(kNumChanges); ++i) keep(change(incumbent, rng));
    for (std::size_t i = 0; i < scaled(kNumMutations); ++i) keep(space_.mutate(incumbent, rng));
  }
  if (points.size() >= kFew) return points;
  // Tight constraints, or nearly every point is taken.
  std::vector<Point> untried = untried_points(space_, is_taken_, kUntried);
  if (!untried.empty()) return untried;
  for (int attempt = 0; attempt < 64; ++attempt) keep(space_.sample(rng));
  return points;
}

// Some or all active coordinates moved, by a scale that is uniform in its logarithm.
Point ProposalSearch::change(PointView point, Rng& rng) const {
  Point changed(point.begin(), point.end());
  const double scale = std::exp(rng.uniform(std::log(0.001), std::log(0.4)));
  const auto num_dimensions = static_cast<double>(changed.size());
  const bool is_sparse = rng.bernoulli(0.5);
  const double share = is_sparse ? std::min(1.0, std::max(0.1, 2.0 / num_dimensions)) : 1.0;
  for (std::size_t j = 0; j < changed.size(); ++j) {
    if (!is_active(changed[j]) || !rng.bernoulli(share)) continue;
    const Dimension& dimension = space_.dimensions()[j];
    if (dimension.kind == Kind::Categorical) {
      if (is_sparse || rng.bernoulli(scale)) changed[j] = space_.sample_dimension(j, rng);
      continue;
    }
    const std::uint64_t count = dimension.count();
    const double cell = count == 0 ? 0.0 : 0.7 / static_cast<double>(count);
    const double u = dimension.to_unit(changed[j]) + std::max(scale, cell) * rng.normal();
    changed[j] = dimension.from_unit(reflected(u));
  }
  space_.canonicalise(changed);
  return changed;
}

std::vector<double> ProposalSearch::encode(std::span<const Point> points) const {
  const std::size_t num_features = encoding_.num_features();
  std::vector<double> features(points.size() * num_features);
  for (std::size_t i = 0; i < points.size(); ++i) {
    encoding_.encode(points[i], std::span(features).subspan(i * num_features, num_features));
  }
  return features;
}

// The `count` best points with exact values, best first.
std::vector<ProposalSearch::Candidate> ProposalSearch::best_of(std::vector<Point> points,
                                                               std::size_t count) const {
  std::vector<double> values(points.size());
  acquisition_.cheap_values(encode(points), values);
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  order.resize(std::min(count, order.size()));
  std::vector<Point> chosen;
  for (const std::size_t i : order) chosen.push_back(std::move(points[i]));
  std::vector<double> exact(chosen.size());
  acquisition_.values(encode(chosen), exact);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    candidates.push_back({std::move(chosen[i]), exact[i]});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.value > b.value; });
  return candidates;
}

// The first ones that are not close to one before.
std::vector<ProposalSearch::Candidate> ProposalSearch::apart(std::vector<Candidate> sorted,
                                                             std::size_t count) const {
  std::vector<Candidate> chosen;
  std::vector<std::vector<double>> taken;
  for (Candidate& candidate : sorted) {
    if (chosen.size() == count) break;
    std::vector<double> features = encode(std::span(&candidate.point, 1));
    const bool is_close = std::any_of(taken.begin(), taken.end(), [&](const auto& other) {
      double largest = 0.0;
      for (std::size_t f = 0; f < features.size(); ++f) {
        largest = std::max(largest, std::abs(features[f] - other[f]));
      }
      return largest < kApart;
    });
    if (is_close) continue;
    taken.push_back(std::move(features));
    chosen.push_back(std::move(candidate));
  }
  return chosen;
}

void ProposalSearch::polish(Candidate& candidate, std::size_t max_evaluations) const {
  std::vector<std::size_t> moved;
  for (std::size_t j = 0; j < candidate.point.size(); ++j) {
    if (is_active(candidate.point[j]) && encoding_.is_smooth(j)) moved.push_back(j);
  }
  if (moved.empty()) return;
  std::vector<double> features = encode(std::span(&candidate.point, 1));
  std::vector<double> start;
  for (const std::size_t j : moved) start.push_back(features[encoding_.feature_of(j)]);
  const DifferentiableFunction loss = [&](std::span<const double> x, std::span<double> gradient) {
    for (std::size_t k = 0; k < moved.size(); ++k) features[encoding_.feature_of(moved[k])] = x[k];
    const Acquisition::Gradient got = acquisition_.gradient(features);
    for (std::size_t k = 0; k < moved.size(); ++k) {
      gradient[k] = -got.slope[encoding_.feature_of(moved[k])];
    }
    return -got.value;
  };
  const std::vector<double> low(moved.size(), -0.5);
  const std::vector<double> high(moved.size(), 0.5);
  const BoundedMinimum found = minimise_bounded(
      loss, start, low, high, {.max_evaluations = max_evaluations, .value_tolerance = 1e-6});
  Point polished = candidate.point;
  for (std::size_t k = 0; k < moved.size(); ++k) {
    polished[moved[k]] = space_.dimensions()[moved[k]].from_unit(found.x[k] + 0.5);
  }
  space_.canonicalise(polished);
  if (!is_allowed(polished)) return;
  double value = 0.0;
  acquisition_.values(encode(std::span(&polished, 1)), std::span(&value, 1));
  if (value > candidate.value) candidate = {std::move(polished), value};
}

bool ProposalSearch::step_to_neighbour(Candidate& candidate, Rng& rng) const {
  std::vector<Point> near = neighbours(candidate.point, rng);
  if (near.empty()) return false;
  std::vector<Candidate> found = best_of(std::move(near), 4);
  if (!(found.front().value > candidate.value)) return false;
  candidate = std::move(found.front());
  return true;
}

std::vector<Point> ProposalSearch::neighbours(PointView point, Rng& rng) const {
  std::vector<std::size_t> discrete;
  for (std::size_t j = 0; j < point.size(); ++j) {
    if (is_active(point[j]) && space_.dimensions()[j].is_discrete()) discrete.push_back(j);
  }
  rng.shuffle(std::span(discrete));
  std::vector<Point> found;
  for (const std::size_t j : discrete) {
    if (found.size() >= kMaxNeighbours) break;
    add_neighbours(point, j, rng, found);
  }
  return found;
}

void ProposalSearch::add_neighbours(PointView point, std::size_t j, Rng& rng,
                                    std::vector<Point>& found) const {
  const Dimension& dimension = space_.dimensions()[j];
  const auto add = [&](double value) {
    if (!(value != point[j])) return;
    Point changed(point.begin(), point.end());
    changed[j] = value;
    space_.canonicalise(changed);
    if (is_allowed(changed)) found.push_back(std::move(changed));
  };
  const std::uint64_t count = dimension.count();
  if (dimension.kind == Kind::Categorical) {
    for (std::uint64_t k = 0; k < std::min<std::uint64_t>(count, kMaxChoicesTried); ++k) {
      add(static_cast<double>(count <= kMaxChoicesTried ? k : rng.below(count)));
    }
    return;
  }
  if (dimension.levels > 0) {
    const double cell = 1.0 / static_cast<double>(count);
    add(dimension.from_unit(std::max(0.0, dimension.to_unit(point[j]) - cell)));
    add(dimension.from_unit(std::min(1.0, dimension.to_unit(point[j]) + cell)));
    return;
  }
  const double step = dimension.kind == Kind::Ordinal ? 1.0 : dimension.step;
  add(dimension.clip(point[j] - step));
  add(dimension.clip(point[j] + step));
}

}  // namespace trimtab::gp
