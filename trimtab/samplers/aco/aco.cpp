#include "trimtab/samplers/aco/aco.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "trimtab/core/registry.hpp"

TRIMTAB_SAMPLER(aco, Aco)

namespace trimtab {
namespace {

constexpr int kConstraintAttempts = 32;
constexpr int kBoundAttempts = 8;
constexpr double kKeepRate = 0.8;          // of the walked-around point's category or group
constexpr double kFreshRate = 0.03;        // of a category or group of an ant
constexpr double kUnknownBudget = 1000.0;  // trials
constexpr double kConverged = 1e-9;        // range of a number in the archive

std::size_t automatic_size(double budget) {
  const double by_budget = std::round(1.5 * std::sqrt(budget > 0.0 ? budget : kUnknownBudget));
  return static_cast<std::size_t>(std::clamp(by_budget, 6.0, 100.0));
}

std::size_t draw_from(std::span<const double> weights, Rng& rng) {
  double at = rng.uniform01() * std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    if (at < weights[i]) return i;
    at -= weights[i];
  }
  return weights.size() - 1;
}

}  // namespace

Info Aco::info() {
  Info info;
  info.name = "aco";
  info.purpose = "ant colony (ACO_R, ACO_MV): samples around an archive of the best; mixed spaces";
  info.source = "Socha and Dorigo 2008, equations 3 to 9; Liao et al. 2014, equations 2 to 4";
  info.options = {
      {"archive", std::int64_t{0}, "points kept; 0 = 1.5 sqrt(budget), 6 to 100", 0.0, 1e6},
      {"locality", 0.05, "q: small = the best points only are searched around", 1e-6, 10.0},
      {"evaporation", 0.85, "xi: small = narrow draws, quick convergence", 1e-3, 10.0},
      {"restarts", true, "start again when the archive has become one point"},
  };
  return info;
}

Capabilities Aco::capabilities() { return {.uses_priors = true}; }

Aco::Aco(const Space& space, const OptionValues& options, const SamplerSetting& setting)
    : space_(space),
      genome_(space),
      seed_(setting.seed),
      locality_(options.number("locality")),
      evaporation_(options.number("evaporation")),
      has_restarts_(options.flag("restarts")),
      archive_(options.integer("archive") > 0
                   ? static_cast<std::size_t>(options.integer("archive"))
                   : automatic_size(static_cast<double>(setting.budget_trials))),
      tried_(space) {
  const double width = locality_ * static_cast<double>(archive_.size());
  for (std::size_t l = 0; l < archive_.size(); ++l) {
    const double z = static_cast<double>(l) / width;
    weights_.push_back(std::exp(-0.5 * z * z));
  }
}

std::vector<Point> Aco::ask(std::size_t count, Rng& rng) const {
  Proposals proposals(space_, tried_);
  proposals.add_default(count);
  while (proposals.size() < count) {
    const std::size_t num_known = archive_.members().size() + num_running_ + proposals.size();
    const bool is_first = archive_.members().empty() || num_known < archive_.size();
    proposals.add_new([&] { return is_first ? space_.sample(rng) : ant(rng); }, rng);
  }
  return std::move(proposals).take();
}

void Aco::tell(std::span<const Observation> finished, std::span<const Observation> active) {
  for (const Observation& observation : finished) {
    const std::uint64_t key = tried_.key_of(observation.point);
    Rng rng(seed_, num_finished_++, "aco archive");
    if (!tried_.is_finished(key)) archive_.add(genome_, observation, rng);
    tried_.add_finished(key);
    const bool is_due = has_restarts_ && num_finished_ % archive_.size() == 0;
    if (is_due && archive_.is_one_point(genome_, kConverged)) archive_.clear();
  }
  tried_.set_running(active);
  num_running_ = active.size();
}

std::size_t Aco::draw_rank(Rng& rng) const {
  return draw_from(std::span<const double>(weights_).first(archive_.members().size()), rng);
}

Point Aco::ant(Rng& rng) const {
  for (int attempt = 0; attempt < kConstraintAttempts; ++attempt) {
    const Genotype& around = archive_.members()[draw_rank(rng)].genotype;
    Genotype genotype = around;
    for (const Gene& gene : genome_.genes()) {
      const std::size_t first = gene.members.front();
      if (gene.type == Gene::Type::Number) {
        genotype[first] = draw_number(first, around, rng);
        continue;
      }
      if (!rng.bernoulli(kKeepRate)) change(gene, genotype, rng);
      if (rng.bernoulli(kFreshRate)) genome_.mutate(gene, genotype, rng);
    }
    Point point = genome_.express(genotype);
    if (space_.satisfies_constraints(point)) return point;
  }
  return space_.sample(rng);
}

void Aco::change(const Gene& gene, Genotype& genotype, Rng& rng) const {
  const std::size_t first = gene.members.front();
  if (gene.type == Gene::Type::Category) {
    genotype[first] = static_cast<double>(draw_from(chances(first), rng));
    return;
  }
  const Genotype& other = archive_.members()[draw_rank(rng)].genotype;
  for (const std::size_t j : gene.members) genotype[j] = other[j];
}

double Aco::draw_number(std::size_t j, const Genotype& around, Rng& rng) const {
  double distance = 0.0;
  for (const Elite::Member& member : archive_.members()) {
    distance += std::abs(member.genotype[j] - around[j]);
  }
  const double others =
      static_cast<double>(std::max<std::size_t>(archive_.members().size(), 2) - 1);
  const double deviation = evaporation_ * distance / others;
  double x = around[j];
  for (int attempt = 0; attempt < kBoundAttempts; ++attempt) {
    x = around[j] + deviation * rng.normal();
    if (x >= 0.0 && x <= 1.0) return x;
  }
  return std::clamp(x, 0.0, 1.0);
}

std::vector<double> Aco::chances(std::size_t dimension) const {
  const auto count = static_cast<std::size_t>(space_.dimensions()[dimension].count());
  std::vector<double> best(count, 0.0);
  std::vector<double> num_having(count, 0.0);
  const std::span<const Elite::Member> members = archive_.members();
  for (std::size_t l = members.size(); l-- > 0;) {  // the best comes last
    const auto value = static_cast<std::size_t>(members[l].genotype[dimension]);
    best[value] = weights_[l];
    num_having[value] += 1.0;
  }
  const auto num_unused =
      static_cast<double>(std::count(num_having.begin(), num_having.end(), 0.0));
  double sum = 0.0;
  for (std::size_t v = 0; v < count; ++v) {
    if (num_having[v] > 0.0) best[v] /= num_having[v];
    if (num_unused > 0.0) best[v] += locality_ / num_unused;
    sum += best[v];
  }
  for (double& chance : best) chance /= sum;
  return best;
}

}  // namespace trimtab
