#pragma once

#include <optional>

#include "trimtab/space/detail/space_data.hpp"

namespace trimtab::space_detail {

/// Draws all members of an active group, uniformly over its legal values.
/// Cost: O(slots + choices); no allocation except for limited subsets.
void sample_group(const SpaceData& data, const Group& group, Point& point, Rng& rng);

/// Makes the members of an active group legal; leaves legal ones as they are. Deterministic.
/// A complete permutation becomes the ranks of its coordinates, other repetitions move to the
/// nearest free choice, subsets keep their largest coordinates, sorted slots carry their blocks.
void repair_group(const SpaceData& data, const Group& group, Point& point);

/// The smallest legal value >= `from` of a member, given the members before it; nothing when there
/// is none. O(members).
std::optional<double> next_legal(const SpaceData& data, const Group& group, std::size_t member,
                                 PointView point, double from);

/// Puts sorted slots in order, together with their blocks. Stable.
void sort_slots(const Group& group, Point& point);
/// Exchanges two slots together with their blocks.
void swap_slots(const Group& group, std::size_t left, std::size_t right, Point& point);

/// Number of values of each slot.
std::size_t num_slot_values(const SpaceData& data, const Group& group);

}  // namespace trimtab::space_detail
