#include "trimtab/numerics/statistics/ranks.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trimtab/base/error.hpp"

namespace trimtab {

Ranks mid_ranks(std::span<const double> x) {
  if (std::any_of(x.begin(), x.end(), [](double value) { return std::isnan(value); })) {
    throw BugError({.code = "statistics.arguments",
                    .what = "NaN has no rank",
                    .where = "mid_ranks",
                    .got = "",
                    .expected = "numbers",
                    .hint = ""});
  }
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
  Ranks ranks;
  ranks.values.resize(x.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && x[order[last]] == x[order[first]]) ++last;
    for (std::size_t i = first; i < last; ++i) {
      ranks.values[order[i]] = static_cast<double>(first + 1 + last) / 2.0;
    }
    const double ties = static_cast<double>(last - first);
    ranks.tie_term += ties * ties * ties - ties;
    first = last;
  }
  return ranks;
}

}  // namespace trimtab
