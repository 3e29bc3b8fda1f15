#include "trimtab/samplers/evolution/evolution.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "trimtab/core/registry.hpp"

TRIMTAB_SAMPLER(evolution, Evolution)

namespace trimtab {
namespace {

constexpr int kStepAttempts = 20;
// The deviation of a step, as a share of the parameter's range, is drawn between these.
constexpr double kSmallestStep = 0.005;
constexpr double kLargestStep = 0.3;

bool is_success(const Observation& observation) {
  return observation.state == TrialState::Complete && !observation.is_infeasible &&
         !std::isnan(observation.loss) && total_violation(observation.violations) <= 0.0;
}

// No worse in all objectives and better in one.
bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool is_better = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
    is_better = is_better || a[k] < b[k];
  }
  return is_better;
}

// Active numbers of more than one value.
std::vector<std::size_t> steppable(const Space& space, PointView point) {
  std::vector<std::size_t> result;
  const std::span<const Dimension> dimensions = space.dimensions();
  for (std::size_t j = 0; j < dimensions.size(); ++j) {
    const bool is_ordered = dimensions[j].kind != Kind::Categorical;
    if (is_active(point[j]) && is_ordered && dimensions[j].count() != 1) result.push_back(j);
  }
  return result;
}

// Moves one number; what hangs on it follows. An empty point when nothing can be moved.
Point step(const Space& space, const Point& parent, Rng& rng) {
  const std::vector<std::size_t> numbers = steppable(space, parent);
  if (numbers.empty()) return {};
  for (int attempt = 0; attempt < kStepAttempts; ++attempt) {
    const std::size_t j = numbers[rng.below(numbers.size())];
    const Dimension& dimension = space.dimensions()[j];
    const double deviation =
        kSmallestStep * std::pow(kLargestStep / kSmallestStep, rng.uniform01());
    const double u = dimension.to_unit(parent[j]) + deviation * rng.normal();
    if (u < 0.0 || u > 1.0) continue;
    Point child = parent;
    child[j] = dimension.from_unit(u);
    space.canonicalise(child);
    if (child[j] != parent[j] && space.satisfies_constraints(child)) return child;
  }
  return {};
}

}  // namespace

Info Evolution::info() {
  Info info;
  info.name = "evolution";
  info.purpose = "regularised evolution: mutates good recent trials; for large discrete spaces";
  info.source = "Real et al. 2019, arXiv:1802.01548, algorithm 1";
  info.options = {
      {"population", std::int64_t{30},
       "members; the first ones are random. 100 for many thousands of trials", 2.0, 1e6},
      {"tournament", std::int64_t{10}, "members of which the best becomes parent", 1.0, 1e6},
      {"local_rate", 0.5, "share of mutations that move a number instead of drawing it anew", 0.0,
       1.0},
  };
  return info;
}

Capabilities Evolution::capabilities() { return {.multi_objective = true, .uses_priors = true}; }

Evolution::Evolution(const Space& space, const OptionValues& options, const SamplerSetting&)
    : space_(space),
      population_size_(static_cast<std::size_t>(options.integer("population"))),
      tournament_size_(static_cast<std::size_t>(options.integer("tournament"))),
      local_rate_(options.number("local_rate")) {}

std::vector<Point> Evolution::ask(std::size_t count, Rng& rng) const {
  std::vector<Point> points;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_first = num_finished_ + num_running_ + i < population_size_;
    points.push_back(is_first || population_.empty() ? space_.sample(rng)
                                                     : child_of(select(rng), rng));
  }
  return points;
}

const Evolution::Member& Evolution::select(Rng& rng) const {
  const Member* winner = nullptr;
  for (std::size_t i = 0; i < tournament_size_; ++i) {
    const Member& rival = population_[rng.below(population_.size())];
    if (winner == nullptr || dominates(rival.losses, winner->losses)) winner = &rival;
  }
  return *winner;
}

Point Evolution::child_of(const Member& parent, Rng& rng) const {
  if (rng.bernoulli(local_rate_)) {
    Point child = step(space_, parent.point, rng);
    if (!child.empty()) return child;
  }
  return space_.mutate(parent.point, rng);
}

void Evolution::tell(std::span<const Observation> finished, std::span<const Observation> active) {
  for (const Observation& observation : finished) {
    if (!is_success(observation)) continue;
    Member member;
    member.point.assign(observation.point.begin(), observation.point.end());
    if (observation.losses.empty()) {
      member.losses.push_back(observation.loss);
    } else {
      member.losses.assign(observation.losses.begin(), observation.losses.end());
    }
    population_.push_back(std::move(member));
    if (population_.size() > population_size_) population_.pop_front();
  }
  num_finished_ += finished.size();
  num_running_ = active.size();
}

}  // namespace trimtab
