#include "trimtab/numerics/statistics/correlation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"
#include "trimtab/numerics/statistics/ranks.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kEnumerated = 9;
constexpr std::size_t kMaxSeries = 1290;
constexpr std::size_t kKendallBelow = 50;

void require(bool is_right, const char* where, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "statistics.arguments",
                  .what = "a correlation was asked of unsuitable data",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

// NaN when a side does not vary.
double product_moment(std::span<const double> x, std::span<const double> y) {
  const double of_x = mean(x), of_y = mean(y);
  double xx = 0.0, yy = 0.0, xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - of_x) * (x[i] - of_x);
    yy += (y[i] - of_y) * (y[i] - of_y);
    xy += (x[i] - of_x) * (y[i] - of_y);
  }
  if (!(xx > 0.0) || !(yy > 0.0)) return std::nan("");
  return std::clamp(xy / std::sqrt(xx) / std::sqrt(yy), -1.0, 1.0);
}

double student_p(double r, std::size_t n, Alternative alternative) {
  if (std::isnan(r)) return r;
  const double freedom = static_cast<double>(n) - 2.0;
  const double t = r * std::sqrt(freedom / ((1.0 - r) * (1.0 + r)));
  return probability_of(alternative, student_t_upper_tail(-t, freedom),
                        student_t_upper_tail(t, freedom));
}

// S = sum of squared rank differences, even. P(S >= s) by trying all permutations.
double enumerated_upper_tail(double s, std::size_t n) {
  std::vector<int> permutation(n);
  std::iota(permutation.begin(), permutation.end(), 0);
  double num_all = 0.0, num_above = 0.0;
  do {
    int sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const int offset = permutation[i] - static_cast<int>(i);
      sum += offset * offset;
    }
    num_all += 1.0;
    if (sum >= s - 0.5) num_above += 1.0;
  } while (std::next_permutation(permutation.begin(), permutation.end()));
  return num_above / num_all;
}

// The same by Best and Roberts's Edgeworth series in b = 1 / n.
double series_upper_tail(double s, std::size_t n) {
  const double b = 1.0 / static_cast<double>(n);
  const double cube =
      static_cast<double>(n) * (static_cast<double>(n) * static_cast<double>(n) - 1.0);
  const double x = (6.0 * (s - 1.0) / cube - 1.0) * std::sqrt(1.0 / b - 1.0);
  const double y = x * x;
  const double tail_terms =
      0.0879 + 0.0151 * b - y * (0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y));
  const double terms = 0.2274 + b * (0.2531 + 0.1745 * b) +
                       y * (-0.0758 + b * (0.1033 + 0.3932 * b) - y * b * tail_terms);
  const double correction = x * b * terms / std::exp(y / 2.0);
  return std::clamp(correction + normal_upper_tail(x), 0.0, 1.0);
}

double spearman_upper_tail(double s, std::size_t n) {
  const double size = static_cast<double>(n);
  if (s <= 0.0) return 1.0;
  if (s > size * (size * size - 1.0) / 3.0) return 0.0;
  return n <= kEnumerated ? enumerated_upper_tail(s, n) : series_upper_tail(s, n);
}

// Permutations of n by their number of inversions, as probabilities: (n (n - 1) / 2 + 1).
std::vector<double> inversion_probabilities(std::size_t n) {
  std::vector<double> counts = {1.0};
  for (std::size_t size = 2; size <= n; ++size) {
    std::vector<double> longer(counts.size() + size - 1, 0.0);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      for (std::size_t shift = 0; shift < size; ++shift) {
        longer[i + shift] += counts[i] / static_cast<double>(size);
      }
    }
    counts = std::move(longer);
  }
  return counts;
}

int order_of(double a, double b) { return (a > b) - (a < b); }

struct TieCounts {
  double pairs = 0.0;    // sum of t (t - 1)
  double triples = 0.0;  // sum of t (t - 1) (t - 2)
  double weights = 0.0;  // sum of t (t - 1) (2 t + 5)
};

TieCounts count_ties(std::span<const double> x) {
  std::vector<double> sorted(x.begin(), x.end());
  std::sort(sorted.begin(), sorted.end());
  TieCounts counts;
  for (auto first = sorted.begin(); first != sorted.end();) {
    const auto last = std::upper_bound(first, sorted.end(), *first);
    const double t = static_cast<double>(last - first);
    counts.pairs += t * (t - 1.0);
    counts.triples += t * (t - 1.0) * (t - 2.0);
    counts.weights += t * (t - 1.0) * (2.0 * t + 5.0);
    first = last;
  }
  return counts;
}

