#include "trimtab/science/capability_dynamics/isotonic_curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "trimtab/numerics/isotonic_fit.hpp"

namespace trimtab {
namespace {

std::vector<double> weights_of(std::span<const double> errors) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const double error : errors) {
    if (error > 0.0) smallest = std::min(smallest, error);
  }
  std::vector<double> weights;
  for (const double error : errors) {
    const double used = error > 0.0 ? error : std::isinf(smallest) ? 1.0 : smallest;
    weights.push_back(1.0 / (used * used));
  }
  return weights;
}

}  // namespace

TaskCurves isotonic_curves(const TaskCurves& curves) {
  TaskCurves result = curves;
  for (std::size_t t = 0; t < curves.scores.size(); ++t) {
    for (std::size_t c = 0; c < curves.scores[t].size(); ++c) {
      result.scores[t][c] = isotonic_fit(curves.scores[t][c], weights_of(curves.errors[t][c]));
    }
  }
  return result;
}

}  // namespace trimtab
