#include "trimtab/numerics/statistics/rank_tests.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"
#include "trimtab/numerics/statistics/ranks.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kExactBelow = 50;

void require(bool is_right, const char* where, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "statistics.arguments",
                  .what = "a rank test was asked of unsuitable data",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

// How many ways give n of the pooled ranks to x, by the sum of their doubles. Counts are exact up
// to 2^53 and keep 1e-15 beyond.
std::vector<double> rank_sum_counts(std::span<const double> pooled, std::size_t n) {
  std::vector<std::size_t> doubled;
  for (const double rank : pooled) doubled.push_back(static_cast<std::size_t>(2.0 * rank));
  std::sort(doubled.begin(), doubled.end(), std::greater<>());
  const std::size_t largest = std::accumulate(
      doubled.begin(), doubled.begin() + static_cast<std::ptrdiff_t>(n), std::size_t{0});
  // counts[j][s]: ways to take j of the ranks seen so far with sum s.
  std::vector<std::vector<double>> counts(n + 1, std::vector<double>(largest + 1, 0.0));
  counts[0][0] = 1.0;
  std::size_t num_seen = 0;
  for (const std::size_t rank : doubled) {
    ++num_seen;
    for (std::size_t taken = std::min(n, num_seen); taken >= 1; --taken) {
      for (std::size_t sum = rank; sum <= largest; ++sum) {
        counts[taken][sum] += counts[taken - 1][sum - rank];
      }
    }
  }
  return counts[n];
}

double exact_p(const Ranks& ranks, std::size_t n, double rank_sum, Alternative alternative) {
  const std::vector<double> counts = rank_sum_counts(ranks.values, n);
  const auto seen = counts.begin() + static_cast<std::ptrdiff_t>(2.0 * rank_sum);
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  const double lower = std::accumulate(counts.begin(), seen + 1, 0.0) / total;
  const double upper = std::accumulate(seen, counts.end(), 0.0) / total;
  return probability_of(alternative, lower, upper);
}

double approximate_p(double u, double n, double m, double tie_term, Alternative alternative) {
  const double total = n + m;
  const double variance = n * m / 12.0 * (total + 1.0 - tie_term / (total * (total - 1.0)));
  if (!(variance > 0.0)) return 1.0;
  const double offset = u - n * m / 2.0;
  // Continuity: towards the middle, by half a step.
  double shift = 0.5;
  if (alternative == Alternative::Less) shift = -0.5;
  if (alternative == Alternative::TwoSided)
    shift = offset == 0.0 ? 0.0 : std::copysign(0.5, offset);
  const double z = (offset - shift) / std::sqrt(variance);
  return probability_of(alternative, normal_upper_tail(-z), normal_upper_tail(z));
}

}  // namespace

MannWhitney mann_whitney_test(std::span<const double> x, std::span<const double> y,
                              Alternative alternative, NullDistribution distribution) {
  require(!x.empty() && !y.empty(), "mann_whitney_test", "two samples that are not empty");
  std::vector<double> pooled(x.begin(), x.end());
  pooled.insert(pooled.end(), y.begin(), y.end());
  const Ranks ranks = mid_ranks(pooled);
  const double rank_sum = std::accumulate(
      ranks.values.begin(), ranks.values.begin() + static_cast<std::ptrdiff_t>(x.size()), 0.0);
  const double n = static_cast<double>(x.size()), m = static_cast<double>(y.size());
  MannWhitney result;
  result.u = rank_sum - n * (n + 1.0) / 2.0;
  result.is_exact =
      distribution == NullDistribution::Exact ||
      (distribution == NullDistribution::Auto && x.size() < kExactBelow && y.size() < kExactBelow);
  result.p = result.is_exact ? exact_p(ranks, x.size(), rank_sum, alternative)
                             : approximate_p(result.u, n, m, ranks.tie_term, alternative);
  return result;
}

RankVariance kruskal_wallis_test(std::span<const std::vector<double>> samples) {
  require(samples.size() >= 2, "kruskal_wallis_test", "at least two samples");
  std::vector<double> pooled;
  for (const std::vector<double>& sample : samples) {
    require(!sample.empty(), "kruskal_wallis_test", "samples that are not empty");
    pooled.insert(pooled.end(), sample.begin(), sample.end());
  }
  const Ranks ranks = mid_ranks(pooled);
  const double n = static_cast<double>(pooled.size());
  double sum = 0.0;
  auto first = ranks.values.begin();
  for (const std::vector<double>& sample : samples) {
    const auto last = first + static_cast<std::ptrdiff_t>(sample.size());
    const double rank_sum = std::accumulate(first, last, 0.0);
    sum += rank_sum * rank_sum / static_cast<double>(sample.size());
    first = last;
  }
  RankVariance result;
  result.freedom = static_cast<double>(samples.size()) - 1.0;
  const double untied = 1.0 - ranks.tie_term / (n * n * n - n);
  if (!(untied > 0.0)) return result;
  result.statistic = (12.0 * sum / (n * (n + 1.0)) - 3.0 * (n + 1.0)) / untied;
  result.p = chi_squared_upper_tail(result.statistic, result.freedom);
  return result;
}

FriedmanTest friedman_test(std::span<const double> values, std::size_t num_treatments) {
  require(num_treatments >= 2 && !values.empty() && values.size() % num_treatments == 0,
          "friedman_test", "a full table of at least one block and two treatments");
  const std::size_t num_blocks = values.size() / num_treatments;
  FriedmanTest result;
  result.mean_ranks.assign(num_treatments, 0.0);
  double tie_term = 0.0;
  for (std::size_t block = 0; block < num_blocks; ++block) {
    const Ranks ranks = mid_ranks(values.subspan(block * num_treatments, num_treatments));
    tie_term += ranks.tie_term;
    for (std::size_t j = 0; j < num_treatments; ++j) result.mean_ranks[j] += ranks.values[j];
  }
  const double n = static_cast<double>(num_blocks), k = static_cast<double>(num_treatments);
  double spread = 0.0;
  for (double& rank : result.mean_ranks) {
    const double offset = rank - n * (k + 1.0) / 2.0;
    spread += offset * offset;
    rank /= n;
  }
  const double scale = n * k * (k + 1.0) - tie_term / (k - 1.0);
  if (!(scale > 0.0)) return result;
  result.statistic = 12.0 * spread / scale;
  result.p = chi_squared_upper_tail(result.statistic, k - 1.0);
  const double rest = n * (k - 1.0) - result.statistic;
  // The same order in every block leaves nothing to compare with.
  result.f = rest > 1e-9 * n ? (n - 1.0) * result.statistic / rest
                             : std::numeric_limits<double>::infinity();
  if (num_blocks >= 2) result.p_f = f_upper_tail(result.f, k - 1.0, (k - 1.0) * (n - 1.0));
  return result;
}

}  // namespace trimtab