double normal_kendall_p(double score, double n, const TieCounts& x, const TieCounts& y,
                        Alternative alternative) {
  const double untied = n * (n - 1.0) * (2.0 * n + 5.0);
  double variance =
      (untied - x.weights - y.weights) / 18.0 + x.pairs * y.pairs / (2.0 * n * (n - 1.0));
  if (n > 2.0) variance += x.triples * y.triples / (9.0 * n * (n - 1.0) * (n - 2.0));
  const double z = score / std::sqrt(variance);
  return probability_of(alternative, normal_upper_tail(-z), normal_upper_tail(z));
}

}  // namespace

Correlation pearson_correlation(std::span<const double> x, std::span<const double> y, double level,
                                Alternative alternative) {
  require(x.size() == y.size() && x.size() >= 3, "pearson_correlation", "three pairs or more");
  require(level > 0.0 && level < 1.0, "pearson_correlation", "a level in (0, 1)");
  Correlation result;
  result.coefficient = product_moment(x, y);
  result.p = student_p(result.coefficient, x.size(), alternative);
  if (x.size() < 4) return result;
  const double z = std::atanh(result.coefficient);
  const double half =
      normal_quantile(0.5 + level / 2.0) / std::sqrt(static_cast<double>(x.size()) - 3.0);
  result.interval = {std::tanh(z - half), std::tanh(z + half)};
  return result;
}

Correlation spearman_correlation(std::span<const double> x, std::span<const double> y,
                                 Alternative alternative, NullDistribution distribution) {
  require(x.size() == y.size() && x.size() >= 3, "spearman_correlation", "three pairs or more");
  const Ranks of_x = mid_ranks(x), of_y = mid_ranks(y);
  const bool can_be_exact = of_x.tie_term == 0.0 && of_y.tie_term == 0.0 && x.size() <= kMaxSeries;
  require(distribution != NullDistribution::Exact || can_be_exact, "spearman_correlation",
          "no ties and at most 1290 pairs for the exact distribution");
  Correlation result;
  result.coefficient = product_moment(of_x.values, of_y.values);
  if (!can_be_exact || distribution == NullDistribution::Approximate) {
    result.p = student_p(result.coefficient, x.size(), alternative);
    return result;
  }
  double s = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double offset = of_x.values[i] - of_y.values[i];
    s += offset * offset;
  }
  // A large S means a negative correlation.
  const double negative = spearman_upper_tail(s, x.size());
  const double positive = 1.0 - spearman_upper_tail(s + 2.0, x.size());
  result.p = probability_of(alternative, negative, positive);
  return result;
}

Correlation kendall_correlation(std::span<const double> x, std::span<const double> y,
                                Alternative alternative, NullDistribution distribution) {
  require(x.size() == y.size() && x.size() >= 2, "kendall_correlation", "two pairs or more");
  const double n = static_cast<double>(x.size());
  double score = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      score += static_cast<double>(order_of(x[i], x[j]) * order_of(y[i], y[j]));
    }
  }
  const TieCounts of_x = count_ties(x), of_y = count_ties(y);
  const bool has_ties = of_x.pairs > 0.0 || of_y.pairs > 0.0;
  require(distribution != NullDistribution::Exact || !has_ties, "kendall_correlation",
          "no ties for the exact distribution");
  const double all = n * (n - 1.0);
  Correlation result;
  result.coefficient = 2.0 * score / std::sqrt((all - of_x.pairs) * (all - of_y.pairs));
  if (std::isnan(result.coefficient)) {
    result.p = result.coefficient;
    return result;
  }
  const bool is_exact =
      distribution == NullDistribution::Exact ||
      (distribution == NullDistribution::Auto && !has_ties && x.size() < kKendallBelow);
  if (!is_exact) {
    result.p = normal_kendall_p(score, n, of_x, of_y, alternative);
    return result;
  }
  const std::vector<double> probabilities = inversion_probabilities(x.size());
  const auto num_concordant = static_cast<std::ptrdiff_t>((score + all / 2.0) / 2.0);
  const auto seen = probabilities.begin() + num_concordant;
  result.p = probability_of(alternative, std::accumulate(probabilities.begin(), seen + 1, 0.0),
                            std::accumulate(seen, probabilities.end(), 0.0));
  return result;
}

}  // namespace trimtab
