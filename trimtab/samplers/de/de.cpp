#include "trimtab/samplers/de/de.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "trimtab/core/registry.hpp"

TRIMTAB_SAMPLER(de, De)

namespace trimtab {
namespace {

constexpr std::size_t kSmallestPopulation = 4;
constexpr double kBestShare = 0.2;         // p
constexpr double kArchiveShare = 2.6;      // of the population
constexpr double kFreshRate = 0.03;        // of a category or group in the mutant
constexpr double kUnknownBudget = 1000.0;  // trials
constexpr double kConverged = 1e-9;        // range of a number in the population
constexpr int kPlanAttempts = 8;

// 18 per parameter is the source's size, for budgets of 10 000 trials per parameter.
std::size_t automatic_size(std::size_t num_genes, double budget) {
  const double largest = std::max(18.0 * static_cast<double>(num_genes), 6.0);
  const double by_budget = std::round(0.6 * std::sqrt(budget > 0.0 ? budget : kUnknownBudget));
  return static_cast<std::size_t>(std::clamp(by_budget, 6.0, largest));
}

bool has_same(const Gene& gene, const Genotype& a, const Genotype& b) {
  return std::all_of(gene.members.begin(), gene.members.end(),
                     [&](std::size_t j) { return a[j] == b[j]; });
}

void copy(const Gene& gene, const Genotype& from, Genotype& to) {
  for (const std::size_t j : gene.members) to[j] = from[j];
}

}  // namespace

Info De::info() {
  Info info;
  info.name = "de";
  info.purpose = "differential evolution (L-SHADE): robust, any space, several hundred trials on";
  info.source = "Tanabe and Fukunaga 2014, L-SHADE, algorithm 1";
  info.options = {
      {"population", std::int64_t{0},
       "members at the start, 4 at least; 0 = 0.6 sqrt(budget), 6 to 18 per parameter", 0.0, 1e6},
      {"restarts", true, "start again when the population has become one point"},
  };
  return info;
}

Capabilities De::capabilities() { return {.uses_priors = true}; }

De::De(const Space& space, const OptionValues& options, const SamplerSetting& setting)
    : space_(space),
      genome_(space),
      seed_(setting.seed),
      num_budgeted_(static_cast<double>(setting.budget_trials)),
      first_size_(static_cast<std::size_t>(options.integer("population"))),
      has_restarts_(options.flag("restarts")),
      tried_(space) {
  if (first_size_ == 0) first_size_ = automatic_size(genome_.genes().size(), num_budgeted_);
  first_size_ = std::max(first_size_, kSmallestPopulation);
  members_.resize(first_size_);
  slots_ = ProposalSlots(first_size_);
  start();
  if (!space_.has_default()) return;
  const Point point = space_.default_point();
  if (!space_.contains(point)) return;
  slots_.plan(0, genome_.encode(point, slots_[0].genotype), point, tried_.key_of(point));
  slots_.hasten(0);
}

// All members are drawn from the priors and wait for their losses.
void De::start() {
  Rng rng(seed_, num_starts_++, "de start");
  memory_ = de::SuccessMemory();
  archive_.clear();
  num_in_generation_ = 0;
  is_starting_ = true;
  slots_.plan_first_points(genome_, tried_, rng);
}

std::vector<Point> De::ask(std::size_t count, Rng& rng) const {
  Proposals proposals(space_, tried_);
  slots_.propose(count, proposals);
  // More workers than members, or a small space: a trial without a slot.
  while (proposals.size() < count) {
    proposals.add_new(
        [&] {
          if (is_starting_) return space_.sample(rng);
          const std::size_t target = rng.below(members_.size());
          Genotype trial = trial_of(target, memory_.draw(rng), rng);
          Point point = genome_.express(trial);
          return space_.satisfies_constraints(point) ? point : space_.sample(rng);
        },
        rng);
  }
  return std::move(proposals).take();
}

void De::tell(std::span<const Observation> finished, std::span<const Observation> active) {
  for (const Observation& observation : finished) add(observation);
  tried_.set_running(active);
}

void De::add(const Observation& observation) {
  const std::uint64_t key = tried_.key_of(observation.point);
  const Rank rank = rank_of(observation);
  const bool is_repeat = tried_.is_finished(key);
  const std::vector<std::size_t> found = is_starting_ ? slots_.claim(key) : slots_.find(key);
  tried_.add_finished(key);
  Rng rng(seed_, num_finished_++, "de trial");
  if (is_starting_) {
    for (const std::size_t slot : found) fill(slot, observation, rank);
    if (slots_.num_open() > 0) return;
    is_starting_ = false;
    sort_order();
    plan_ahead(rng);
    return;
  }
  for (const std::size_t slot : found) challenge(slot, rank);
  if (found.empty() && !is_repeat) admit(observation, rank);
  sort_order();
  num_in_generation_ += std::max<std::size_t>(found.size(), 1);
  plan_ahead(rng);
  if (num_in_generation_ >= members_.size()) finish_generation();
}

void De::fill(std::size_t slot, const Observation& observation, const Rank& rank) {
  members_[slot].genotype = genome_.encode(observation.point, slots_[slot].genotype);
  members_[slot].rank = rank;
  slots_.retire(slot);
}

// Half of the population has a trial planned: enough for that many workers, and each plan knows
// of the improvements until shortly before it is run.
void De::plan_ahead(Rng& rng) {
  const std::size_t horizon = std::max(kSmallestPopulation, members_.size() / 2);
  while (const std::optional<std::size_t> slot = slots_.due(horizon)) plan_trial(*slot, rng);
}

void De::challenge(std::size_t slot, const Rank& rank) {
  Member& member = members_[slot];
  slots_.retire(slot);
  if (rank > member.rank) return;
  if (rank < member.rank) {
    const bool is_difference = rank.tier == member.rank.tier;
    memory_.add(member.rates, is_difference ? member.rank.loss - rank.loss
                                            : std::numeric_limits<double>::infinity());
    archive_.push_back(std::move(member.genotype));
  }
  member.genotype = slots_[slot].genotype;
  member.rank = rank;
}

void De::admit(const Observation& observation, const Rank& rank) {
  Member& worst = members_[order_.back()];
  if (!(rank < worst.rank)) return;
  worst.genotype = genome_.encode(observation.point, worst.genotype);
  worst.rank = rank;
}

void De::sort_order() {
  order_.resize(members_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    return members_[a].rank != members_[b].rank ? members_[a].rank < members_[b].rank : a < b;
  });
}

