#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/core/rank.hpp"
#include "trimtab/core/sampler.hpp"
#include "trimtab/space/genotype.hpp"

namespace trimtab {

/// The best trials so far, as genotypes: the population of methods in which survival depends on
/// rank alone (genetic algorithms of the (mu + 1) kind, archives of ant colonies).
class Elite {
 public:
  struct Member {
    Genotype genotype;
    Rank rank;
  };

  /// @param size  most members, >= 1.
  explicit Elite(std::size_t size) : size_(size) {}

  std::size_t size() const { return size_; }
  /// Best first; of equals the newest first, so that a plateau is wandered over.
  std::span<const Member> members() const { return members_; }

  /// Takes a trial in if it is among the best. What is inactive in its point gets the values of a
  /// random member. O(size + d).
  void add(const Genome& genome, const Observation& observation, Rng& rng);
  void clear() { members_.clear(); }
  /// Whether there are as many members as may be, all at the same place. O(size d).
  bool is_one_point(const Genome& genome, double tolerance) const;

 private:
  std::size_t size_;
  std::vector<Member> members_;
};

}  // namespace trimtab
