#include "trimtab/numerics/isotonic_fit.hpp"

#include <algorithm>
#include <cstddef>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

struct Block {
  double level = 0.0;
  double weight = 0.0;
  std::size_t length = 0;
};

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

}  // namespace trimtab
