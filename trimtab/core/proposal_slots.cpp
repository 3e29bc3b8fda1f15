#include "trimtab/core/proposal_slots.hpp"

#include <algorithm>
#include <utility>

namespace trimtab {

void ProposalSlots::plan(std::size_t slot, Genotype genotype, Point point, std::uint64_t key) {
  plans_[slot] = {true, std::move(genotype), std::move(point), key, num_changes_++};
}

void ProposalSlots::plan_first_points(const Genome& genome, const TriedPoints& tried, Rng& rng) {
  for (std::size_t slot = 0; slot < plans_.size(); ++slot) {
    Genotype genotype = genome.sample(rng);
    Point point = genome.express(genotype);
    const std::uint64_t key = tried.key_of(point);
    plan(slot, std::move(genotype), std::move(point), key);
  }
}

std::vector<std::size_t> ProposalSlots::claim(std::uint64_t key) const {
  std::vector<std::size_t> slots = find(key);
  for (std::size_t slot = plans_.size(); slot-- > 0 && slots.empty();) {
    if (plans_[slot].is_open) slots.push_back(slot);
  }
  return slots;
}

std::size_t ProposalSlots::num_open() const {
  return static_cast<std::size_t>(
      std::count_if(plans_.begin(), plans_.end(), [](const Plan& plan) { return plan.is_open; }));
}

void ProposalSlots::retire(std::size_t slot) {
  plans_[slot].is_open = false;
  plans_[slot].since = num_changes_++;
}

void ProposalSlots::erase(std::size_t slot) {
  plans_.erase(plans_.begin() + static_cast<std::ptrdiff_t>(slot));
}

std::optional<std::size_t> ProposalSlots::due(std::size_t horizon) const {
  std::optional<std::size_t> found;
  if (num_open() >= horizon) return found;
  for (std::size_t slot = 0; slot < plans_.size(); ++slot) {
    if (plans_[slot].is_open) continue;
    if (!found || plans_[slot].since < plans_[*found].since) {
      found = slot;
    }
  }
  return found;
}

bool ProposalSlots::contains(std::uint64_t key) const {
  return std::any_of(plans_.begin(), plans_.end(),
                     [&](const Plan& plan) { return plan.is_open && plan.key == key; });
}

std::vector<std::size_t> ProposalSlots::find(std::uint64_t key) const {
  std::vector<std::size_t> slots;
  for (std::size_t slot = 0; slot < plans_.size(); ++slot) {
    if (plans_[slot].is_open && plans_[slot].key == key) slots.push_back(slot);
  }
  return slots;
}

std::optional<std::size_t> ProposalSlots::oldest(const Proposals& proposals) const {
  std::optional<std::size_t> found;
  for (std::size_t slot = 0; slot < plans_.size(); ++slot) {
    const Plan& plan = plans_[slot];
    if (!plan.is_open || (found && plan.since > plans_[*found].since)) continue;
    if (proposals.is_new(plan.key)) found = slot;
  }
  return found;
}

void ProposalSlots::propose(std::size_t count, Proposals& proposals) const {
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<std::size_t> slot = oldest(proposals);
    if (!slot) return;
    proposals.add(plans_[*slot].point, plans_[*slot].key);
  }
}

}  // namespace trimtab
