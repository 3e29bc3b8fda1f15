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

void Proposals::add_default(std::size_t count) {
  if (count == 0 || !space_.has_default()) return;
  Point point = space_.default_point();
  const std::uint64_t key = tried_.key_of(point);
  if (is_new(key) && space_.contains(point)) add(std::move(point), key);
}

}  // namespace trimtab
