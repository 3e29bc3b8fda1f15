#pragma once

#include <cstddef>

#include "trimtab/base/rng.hpp"
#include "trimtab/samplers/cmaes/search_distribution.hpp"
#include "trimtab/space/dimension.hpp"

namespace trimtab::cmaes {

/// One numeric or ordinal dimension of a space as a Gaussian coordinate x: its range is [0, 1] on
/// the dimension's scale. A continuous x outside of the range means the nearer bound; a discrete
/// value is a cell of x, and the first and the last cell have no end.
class Coordinate {
 public:
  /// @param index  of the dimension in the space. @param dimension  of more than one value.
  Coordinate(std::size_t index, const Dimension& dimension);

  std::size_t index() const { return index_; }
  bool is_discrete() const { return count_ > 0.0; }
  /// Continuous only.
  bool is_at_bound(double value) const {
    return value == dimension_.low || value == dimension_.high;
  }

  /// The legal value at x, any real number.
  double value_of(double x) const;

  /// Discrete only: the cell that holds x.
  Cell cell_at(double x) const;

  /// An x that could have led to the value, drawn from N(mean, deviation^2) restricted to what the
  /// value says: itself inside of a continuous range, everything beyond if it is the bound, a cell
  /// if discrete, anything if inactive (NaN).
  double position_of(double value, double mean, double deviation, Rng& rng) const;

 private:
  Cell cell_of(double index) const;
  double border(double index) const;  // between the values index - 1 and index
  double index_of(double value) const;

  std::size_t index_;
  Dimension dimension_;
  double count_;            // number of values; 0 = continuous
  bool has_unequal_cells_;  // logarithmic with steps
  double log_low_ = 0.0;    // unequal cells: where the first cell begins, on the logarithmic scale
  double log_span_ = 1.0;
};

}  // namespace trimtab::cmaes
