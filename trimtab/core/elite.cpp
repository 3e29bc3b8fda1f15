#include "trimtab/core/elite.hpp"

#include <algorithm>
#include <utility>

namespace trimtab {

void Elite::add(const Genome& genome, const Observation& observation, Rng& rng) {
  const Rank rank = rank_of(observation);
  if (members_.size() == size_ && rank > members_.back().rank) return;
  const Genotype inherited =
      members_.empty() ? genome.sample(rng) : members_[rng.below(members_.size())].genotype;
  if (members_.size() == size_) members_.pop_back();
  const auto place =
      std::lower_bound(members_.begin(), members_.end(), rank,
                       [](const Member& member, const Rank& other) { return member.rank < other; });
  members_.insert(place, {genome.encode(observation.point, inherited), rank});
}

bool Elite::is_one_point(const Genome& genome, double tolerance) const {
  return members_.size() == size_ &&
         std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
           return genome.is_same(member.genotype, members_.front().genotype, tolerance);
         });
}

}  // namespace trimtab
