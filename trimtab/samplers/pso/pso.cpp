#include "trimtab/samplers/pso/pso.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "trimtab/core/registry.hpp"

TRIMTAB_SAMPLER(pso, Pso)

namespace trimtab {
namespace {

constexpr double kFreshRate = 0.03;        // of a category or group in a move
constexpr double kUnknownBudget = 1000.0;  // trials
constexpr double kConverged = 1e-9;        // range of a number among the bests
constexpr std::size_t kSmallestHorizon = 4;
constexpr int kPlanAttempts = 8;

std::size_t automatic_size(double budget) {
  const double by_budget = std::round(0.6 * std::sqrt(budget > 0.0 ? budget : kUnknownBudget));
  return static_cast<std::size_t>(std::clamp(by_budget, 6.0, 40.0));
}

void copy(const Gene& gene, const Genotype& from, Genotype& to) {
  for (const std::size_t j : gene.members) to[j] = from[j];
}

}  // namespace

Info Pso::info() {
  Info info;
  info.name = "pso";
  info.purpose = "particle swarm: robust on rough and discontinuous losses, hundreds of trials";
  info.source = "Kennedy and Eberhart 1995; Clerc and Kennedy 2002; Bratton and Kennedy 2007";
  info.options = {
      {"swarm", std::int64_t{0}, "particles; 0 = 0.6 sqrt(budget), 6 to 40", 0.0, 1e6},
      {"inertia", 0.6,
       "share of the velocity that is kept; the source's 0.7298 suits budgets of thousands", 0.0,
       1.0},
      {"own", 1.49618, "attraction of a particle's own best point", 0.0, 4.0},
      {"social", 1.49618, "attraction of the neighbours' best point", 0.0, 4.0},
      {"velocity_limit", 0.2, "largest step, in widths of a parameter's range", 1e-6, 1.0},
      {"topology",
       std::string("global"),
       "who a particle's neighbours are: all, or the two beside it (slower, more thorough)",
       {},
       {},
       {"global", "ring"}},
      {"restarts", true, "start again when the bests have become one point"},
  };
  return info;
}

Capabilities Pso::capabilities() { return {.uses_priors = true}; }

Pso::Pso(const Space& space, const OptionValues& options, const SamplerSetting& setting)
    : space_(space),
      genome_(space),
      seed_(setting.seed),
      inertia_(options.number("inertia")),
      own_(options.number("own")),
      social_(options.number("social")),
      limit_(options.number("velocity_limit")),
      is_ring_(options.text("topology") == "ring"),
      has_restarts_(options.flag("restarts")),
      tried_(space) {
  auto size = static_cast<std::size_t>(options.integer("swarm"));
  if (size == 0) size = automatic_size(static_cast<double>(setting.budget_trials));
  particles_.resize(size);
  slots_ = ProposalSlots(size);
  start();
  if (!space_.has_default()) return;
  const Point point = space_.default_point();
  if (!space_.contains(point)) return;
  slots_.plan(0, genome_.encode(point, slots_[0].genotype), point, tried_.key_of(point));
  slots_.hasten(0);
}

void Pso::start() {
  Rng rng(seed_, num_starts_++, "pso start");
  is_starting_ = true;
  slots_.plan_first_points(genome_, tried_, rng);
}

std::vector<Point> Pso::ask(std::size_t count, Rng& rng) const {
  Proposals proposals(space_, tried_);
  slots_.propose(count, proposals);
  // More workers than particles, or a small space: a move of some particle that nobody planned.
  while (proposals.size() < count) {
    proposals.add_new(
        [&] {
          if (is_starting_) return space_.sample(rng);
          Move move = move_of(rng.below(particles_.size()), rng);
          Point point = genome_.express(move.position);
          return space_.satisfies_constraints(point) ? point : space_.sample(rng);
        },
        rng);
  }
  return std::move(proposals).take();
}

void Pso::tell(std::span<const Observation> finished, std::span<const Observation> active) {
  for (const Observation& observation : finished) add(observation);
  tried_.set_running(active);
}

void Pso::add(const Observation& observation) {
  const std::uint64_t key = tried_.key_of(observation.point);
  const Rank rank = rank_of(observation);
  const bool is_repeat = tried_.is_finished(key);
  const std::vector<std::size_t> found = is_starting_ ? slots_.claim(key) : slots_.find(key);
  tried_.add_finished(key);
  Rng rng(seed_, num_finished_++, "pso move");
  if (is_starting_) {
    for (const std::size_t slot : found) settle(slot, observation, rank, rng);
    is_starting_ = slots_.num_open() > 0;
  } else {
    for (const std::size_t slot : found) arrive(slot, rank);
    if (found.empty() && !is_repeat) admit(observation, rank);
    if (has_restarts_ && num_finished_ % particles_.size() == 0 && has_converged()) start();
  }
  if (!is_starting_) plan_ahead(rng);
}

// The first point of a particle. It flies towards another random point.
void Pso::settle(std::size_t slot, const Observation& observation, const Rank& rank, Rng& rng) {
  Particle& particle = particles_[slot];
  particle.position = genome_.encode(observation.point, slots_[slot].genotype);
  particle.best = particle.position;
  particle.rank = rank;
  particle.velocity.assign(particle.position.size(), 0.0);
  for (const Gene& gene : genome_.genes()) {
    if (gene.type != Gene::Type::Number) continue;
    const std::size_t j = gene.members.front();
    particle.velocity[j] =
        std::clamp((rng.uniform01() - particle.position[j]) / 2.0, -limit_, limit_);
  }
  slots_.retire(slot);
}

void Pso::arrive(std::size_t slot, const Rank& rank) {
  Particle& particle = particles_[slot];
  particle.position = slots_[slot].genotype;
  if (rank <= particle.rank) {
    particle.best = particle.position;
    particle.rank = rank;
  }
  slots_.retire(slot);
}

void Pso::admit(const Observation& observation, const Rank& rank) {
  const auto worst =
      std::max_element(particles_.begin(), particles_.end(),
                       [](const Particle& a, const Particle& b) { return a.rank < b.rank; });
  if (!(rank < worst->rank)) return;
  worst->best = genome_.encode(observation.point, worst->best);
  worst->rank = rank;
}

bool Pso::has_converged() const {
  return particles_.size() > 1 &&
         std::all_of(particles_.begin(), particles_.end(), [&](const Particle& particle) {
           return genome_.is_same(particle.best, particles_.front().best, kConverged);
         });
}

// Half of the swarm has its move planned: enough for that many workers, and each move knows of the
// others' bests until shortly before it is run.
void Pso::plan_ahead(Rng& rng) {
  const std::size_t horizon =
      std::min(particles_.size(), std::max(kSmallestHorizon, particles_.size() / 2));
  while (const std::optional<std::size_t> slot = slots_.due(horizon)) plan_move(*slot, rng);
}

// A move that satisfies the constraints and leads where nobody was or plans to be.
void Pso::plan_move(std::size_t slot, Rng& rng) {
  Move move;
  Point point;
  for (int attempt = 0; attempt <= 2 * kPlanAttempts; ++attempt) {
    if (attempt < kPlanAttempts) {
      move = move_of(slot, rng);
    } else if (attempt < 2 * kPlanAttempts && !genome_.genes().empty()) {
      genome_.mutate(genome_.genes()[rng.below(genome_.genes().size())], move.position, rng);
    } else {
      move.position = genome_.sample(rng);
    }
    point = genome_.express(move.position);
    const std::uint64_t key = tried_.key_of(point);
    const bool is_last = attempt == 2 * kPlanAttempts;
    const bool is_new = !tried_.is_finished(key) && !slots_.contains(key);
    if (!is_last && !(is_new && space_.satisfies_constraints(point))) continue;
    particles_[slot].velocity = std::move(move.velocity);
    return slots_.plan(slot, std::move(move.position), std::move(point), key);
  }
}

const Pso::Particle& Pso::guide_of(std::size_t slot) const {
  const auto is_better = [](const Particle& a, const Particle& b) { return a.rank < b.rank; };
  if (!is_ring_) return *std::min_element(particles_.begin(), particles_.end(), is_better);
  const std::size_t size = particles_.size();
  const Particle& left = particles_[(slot + size - 1) % size];
  const Particle& right = particles_[(slot + 1) % size];
  return std::min(std::min(particles_[slot], left, is_better), right, is_better);
}

Pso::Move Pso::move_of(std::size_t slot, Rng& rng) const {
  const Particle& particle = particles_[slot];
  const Genotype& guide = guide_of(slot).best;
  Move move{particle.position, particle.velocity};
  for (const Gene& gene : genome_.genes()) {
    if (gene.type == Gene::Type::Number) {
      move_number(gene.members.front(), particle, guide, move, rng);
      continue;
    }
    const double by_own = own_ * rng.uniform01();
    const double by_guide = social_ * rng.uniform01();
    const double chance = rng.uniform01() * (inertia_ + by_own + by_guide);
    if (chance < by_own) {
      copy(gene, particle.best, move.position);
    } else if (chance < by_own + by_guide) {
      copy(gene, guide, move.position);
    }
    if (rng.bernoulli(kFreshRate)) genome_.mutate(gene, move.position, rng);
  }
  return move;
}

void Pso::move_number(std::size_t j, const Particle& particle, const Genotype& guide, Move& move,
                      Rng& rng) const {
  double& x = move.position[j];
  double& v = move.velocity[j];
  v = inertia_ * v + own_ * rng.uniform01() * (particle.best[j] - x) +
      social_ * rng.uniform01() * (guide[j] - x);
  v = std::clamp(v, -limit_, limit_);
  x += v;
  if (x >= 0.0 && x <= 1.0) return;
  x = x < 0.0 ? -x : 2.0 - x;  // the limit is at most 1, so that one reflection is enough
  v = -v;
}

}  // namespace trimtab
