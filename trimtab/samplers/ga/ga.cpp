// Notation: eta  index of a distribution: its spread is about 1 / eta      beta  distance of the
// children over the distance of their parents
#include "trimtab/samplers/ga/ga.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "trimtab/core/registry.hpp"

TRIMTAB_SAMPLER(ga, Ga)

namespace trimtab {
namespace {

constexpr int kConstraintAttempts = 32;
constexpr double kUnknownBudget = 1000.0;  // trials
constexpr double kConverged = 1e-9;        // range of a number in the population
constexpr double kEqual = 1e-14;           // parents nearer than this have no crossover

std::size_t automatic_size(double budget) {
  const double by_budget = std::round(0.25 * std::sqrt(budget > 0.0 ? budget : kUnknownBudget));
  return static_cast<std::size_t>(std::clamp(by_budget, 4.0, 100.0));
}

}  // namespace

double simulated_binary_crossover(double a, double b, double index, double u, bool is_upper) {
  const double low = std::min(a, b);
  const double high = std::max(a, b);
  if (high - low < kEqual) return a;
  // The child stays inside when the distribution of beta is cut at what the nearer bound allows.
  const double room = is_upper ? 1.0 - high : low;
  const double alpha = 2.0 - std::pow(1.0 + 2.0 * room / (high - low), -(index + 1.0));
  const double beta = u * alpha <= 1.0 ? std::pow(u * alpha, 1.0 / (index + 1.0))
                                       : std::pow(1.0 / (2.0 - u * alpha), 1.0 / (index + 1.0));
  const double child = 0.5 * (low + high + (is_upper ? beta : -beta) * (high - low));
  return std::clamp(child, 0.0, 1.0);
}

double polynomial_mutation(double x, double index, double u) {
  const double power = 1.0 / (index + 1.0);
  double step = 0.0;
  if (u < 0.5) {
    step = std::pow(2.0 * u + (1.0 - 2.0 * u) * std::pow(1.0 - x, index + 1.0), power) - 1.0;
  } else {
    step = 1.0 - std::pow(2.0 * (1.0 - u) + (2.0 * u - 1.0) * std::pow(x, index + 1.0), power);
  }
  return std::clamp(x + step, 0.0, 1.0);
}

Info Ga::info() {
  Info info;
  info.name = "ga";
  info.purpose = "genetic algorithm: crossover and mutation among the best; any space";
  info.source = "Deb and Agrawal 1995; Deb and Goyal 1996; Whitley 1989";
  info.options = {
      {"population", std::int64_t{0}, "members; 0 = 0.25 sqrt(budget), 4 to 100", 0.0, 1e6},
      {"crossover_index", 0.5, "children of numbers are near their parents if large", 0.0, 1000.0},
      {"mutation_index", 8.0, "mutations of numbers are small if large", 0.0, 1000.0},
      {"restarts", true, "start again when the population has become one point"},
  };
  return info;
}

Capabilities Ga::capabilities() { return {.uses_priors = true}; }

Ga::Ga(const Space& space, const OptionValues& options, const SamplerSetting& setting)
    : space_(space),
      genome_(space),
      seed_(setting.seed),
      crossover_index_(options.number("crossover_index")),
      mutation_index_(options.number("mutation_index")),
      has_restarts_(options.flag("restarts")),
      elite_(options.integer("population") > 0
                 ? static_cast<std::size_t>(options.integer("population"))
                 : automatic_size(static_cast<double>(setting.budget_trials))),
      tried_(space) {}

std::vector<Point> Ga::ask(std::size_t count, Rng& rng) const {
  Proposals proposals(space_, tried_);
  proposals.add_default(count);
  while (proposals.size() < count) {
    const std::size_t num_known = elite_.members().size() + num_running_ + proposals.size();
    const bool is_first = elite_.members().empty() || num_known < elite_.size();
    proposals.add_new([&] { return is_first ? space_.sample(rng) : child(rng); }, rng);
  }
  return std::move(proposals).take();
}

void Ga::tell(std::span<const Observation> finished, std::span<const Observation> active) {
  for (const Observation& observation : finished) {
    const std::uint64_t key = tried_.key_of(observation.point);
    Rng rng(seed_, num_finished_++, "ga member");
    if (!tried_.is_finished(key)) elite_.add(genome_, observation, rng);
    tried_.add_finished(key);
    const bool is_generation = num_finished_ % elite_.size() == 0;
    if (has_restarts_ && is_generation && elite_.size() > 1 &&
        elite_.is_one_point(genome_, kConverged)) {
      elite_.clear();
    }
  }
  tried_.set_running(active);
  num_running_ = active.size();
}

// The better of two members.
const Genotype& Ga::select(Rng& rng) const {
  const std::span<const Elite::Member> members = elite_.members();
  return members[std::min(rng.below(members.size()), rng.below(members.size()))].genotype;
}

Point Ga::child(Rng& rng) const {
  for (int attempt = 0; attempt < kConstraintAttempts; ++attempt) {
    Genotype genotype = select(rng);
    cross(genotype, select(rng), rng);
    mutate(genotype, rng);
    Point point = genome_.express(genotype);
    if (space_.satisfies_constraints(point)) return point;
  }
  return space_.sample(rng);
}

// Every gene is crossed, or comes from the other parent, with probability one half.
void Ga::cross(Genotype& a, const Genotype& b, Rng& rng) const {
  for (const Gene& gene : genome_.genes()) {
    if (!rng.bernoulli(0.5)) continue;
    if (gene.type == Gene::Type::Number) {
      double& x = a[gene.members.front()];
      const double other = b[gene.members.front()];
      // The child on this parent's side, so that alleles stay with their genome.
      x = simulated_binary_crossover(x, other, crossover_index_, rng.uniform01(), x > other);
    } else {
      for (const std::size_t j : gene.members) a[j] = b[j];
    }
  }
}

// One gene on average.
void Ga::mutate(Genotype& genotype, Rng& rng) const {
  const double rate = 1.0 / static_cast<double>(std::max<std::size_t>(genome_.genes().size(), 1));
  for (const Gene& gene : genome_.genes()) {
    if (!rng.bernoulli(rate)) continue;
    if (gene.type == Gene::Type::Number) {
      double& x = genotype[gene.members.front()];
      x = polynomial_mutation(x, mutation_index_, rng.uniform01());
    } else {
      genome_.mutate(gene, genotype, rng);
    }
  }
}

}  // namespace trimtab
