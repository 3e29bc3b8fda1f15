#pragma once

#include <vector>

#include "bench/problems/conditional.hpp"
#include "bench/problems/continuous.hpp"
#include "bench/problems/mixed.hpp"
#include "bench/problems/problem.hpp"

namespace trimtab::bench {

/// Every problem; half of each family may be used to choose constants, the others only to report.
inline std::vector<Problem> all_problems() {
  std::vector<Problem> problems = {
      sphere(),         ellipsoid(),       rosenbrock(), rastrigin(),
      ackley(),         peaks(),           levy(),       few_matter(),
      mixed_sphere(),   mixed_rastrigin(), training(),   category_pairs(),
      learner_choice(), pipeline(),        table(),      kernel_machine()};
  for (std::size_t i = 0; i < problems.size(); i += 2) problems[i].is_fitted = true;
  return problems;
}

}  // namespace trimtab::bench
