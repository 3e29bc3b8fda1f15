#include "trimtab/numerics/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kExactBelow = 50;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void require(bool is_right, const char* where, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "statistics.arguments",
                  .what = "a statistic was asked of unsuitable data",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

struct MagnitudeRanks {
  std::vector<std::size_t> doubled;  // of |d|, ascending; twice the mean rank, hence whole
  std::size_t doubled_positive_sum = 0;
  double tie_term = 0.0;  // sum over ties of t^3 - t
};

MagnitudeRanks rank_magnitudes(std::vector<double> d) {
  std::sort(d.begin(), d.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  MagnitudeRanks ranks;
  for (std::size_t first = 0; first < d.size();) {
    std::size_t last = first;
    while (last < d.size() && std::abs(d[last]) == std::abs(d[first])) ++last;
    const std::size_t doubled = first + 1 + last;  // (first + 1) + ... + last, mean, doubled
    for (std::size_t i = first; i < last; ++i) {
      ranks.doubled.push_back(doubled);
      if (d[i] > 0.0) ranks.doubled_positive_sum += doubled;
    }
    const double ties = static_cast<double>(last - first);
    ranks.tie_term += ties * ties * ties - ties;
    first = last;
  }
  return ranks;
}

// Every sign pattern is equally likely: counts them by their sum of positive doubled ranks.
double exact_signed_rank_p(const MagnitudeRanks& ranks, Alternative alternative) {
  const std::size_t total =
      std::accumulate(ranks.doubled.begin(), ranks.doubled.end(), std::size_t{0});
  std::vector<double> counts(total + 1, 0.0);
  counts[0] = 1.0;
  for (const std::size_t rank : ranks.doubled) {
    for (std::size_t sum = total; sum >= rank; --sum) counts[sum] += counts[sum - rank];
  }
  const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(ranks.doubled_positive_sum);
  const double below = std::accumulate(counts.begin(), middle + 1, 0.0);
  const double above = std::accumulate(middle, counts.end(), 0.0);
  const double total_count = std::ldexp(1.0, static_cast<int>(ranks.doubled.size()));
  return probability_of(alternative, below / total_count, above / total_count);
}

double normal_signed_rank_p(const MagnitudeRanks& ranks, Alternative alternative) {
  const double n = static_cast<double>(ranks.doubled.size());
  const double offset = static_cast<double>(ranks.doubled_positive_sum) / 2.0 - n * (n + 1.0) / 4.0;
  const double spread = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ranks.tie_term / 48.0;
  // Continuity: towards the middle, by half a step.
  double shift = alternative == Alternative::Less ? -0.5 : 0.5;
  if (alternative == Alternative::TwoSided)
    shift = offset == 0.0 ? 0.0 : std::copysign(0.5, offset);
  const double z = (offset - shift) / std::sqrt(spread);
  return probability_of(alternative, normal_upper_tail(-z), normal_upper_tail(z));
}

double standardised(double m, double s) {
  if (s > 0.0) return m / s;
  return m == 0.0 ? kNan : std::copysign(kInfinity, m);
}

}  // namespace

int telling_digits(const Interval& interval) {
  const double width = interval.high - interval.low;
  const double largest = std::max(std::abs(interval.low), std::abs(interval.high));
  if (!(width > 0.0) || !std::isfinite(width)) return 3;
  return std::clamp(1 + static_cast<int>(std::ceil(std::log10(largest / width))), 2, 6);
}