void De::finish_generation() {
  num_in_generation_ = 0;
  memory_.finish_generation();
  shrink();
  const auto most =
      static_cast<std::size_t>(std::round(kArchiveShare * static_cast<double>(members_.size())));
  Rng rng(seed_, num_finished_, "de archive");
  while (archive_.size() > most) {
    std::swap(archive_[rng.below(archive_.size())], archive_.back());
    archive_.pop_back();
  }
  if (has_restarts_ && has_converged()) start();
}

// Linear in the trials told: from the first size to the smallest at the end of the budget.
void De::shrink() {
  if (num_budgeted_ <= 0.0) return;
  const double first = static_cast<double>(first_size_);
  const double used = std::min(static_cast<double>(num_finished_) / num_budgeted_, 1.0);
  const double wanted =
      std::round(first + (static_cast<double>(kSmallestPopulation) - first) * used);
  while (static_cast<double>(members_.size()) > wanted) {
    const std::size_t worst = order_.back();
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(worst));
    slots_.erase(worst);
    sort_order();
  }
}

bool De::has_converged() const {
  return std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
    return genome_.is_same(member.genotype, members_.front().genotype, kConverged);
  });
}

// A trial for the slot that satisfies the constraints and that nobody has tried or plans.
void De::plan_trial(std::size_t slot, Rng& rng) {
  Genotype trial;
  Point point;
  std::uint64_t key = 0;
  const auto is_wanted = [&] {
    if (!space_.satisfies_constraints(point)) return false;
    key = tried_.key_of(point);
    return !tried_.is_finished(key) && !slots_.contains(key);
  };
  for (int attempt = 0; attempt < 2 * kPlanAttempts; ++attempt) {
    if (attempt < kPlanAttempts) {
      members_[slot].rates = memory_.draw(rng);
      trial = trial_of(slot, members_[slot].rates, rng);
    } else if (!genome_.genes().empty()) {
      genome_.mutate(genome_.genes()[rng.below(genome_.genes().size())], trial, rng);
    }
    point = genome_.express(trial);
    if (is_wanted()) return slots_.plan(slot, std::move(trial), std::move(point), key);
  }
  trial = genome_.sample(rng);
  point = genome_.express(trial);
  key = tried_.key_of(point);
  slots_.plan(slot, std::move(trial), std::move(point), key);
}

Genotype De::trial_of(std::size_t target, const de::Rates& rates, Rng& rng) const {
  const std::size_t size = members_.size();
  const auto num_best = std::max<std::size_t>(
      2, static_cast<std::size_t>(std::round(kBestShare * static_cast<double>(size))));
  const Genotype& best = members_[order_[rng.below(num_best)]].genotype;
  std::size_t a = rng.below(size - 1);
  if (a >= target) ++a;
  std::size_t b = rng.below(size + archive_.size());
  while (b == target || b == a) b = rng.below(size + archive_.size());
  const Genotype& plus = members_[a].genotype;
  const Genotype& minus = b < size ? members_[b].genotype : archive_[b - size];

  Genotype trial = members_[target].genotype;
  const std::span<const Gene> genes = genome_.genes();
  const std::size_t forced = genes.empty() ? 0 : rng.below(genes.size());
  for (std::size_t g = 0; g < genes.size(); ++g) {
    if (g != forced && !rng.bernoulli(rates.cr)) continue;
    const Gene& gene = genes[g];
    if (gene.type == Gene::Type::Number) {
      const std::size_t j = gene.members.front();
      double& x = trial[j];
      const double moved = x + rates.f * (best[j] - x) + rates.f * (plus[j] - minus[j]);
      x = moved < 0.0 ? x / 2.0 : (moved > 1.0 ? (x + 1.0) / 2.0 : moved);
      continue;
    }
    if (rng.bernoulli(rates.f)) copy(gene, best, trial);
    if (!has_same(gene, plus, minus) && rng.bernoulli(rates.f)) copy(gene, plus, trial);
    if (rng.bernoulli(kFreshRate)) genome_.mutate(gene, trial, rng);
  }
  return trial;
}

}  // namespace trimtab
