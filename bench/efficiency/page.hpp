#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/efficiency/scores.hpp"

namespace trimtab::bench {

/// What the tests say, by contestant.
struct Comparison {
  std::size_t reference = 0;
  std::vector<double> mean_ranks, anytime, last, holm;  ///< holm: against the reference
  std::vector<std::size_t> wins;  ///< problems on which the reference is ahead
  double friedman_p = 1.0;
  double critical_difference = 0.0;
};

/// One self-contained page: ranks with the critical difference, anytime curves, performance
/// profiles, the table of all problems.
std::string efficiency_page(const Scores& scores, const Comparison& comparison);

}  // namespace trimtab::bench
