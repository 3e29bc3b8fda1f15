#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace trimtab {

/// One value per dimension of a space, in the order of `Space::dimensions()`; NaN = inactive.
/// Real: the value. Integer: the value as a double. Categorical, Ordinal: the index of the choice.
using Point = std::vector<double>;

/// A point that somebody else owns, e.g. a row of the history's columns.
using PointView = std::span<const double>;

inline constexpr double kInactive = std::numeric_limits<double>::quiet_NaN();

inline bool is_active(double coordinate) { return !std::isnan(coordinate); }

}  // namespace trimtab
