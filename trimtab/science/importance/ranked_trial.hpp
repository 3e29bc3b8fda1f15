#pragma once

#include "trimtab/space/point.hpp"

namespace trimtab {

/// A trial as the analysis sees it.
struct RankedTrial {
  PointView point;
  double loss = 0.0;  ///< not NaN
};

}  // namespace trimtab
