#include "trimtab/samplers/sequential_coordinate/coordinate_walk.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace trimtab::coordinate {
namespace {

constexpr std::uint64_t kMaxChoices = 16;  // of a category that are tried in a pass

bool is_same(PointView a, PointView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (x != x && y != y); });
}

}  // namespace

Walk::Walk(const Space& space, std::vector<std::size_t> order, Point start,
           const WalkSettings& settings)
    : space_(space),
      order_(std::move(order)),
      settings_(settings),
      best_(std::move(start)),
      step_(settings.first_step) {}

Point Walk::changed(std::size_t dimension, double value) const {
  Point point = best_;
  point[dimension] = value;
  space_.canonicalise(point);
  return point;
}

// The next value of an ordered dimension, at least one of its own steps away.
std::optional<double> Walk::neighbour(std::size_t dimension, int direction) const {
  const Dimension& axis = space_.dimensions()[dimension];
  const double here = best_[dimension];
  const double u = axis.to_unit(here) + direction * step_;
  double value = axis.from_unit(std::clamp(u, 0.0, 1.0));
  if (axis.is_discrete() && value == here) {
    const double single = axis.levels > 0 ? 1.0 / static_cast<double>(axis.count()) : 0.0;
    const double step = axis.kind == Kind::Ordinal ? 1.0 : axis.step;
    value = axis.levels > 0
                ? axis.from_unit(std::clamp(axis.to_unit(here) + direction * single, 0.0, 1.0))
                : axis.clip(here + direction * step);
  }
  if (value == here) return std::nullopt;
  return value;
}

void Walk::add_neighbours(std::size_t dimension, std::vector<Point>& found) const {
  const Dimension& axis = space_.dimensions()[dimension];
  std::vector<double> values;
  if (axis.kind == Kind::Categorical) {
    // Of many choices those that follow the present one, so that later passes try others.
    const std::uint64_t count = axis.count();
    const auto here = static_cast<std::uint64_t>(best_[dimension]);
    for (std::uint64_t k = 1; k < count && k <= kMaxChoices; ++k) {
      values.push_back(static_cast<double>((here + k) % count));
    }
  } else {
    for (const int side : {-1, 1}) {
      if (direction_ != 0 && side != direction_) continue;
      if (const auto value = neighbour(dimension, side)) values.push_back(*value);
    }
  }
  for (const double value : values) {
    Point point = changed(dimension, value);
    if (!is_same(point, best_) && space_.satisfies_constraints(point)) {
      found.push_back(std::move(point));
    }
  }
}

std::vector<Point> Walk::needed() const {
  std::vector<Point> points;
  if (!rank_) {
    points.push_back(best_);
  } else if (!is_over() && position_ < order_.size() && is_active(best_[order_[position_]])) {
    add_neighbours(order_[position_], points);
  }
  return points;
}

void Walk::next_coordinate() {
  direction_ = 0;
  if (++position_ < order_.size()) return;
  position_ = 0;
  if (!has_moved_) step_ *= 0.5;
  has_moved_ = false;
}

void Walk::advance(std::span<const Rank> ranks) {
  if (!rank_) {
    rank_ = ranks.front();
    return;
  }
  const std::vector<Point> points = needed();
  std::size_t chosen = points.size();
  for (std::size_t i = 0; i < points.size(); ++i) {
    Rank limit = *rank_;
    limit.loss -= settings_.noise;
    if (ranks[i] < (chosen < points.size() ? ranks[chosen] : limit)) chosen = i;
  }
  if (chosen == points.size()) {
    next_coordinate();
    return;
  }
  const std::size_t dimension = order_[position_];
  const bool is_ordered = space_.dimensions()[dimension].kind != Kind::Categorical;
  const int direction = points[chosen][dimension] > best_[dimension] ? 1 : -1;
  best_ = points[chosen];
  rank_ = ranks[chosen];
  has_moved_ = true;
  if (is_ordered) {
    direction_ = direction;
  } else {
    next_coordinate();  // every other choice has been tried
  }
}

}  // namespace trimtab::coordinate
