#include "trimtab/core/tried_points.hpp"

#include <utility>

namespace trimtab {

void TriedPoints::set_running(std::span<const Observation> active) {
  running_.clear();
  for (const Observation& observation : active) running_.insert(key_of(observation.point));
}

void Proposals::add(Point point, std::uint64_t key) {
  keys_.insert(key);
  points_.push_back(std::move(point));
}

}  // namespace trimtab