double mean(std::span<const double> x) {
  require(!x.empty(), "mean", "at least one number");
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double variance(std::span<const double> x) {
  require(x.size() >= 2, "variance", "at least two numbers");
  // Rounding of the mean must not give equal numbers a spread.
  if (std::all_of(x.begin(), x.end(), [&](double value) { return value == x.front(); })) return 0.0;
  const double m = mean(x);
  double sum = 0.0;
  for (const double value : x) sum += (value - m) * (value - m);
  return sum / static_cast<double>(x.size() - 1);
}

double quantile(std::span<const double> x, double q) {
  require(!x.empty() && q >= 0.0 && q <= 1.0, "quantile", "numbers, and q in [0, 1]");
  std::vector<double> sorted(x.begin(), x.end());
  std::sort(sorted.begin(), sorted.end());
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double fraction = position - static_cast<double>(below);
  if (fraction == 0.0) return sorted[below];
  return sorted[below] + fraction * (sorted[above] - sorted[below]);
}

PairedT paired_t_test(std::span<const double> d, double level, Alternative alternative) {
  require(d.size() >= 2, "paired_t_test", "at least two differences");
  require(level > 0.0 && level < 1.0, "paired_t_test", "a level in (0, 1)");
  const double n = static_cast<double>(d.size());
  const double error = std::sqrt(variance(d) / n);
  PairedT result;
  result.difference = error == 0.0 ? d.front() : mean(d);
  result.t = standardised(result.difference, error);
  if (error == 0.0) {
    result.p = probability_of(alternative, result.difference < 0.0 ? 0.0 : 1.0,
                              result.difference > 0.0 ? 0.0 : 1.0);
    result.interval = {result.difference, result.difference};
    return result;
  }
  result.p = probability_of(alternative, student_t_upper_tail(-result.t, n - 1.0),
                            student_t_upper_tail(result.t, n - 1.0));
  const double half = student_t_quantile(0.5 + level / 2.0, n - 1.0) * error;
  result.interval = {result.difference - half, result.difference + half};
  return result;
}

SignedRank signed_rank_test(std::span<const double> d, Alternative alternative,
                            NullDistribution distribution) {
  std::vector<double> used;
  std::copy_if(d.begin(), d.end(), std::back_inserter(used),
               [](double value) { return value != 0.0; });
  SignedRank result;
  result.num_used = used.size();
  if (used.empty()) return result;
  const MagnitudeRanks ranks = rank_magnitudes(std::move(used));
  result.positive_rank_sum = static_cast<double>(ranks.doubled_positive_sum) / 2.0;
  result.is_exact = distribution == NullDistribution::Exact ||
                    (distribution == NullDistribution::Auto && result.num_used < kExactBelow);
  result.p = result.is_exact ? exact_signed_rank_p(ranks, alternative)
                             : normal_signed_rank_p(ranks, alternative);
  return result;
}

SignTest sign_test(std::span<const double> d, Alternative alternative) {
  SignTest result;
  for (const double value : d) {
    if (value > 0.0) ++result.num_positive;
    if (value < 0.0) ++result.num_negative;
  }
  const std::size_t n = result.num_positive + result.num_negative;
  if (n == 0) return result;
  const double size = static_cast<double>(n);
  result.p =
      probability_of(alternative, binomial_cdf(static_cast<double>(result.num_positive), size, 0.5),
                     binomial_cdf(static_cast<double>(result.num_negative), size, 0.5));
  return result;
}

EffectSize effect_size(std::span<const double> d, double level) {
  require(d.size() >= 2, "effect_size", "at least two differences");
  require(level > 0.0 && level < 1.0, "effect_size", "a level in (0, 1)");
  const double root_n = std::sqrt(static_cast<double>(d.size()));
  const double freedom = static_cast<double>(d.size() - 1);
  const double s = std::sqrt(variance(d));
  EffectSize result;
  result.d_z = standardised(s == 0.0 ? d.front() : mean(d), s);
  const double correction =
      freedom < 2.0 ? kNan  // Gamma((f - 1) / 2) has a pole at f = 1
                    : std::exp(std::lgamma(freedom / 2.0) - std::lgamma((freedom - 1.0) / 2.0)) /
                          std::sqrt(freedom / 2.0);
  result.hedges_g = correction * result.d_z;
  // The distribution cannot be evaluated far out; an effect of 30 deviations needs no interval.
  const double t = result.d_z * root_n;
  if (!std::isfinite(t) || std::abs(result.d_z) > 30.0) return result;
  result.interval = {noncentral_t_noncentrality(t, freedom, 0.5 + level / 2.0) / root_n,
                     noncentral_t_noncentrality(t, freedom, 0.5 - level / 2.0) / root_n};
  return result;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.begin(), p.end());
  double largest = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - k) * p[order[k]]));
    adjusted[order[k]] = largest;
  }
  return adjusted;
}

Interval bootstrap_interval(std::span<const double> x,
                            const std::function<double(std::span<const double>)>& statistic,
                            std::size_t num_resamples, double level, Rng& rng) {
  require(!x.empty() && num_resamples >= 1, "bootstrap_interval", "numbers and a resample");
  require(level > 0.0 && level < 1.0, "bootstrap_interval", "a level in (0, 1)");
  std::vector<double> resample(x.size());
  std::vector<double> values(num_resamples);
  for (double& value : values) {
    for (double& item : resample) item = x[rng.below(x.size())];
    value = statistic(resample);
  }
  return {quantile(values, 0.5 - level / 2.0), quantile(values, 0.5 + level / 2.0)};
}

}  // namespace trimtab
