#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "trimtab/core/tried_points.hpp"
#include "trimtab/space/genotype.hpp"

namespace trimtab {

/// For methods in which every member of a population has a next point of its own (differential
/// evolution, particle swarms): what each slot of the population wants to try next. Plans depend on
/// what was told only; `ask` hands the oldest ones out, and a told point finds its slot again by
/// its hash. So nothing needs to be remembered between ask and tell, and no worker waits for a
/// generation to end.
class ProposalSlots {
 public:
  struct Plan {
    bool is_open = false;  ///< there is a plan
    Genotype genotype = {};
    Point point = {};
    std::uint64_t key = 0;    ///< TriedPoints::key_of(point)
    std::int64_t since = -1;  ///< number of the last change; slots that waited longest go first
  };

  ProposalSlots() = default;
  explicit ProposalSlots(std::size_t count) : plans_(count) {}

  std::size_t size() const { return plans_.size(); }
  std::size_t num_open() const;
  const Plan& operator[](std::size_t slot) const { return plans_[slot]; }

  void plan(std::size_t slot, Genotype genotype, Point point, std::uint64_t key);
  /// Plans a first point for every slot, from the priors. O(size * d).
  void plan_first_points(const Genome& genome, const TriedPoints& tried, Rng& rng);
  /// Whose first point a told one is: the slots that planned it, else the last one that still has a
  /// plan (somebody else chose the point; it is as good a beginning). Empty when no plan is open.
  std::vector<std::size_t> claim(std::uint64_t key) const;
  /// Puts a plan that is in its slot before all others.
  void hasten(std::size_t slot) { plans_[slot].since = -1; }
  /// The plan was tried, or is given up; the slot waits for another one behind all others.
  void retire(std::size_t slot);
  void erase(std::size_t slot);

  /// The slot without a plan that has waited longest; nothing when `horizon` plans are open.
  /// O(size).
  std::optional<std::size_t> due(std::size_t horizon) const;
  /// Whether some slot plans the point. O(size).
  bool contains(std::uint64_t key) const;
  /// The slots that plan the point, in ascending order. O(size).
  std::vector<std::size_t> find(std::uint64_t key) const;
  /// Hands out up to `count` plans, the oldest first, leaving out what somebody has tried or runs.
  /// O(count * size).
  void propose(std::size_t count, Proposals& proposals) const;

 private:
  std::optional<std::size_t> oldest(const Proposals& proposals) const;

  std::vector<Plan> plans_;
  std::int64_t num_changes_ = 0;
};

}  // namespace trimtab
