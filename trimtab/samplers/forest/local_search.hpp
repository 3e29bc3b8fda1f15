#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_set>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::forest {

/// Finds a point of large value: climbs from the best of random points and from given starts, to
/// the first better neighbour (one parameter changed) until there is none. Points that are taken or
/// forbidden are never returned, unless nothing else was found.
/// Source: Hutter, Hoos and Leyton-Brown 2011 (SMAC), section 4.3: neighbours of a number are four
///   normal draws of deviation 0.2 in the unit interval, those of a category its other values.
/// Differs: at most 8 other values of a category, and in each step at most 40 of the parameters,
///   drawn at random; a quarter of the draws of a number have a tenth of the deviation, for the end
///   of a search.
/// Cost: num_random + about 50 evaluations per start and parameter, at most 40 of these.
class LocalSearch {
 public:
  using Value = std::function<double(PointView)>;

  LocalSearch(const Space& space, const Value& value,
              const std::unordered_set<std::uint64_t>& taken)
      : space_(space), value_(value), taken_(taken) {}

  Point run(std::size_t num_random, std::span<const Point> starts, Rng& rng) const;

 private:
  struct Candidate {
    Point point;
    double value = 0.0;
  };

  bool is_allowed(PointView point) const;
  void climb(Candidate& candidate, Rng& rng) const;
  std::vector<Point> neighbours(PointView point, Rng& rng) const;

  const Space& space_;
  const Value& value_;
  const std::unordered_set<std::uint64_t>& taken_;
};

}  // namespace trimtab::forest
