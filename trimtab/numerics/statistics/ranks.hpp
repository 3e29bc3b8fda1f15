#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace trimtab {

/// Ranks 1..n, ascending; equal values share the mean of theirs.
struct Ranks {
  std::vector<double> values;  ///< (n), in the order of the data; multiples of 1/2
  double tie_term = 0.0;       ///< sum over groups of equal values of t^3 - t; 0 = no ties
};

/// mid_ranks({10, 30, 10}) = 1.5, 3, 1.5 with tie term 6 [tested].
/// @throws BugError when a value is NaN. O(n log n).
Ranks mid_ranks(std::span<const double> x);

}  // namespace trimtab
