#include "trimtab/samplers/grid/grid.hpp"

#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"

TRIMTAB_SAMPLER(grid, Grid)

namespace trimtab {
namespace {

// Refused in a row before the constraints are taken for impossible: about 10 s.
constexpr std::uint64_t kMaxRefused = 20'000'000;

}  // namespace

Info Grid::info() {
  Info info;
  info.name = "grid";
  info.purpose = "every point of a finite space once, then the search ends";
  info.source = "folklore; shuffled by a Feistel network (Luby and Rackoff 1988)";
  info.options = {
      {"levels", std::int64_t{5}, "values that a continuous parameter is cut into", 2.0, 1e6},
      {"order",
       std::string("shuffled"),
       "shuffled (by the study's seed; even an early stop has seen the whole range) or "
       "lexicographic",
       std::nullopt,
       std::nullopt,
       {"shuffled", "lexicographic"}},
  };
  return info;
}

Capabilities Grid::capabilities() { return {.multi_objective = true}; }

Grid::Grid(const Space& space, const OptionValues& options, const SamplerSetting& setting)
    : space_(space.size()
                 ? space
                 : space.discretised(static_cast<std::size_t>(options.integer("levels")))) {
  if (options.text("order") == "shuffled") {
    points_.emplace(space_);
    order_.emplace(points_->size(), setting.seed);
  }
  first_open_ = begin();
}

Grid::Place Grid::begin() const {
  if (!order_) return {.point = space_.first()};
  return {.point = points_->at(order_->at(0))};
}

void Grid::advance(Place& place) const {
  if (!order_) {
    place.is_end = !space_.next(place.point);
    return;
  }
  place.is_end = ++place.index == order_->size();
  if (!place.is_end) place.point = points_->at(order_->at(place.index));
}

// Not finished and within the constraints.
bool Grid::is_open(const Place& place) const {
  return space_.satisfies_constraints(place.point) && !finished_.contains(space_.hash(place.point));
}

bool Grid::is_free(const Place& place) const {
  return is_open(place) && !running_.contains(space_.hash(place.point));
}

std::vector<Point> Grid::ask(std::size_t count, Rng&) const {
  std::vector<Point> points;
  std::uint64_t num_refused = 0;
  for (Place place = first_open_; points.size() < count && !place.is_end; advance(place)) {
    if (is_free(place)) {
      points.push_back(place.point);
      num_refused = 0;
    } else if (++num_refused > kMaxRefused) {
      throw UserError({.code = "grid.constraints",
                       .what = "the grid finds no point that satisfies the constraints",
                       .where = "sampler grid",
                       .got = std::to_string(kMaxRefused) + " points in a row, all refused",
                       .expected = "constraints that leave more than a tiny part of the space",
                       .hint = "express them as conditions, or use fewer levels"});
    }
  }
  return points;
}

void Grid::tell(std::span<const Observation> finished, std::span<const Observation> active) {
  for (const Observation& observation : finished) {
    finished_.insert(space_.hash(observation.point));
  }
  running_.clear();
  for (const Observation& observation : active) running_.insert(space_.hash(observation.point));
  for (std::uint64_t i = 0; i < kMaxRefused && !first_open_.is_end; ++i) {
    if (is_open(first_open_)) return;
    advance(first_open_);
  }
}

}  // namespace trimtab
