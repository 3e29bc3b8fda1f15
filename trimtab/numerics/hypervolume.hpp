#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace trimtab {

// Notation in this file
//   m     objectives, all MAXIMISED      reference (m)   what a point must beat in each to count
//   points (n, m) row-major

/// Volume of what at least one point dominates above the reference; 0 without points beyond it.
/// Source: two objectives: a sweep. More: While, Bradstreet and Barone 2012 (WFG), each point's
///   exclusive volume over those after it.  Differs: no special case for three objectives.
///   {(1, 2), (2, 1)} above (0, 0): 3 [tested]
/// Cost: O(n log n) for m <= 2, exponential in m in the worst case.
/// @throws BugError unless points has whole rows.
double hypervolume(std::span<const double> points, std::span<const double> reference);

/// Which points no other one dominates (at least as good everywhere, better somewhere); of equal
/// points the first. Indices, ascending. O(n^2 m).
std::vector<std::size_t> non_dominated(std::span<const double> points, std::size_t num_objectives);

}  // namespace trimtab
