#pragma once

#include <string>

#include "trimtab/core/figure.hpp"
#include "trimtab/report/svg/frame.hpp"

namespace trimtab {

/// A figure of an analysis as a complete <svg> element, with its caption as description; "" when
/// no point of it can be drawn. The height is the format's, or what rows of categories and the key
/// need. Long series are thinned, always to the same points, their extremes kept.
/// @throws BugError as `require_drawable`. O(points).
std::string figure_chart(const Figure& figure, const Format& format);

/// A critical-difference diagram: methods at their mean ranks, a bar over those that are not told
/// apart, the critical difference as a ruler.
std::string rank_chart(const Figure& figure, const Format& format);

}  // namespace trimtab
