#include "trimtab/schedules/dehb/dehb.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(dehb, Dehb)

namespace trimtab {
namespace {

constexpr std::size_t kMinMembers = 4;  // a target and three parents
constexpr int kAttempts = 100;

}  // namespace

Info Dehb::info() {
  Info info;
  info.name = "dehb";
  info.purpose = "differential evolution on every level of hyperband";
  info.source = "Awad, Mallik and Hutter 2021, section 4";
  info.options = {
      {"factor", 0.5, "mutation factor", 0.0, 2.0},
      {"crossover", 0.5, "probability that a parameter comes from the mutant", 0.0, 1.0}};
  return info;
}

Dehb::Dehb(const OptionValues& options, const ScheduleSetting& setting)
    : ladder_(setting), factor_(options.number("factor")), crossover_(options.number("crossover")) {
  const double eta = setting.fidelity.eta;
  const int top = ladder_.top();
  for (int level = 0; level <= top; ++level) {
    const auto count = static_cast<std::size_t>(std::min(1e6, std::pow(eta, top - level)));
    levels_.push_back({.capacity = std::max(kMinMembers, count)});
  }
  for (int first = 0; first <= top; ++first) {  // bracket by bracket, rung by rung
    const double s = top - first;
    double size = std::min(1e15, std::ceil((top + 1.0) * std::pow(eta, s) / (s + 1.0)));
    for (int level = first; level <= top && size >= 1.0; ++level, size = std::floor(size / eta)) {
      visits_.push_back({level, static_cast<std::int64_t>(size)});
      cycle_ += visits_.back().num_trials;
    }
  }
}

int Dehb::first_level(std::int64_t trial) const {
  std::int64_t rest = trial % cycle_;
  auto visit = visits_.begin();
  for (; rest >= visit->num_trials; ++visit) rest -= visit->num_trials;
  return visit->level;
}

std::size_t Dehb::target_of(std::int64_t trial, int level) const {
  return static_cast<std::size_t>(trial) % levels_[static_cast<std::size_t>(level)].capacity;
}

std::optional<std::int64_t> Dehb::promotion(bool is_growing) const {
  if (is_growing || !levels_.back().members.empty()) return std::nullopt;
  return ladder_.last_resort();
}

void Dehb::tell(const LevelEvent& event) {
  ladder_.tell(event);
  if (event.kind == LevelEvent::Kind::Born) {
    Child& child = children_[event.trial];
    child.point.assign(event.point.begin(), event.point.end());
    child.level = event.level;
    child.target = target_of(event.trial, event.level);
    return;
  }
  const bool is_result =
      event.kind == LevelEvent::Kind::Paused || event.kind == LevelEvent::Kind::Ended;
  const auto found = children_.find(event.trial);
  if (!is_result || found == children_.end()) return;
  Child child = std::move(found->second);
  children_.erase(found);
  if (event.losses.empty()) return;
  double loss = event.losses.front();
  if (std::isnan(loss)) loss = std::numeric_limits<double>::infinity();
  Level& level = levels_[static_cast<std::size_t>(event.level)];
  if (level.members.size() < level.capacity) {
    level.members.push_back({std::move(child.point), loss});
  } else if (loss <= level.members[child.target].loss) {
    level.members[child.target] = {std::move(child.point), loss};
  }
}

// The best of the level below, as many as the level has members; the level itself where that is too
// few, or where there is none below.
std::vector<const Dehb::Individual*> Dehb::parent_pool(int level) const {
  const Level& own = levels_[static_cast<std::size_t>(level)];
  const Level& source =
      level > 0 && levels_[static_cast<std::size_t>(level) - 1].members.size() >= kMinMembers
          ? levels_[static_cast<std::size_t>(level) - 1]
          : own;
  std::vector<const Individual*> pool;
  for (const Individual& member : source.members) pool.push_back(&member);
  std::ranges::stable_sort(pool, {}, &Individual::loss);
  if (&source != &own) pool.resize(std::min(pool.size(), std::max(kMinMembers, own.capacity)));
  return pool;
}

Birth Dehb::birth(std::int64_t number, const Space& space, Rng& rng) const {
  Birth birth;
  const int level = first_level(number);
  const Level& own = levels_[static_cast<std::size_t>(level)];
  std::vector<const Individual*> pool = parent_pool(level);
  const bool is_first = own.members.size() < own.capacity;
  if (pool.size() < kMinMembers || (is_first && level == 0)) return birth;  // the sampler's
  const std::size_t d = space.num_dimensions();
  std::vector<double> a(d), b(d), c(d), target(d);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    for (std::size_t i = 0; i < 3; ++i) std::swap(pool[i], pool[i + rng.below(pool.size() - i)]);
    space.to_unit(pool[0]->point, a);
    space.to_unit(pool[1]->point, b);
    space.to_unit(pool[2]->point, c);
    if (is_first) {
      target = a;
    } else {
      space.to_unit(own.members[target_of(number, level)].point, target);
    }
    const std::size_t certain = d == 0 ? 0 : rng.below(d);
    for (std::size_t j = 0; j < d; ++j) {
      double mutant = a[j] + factor_ * (b[j] - c[j]);
      if (mutant < 0.0 || mutant > 1.0) mutant = rng.uniform01();
      if (j == certain || rng.bernoulli(crossover_)) target[j] = mutant;
    }
    birth.point = space.from_unit(target);
    if (space.satisfies_constraints(birth.point)) return birth;
  }
  birth.point.clear();
  return birth;
}

}  // namespace trimtab
