#include "trimtab/numerics/statistics/multiple_comparisons.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"

namespace trimtab {
namespace {

void require(bool is_right, const char* where, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "statistics.arguments",
                  .what = "a multiple comparison was asked of unsuitable data",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

// Runs of `order` (ascending mean rank) whose ends differ by at most `width`, none inside another.
std::vector<std::vector<std::size_t>> cliques_of(std::span<const double> mean_ranks, double width) {
  std::vector<std::size_t> order(mean_ranks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return mean_ranks[a] < mean_ranks[b]; });
  std::vector<std::vector<std::size_t>> cliques;
  std::size_t reached = 0;
  for (std::size_t first = 0; first < order.size(); ++first) {
    std::size_t last = first + 1;
    while (last < order.size() && mean_ranks[order[last]] - mean_ranks[order[first]] <= width) {
      ++last;
    }
    if (last - first < 2 || last <= reached) continue;
    reached = last;
    cliques.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(first),
                         order.begin() + static_cast<std::ptrdiff_t>(last));
  }
  return cliques;
}

}  // namespace

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  std::vector<double> adjusted(p.begin(), p.end());
  const double n = static_cast<double>(order.size());
  double smallest = 1.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    smallest = std::min(smallest, n / (n - static_cast<double>(k)) * p[order[k]]);
    adjusted[order[k]] = smallest;
  }
  return adjusted;
}

std::vector<PairwiseComparison> tukey_hsd(std::span<const double> means,
                                          std::span<const double> counts,
                                          double residual_mean_square, double freedom,
                                          double level) {
  require(means.size() >= 2 && counts.size() == means.size(), "tukey_hsd",
          "at least two means and as many counts");
  require(std::all_of(counts.begin(), counts.end(), [](double n) { return n > 0.0; }), "tukey_hsd",
          "counts above 0");
  require(residual_mean_square > 0.0 && freedom > 0.0, "tukey_hsd", "residual spread and freedom");
  require(level > 0.0 && level < 1.0, "tukey_hsd", "a level in (0, 1)");
  const double k = static_cast<double>(means.size());
  const double critical = studentized_range_upper_quantile(1.0 - level, k, freedom);
  std::vector<PairwiseComparison> pairs;
  for (std::size_t a = 0; a < means.size(); ++a) {
    for (std::size_t b = a + 1; b < means.size(); ++b) {
      const double error =
          std::sqrt(residual_mean_square / 2.0 * (1.0 / counts[a] + 1.0 / counts[b]));
      const double difference = means[b] - means[a];
      pairs.push_back({a,
                       b,
                       difference,
                       {difference - critical * error, difference + critical * error},
                       studentized_range_upper_tail(std::abs(difference) / error, k, freedom)});
    }
  }
  return pairs;
}

NemenyiTest nemenyi_test(std::span<const double> mean_ranks, std::size_t num_blocks, double alpha) {
  require(mean_ranks.size() >= 2 && num_blocks >= 1, "nemenyi_test", "two methods and a block");
  require(alpha > 0.0 && alpha < 1.0, "nemenyi_test", "alpha in (0, 1)");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double k = static_cast<double>(mean_ranks.size());
  const double error = std::sqrt(k * (k + 1.0) / (12.0 * static_cast<double>(num_blocks)));
  NemenyiTest result;
  result.critical_difference = error * studentized_range_upper_quantile(alpha, k, kInfinity);
  for (std::size_t a = 0; a < mean_ranks.size(); ++a) {
    for (std::size_t b = a + 1; b < mean_ranks.size(); ++b) {
      const double difference = mean_ranks[b] - mean_ranks[a];
      result.pairs.push_back(
          {a,
           b,
           difference,
           {difference - result.critical_difference, difference + result.critical_difference},
           studentized_range_upper_tail(std::abs(difference) / error, k, kInfinity)});
    }
  }
  result.cliques = cliques_of(mean_ranks, result.critical_difference);
  return result;
}

}  // namespace trimtab
