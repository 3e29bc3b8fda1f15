#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "trimtab/core/rank.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::coordinate {

struct WalkSettings {
  double first_step = 0.25;  ///< of a number's range, between neighbours in the first pass
  double last_step = 0.01;   ///< the walk is over when steps become smaller
  double noise = 0.0;        ///< by how much a loss must be smaller to count as better
};

/// One search along the coordinates as a value: what must be known next, and what follows from it.
///
/// At a coordinate, the neighbours of the best point are tried (for a category, every other
/// choice). If one is better, the walk moves there and goes on in that direction, beyond what it
/// first meant to try, until it gets worse or the range ends; if none is, the next coordinate's
/// turn comes. A pass without any move halves the step. Coordinates of an inactive parameter are
/// skipped, and so are points that the space refuses.
class Walk {
 public:
  /// @param order  of the dimensions; those left out are never changed.
  Walk(const Space& space, std::vector<std::size_t> order, Point start,
       const WalkSettings& settings);

  bool is_over() const { return step_ < settings_.last_step; }
  const Point& best() const { return best_; }

  /// The points whose ranks decide the next move. Empty: `advance` with nothing. O(d choices).
  std::vector<Point> needed() const;
  /// @param ranks  of the needed points, in their order.
  void advance(std::span<const Rank> ranks);

 private:
  Point changed(std::size_t dimension, double value) const;
  void add_neighbours(std::size_t dimension, std::vector<Point>& found) const;
  std::optional<double> neighbour(std::size_t dimension, int direction) const;
  void next_coordinate();

  Space space_;
  std::vector<std::size_t> order_;
  WalkSettings settings_;
  Point best_;
  std::optional<Rank> rank_;  // of the best point; nothing before it is known
  std::size_t position_ = 0;  // in the order
  int direction_ = 0;         // 0: both neighbours; else the way the walk goes
  bool has_moved_ = false;    // in this pass
  double step_;
};

}  // namespace trimtab::coordinate
