#pragma once

#include "trimtab/space/detail/definition.hpp"

namespace trimtab::space_detail {

/// Sorts the parameters of every sub-space so that parents precede the parameters they switch on;
/// otherwise the order of the file is kept. O(parameters + conditions), times a logarithm.
/// @return false when conditions form a circle; the problem names it.
bool sort_by_conditions(SubSpace& root, Problems& problems);

}  // namespace trimtab::space_detail
