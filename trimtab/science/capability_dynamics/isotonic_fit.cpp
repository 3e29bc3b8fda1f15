#include "trimtab/science/capability_dynamics/isotonic_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

struct Block {
  double level = 0.0;
  double weight = 0.0;
  std::size_t length = 0;
};

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

std::vector<double> isotonic_fit(std::span<const double> y, std::span<const double> weights) {
  if (weights.size() != y.size() ||
      !std::all_of(weights.begin(), weights.end(), [](double each) { return each > 0.0; })) {
    throw BugError({.code = "isotonic_fit.arguments",
                    .what = "the weights do not fit the values",
                    .where = "isotonic_fit",
                    .got = "",
                    .expected = "a positive weight for each value",
                    .hint = ""});
  }
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < y.size(); ++i) {
    blocks.push_back({y[i], weights[i], 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].level > blocks.back().level) {
      const Block last = blocks.back();
      blocks.pop_back();
      Block& into = blocks.back();
      const double weight = into.weight + last.weight;
      into = {(into.level * into.weight + last.level * last.weight) / weight, weight,
              into.length + last.length};
    }
  }
  std::vector<double> fit;
  for (const Block& block : blocks) fit.insert(fit.end(), block.length, block.level);
  return fit;
}

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
