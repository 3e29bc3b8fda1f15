#pragma once

#include <span>
#include <vector>

#include "trimtab/core/figure.hpp"
#include "trimtab/science/reusable_holdout/reusable_holdout.hpp"

namespace trimtab {

/// What a sweep believes of its champion, query by query, asked directly and through the mechanism,
/// with the truth where a sealed set tells it; and how the budget went.
/// @param train, holdout  (n) as for `replay_holdout`. @param sealed  (n) or empty.
/// @param sign  -1 where values were negated to be maximised, else 1.
std::vector<Figure> holdout_figures(std::span<const double> train, std::span<const double> holdout,
                                    std::span<const double> sealed, const HoldoutReplay& replay,
                                    std::int64_t budget, double sign);

}  // namespace trimtab
