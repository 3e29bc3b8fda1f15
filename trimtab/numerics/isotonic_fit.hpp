#pragma once

#include <span>
#include <vector>

namespace trimtab {

/// The never falling sequence nearest to y in weighted squares.
/// Source: Ayer et al. 1955, pooling of adjacent violators.  Differs: none.
///   y = {1, 3, 2, 4}, weights {1, 1, 3, 1}: {1, 2.25, 2.25, 4}  [tested]
/// @param weights  > 0, as many as y. @throws BugError otherwise. O(n).
std::vector<double> isotonic_fit(std::span<const double> y, std::span<const double> weights);

}  // namespace trimtab
