#pragma once

#include <map>
#include <string>
#include <vector>

#include "trimtab/core/figure.hpp"
#include "trimtab/science/hyperparameter_lottery/hyperparameter_lottery.hpp"

namespace trimtab {

/// The spread of every algorithm's settings on each task (at most four), and what the best of some
/// settings can be expected to give there; over three tasks or more with the same algorithms, the
/// critical-difference diagram of their medians.
/// @param lotteries  by task; "" without a column for it.
std::vector<Figure> lottery_figures(const std::map<std::string, Lottery>& lotteries,
                                    const Objective& objective);

}  // namespace trimtab
