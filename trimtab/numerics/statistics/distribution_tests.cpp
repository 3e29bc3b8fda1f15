#include "trimtab/numerics/statistics/distribution_tests.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kOneSampleBelow = 100;
constexpr std::size_t kTwoSampleBelow = 10000;

void require(bool is_right, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "statistics.arguments",
                  .what = "a test of distributions was asked of unsuitable data",
                  .where = "kolmogorov_smirnov_test",
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

// A square matrix and a power of ten that it is to be multiplied by.
struct Scaled {
  std::vector<double> entries;  // (m, m) row-major
  int exponent = 0;
};

Scaled product(const Scaled& a, const Scaled& b, std::size_t m) {
  Scaled c = {std::vector<double>(m * m, 0.0), a.exponent + b.exponent};
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t l = 0; l < m; ++l) {
      const double factor = a.entries[i * m + l];
      for (std::size_t j = 0; j < m; ++j) c.entries[i * m + j] += factor * b.entries[l * m + j];
    }
  }
  if (c.entries[(m / 2) * m + m / 2] > 1e140) {
    for (double& entry : c.entries) entry *= 1e-140;
    c.exponent += 140;
  }
  return c;
}

Scaled power(const Scaled& base, std::size_t n, std::size_t m) {
  if (n == 1) return base;
  const Scaled half = power(base, n / 2, m);
  const Scaled square = product(half, half, m);
  return n % 2 == 0 ? square : product(base, square, m);
}

// The matrix H of Marsaglia, Tsang and Wang for n d = k - h with a whole k and 0 <= h < 1.
Scaled transition_matrix(std::size_t m, double h) {
  Scaled matrix = {std::vector<double>(m * m, 0.0), 0};
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < std::min(m, i + 2); ++j) matrix.entries[i * m + j] = 1.0;
  }
  for (std::size_t i = 0; i < m; ++i) {
    matrix.entries[i * m] -= std::pow(h, static_cast<double>(i + 1));
    matrix.entries[(m - 1) * m + i] -= std::pow(h, static_cast<double>(m - i));
  }
  if (h > 0.5) matrix.entries[(m - 1) * m] += std::pow(2.0 * h - 1.0, static_cast<double>(m));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < std::min(m, i + 2); ++j) {
      for (std::size_t g = 1; g + j <= i + 1; ++g) {
        matrix.entries[i * m + j] /= static_cast<double>(g);
      }
    }
  }
  return matrix;
}

double exact_one_sample_p(double distance, std::size_t n) {
  const double scaled = static_cast<double>(n) * distance;
  const auto k = static_cast<std::size_t>(scaled) + 1;
  const std::size_t m = 2 * k - 1;
  const Scaled powers = power(transition_matrix(m, static_cast<double>(k) - scaled), n, m);
  double inside = powers.entries[(k - 1) * m + k - 1];
  int exponent = powers.exponent;
  for (std::size_t i = 1; i <= n; ++i) {
    inside *= static_cast<double>(i) / static_cast<double>(n);
    if (inside < 1e-140) {
      inside *= 1e140;
      exponent -= 140;
    }
  }
  return std::clamp(1.0 - inside * std::pow(10.0, exponent), 0.0, 1.0);
}

// The pooled values in order, each with how many of x and of y lie at or below it.
struct Step {
  std::int64_t of_x = 0, of_y = 0;
};

std::vector<Step> steps_of(std::span<const double> x, std::span<const double> y) {
  std::vector<double> a(x.begin(), x.end()), b(y.begin(), y.end());
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<Step> steps;
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const double value = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
    while (i < a.size() && a[i] == value) ++i;
    while (j < b.size() && b[j] == value) ++j;
    steps.push_back({static_cast<std::int64_t>(i), static_cast<std::int64_t>(j)});
  }
  return steps;
}

// P(a random order of the pooled values strays at least `gap` = n m distance), looked at only where
// values change. reach[j]: probability of a path to (i, j) that has not strayed.
double exact_two_sample_p(const std::vector<Step>& steps, std::int64_t gap, std::int64_t n,
                          std::int64_t m) {
  std::vector<bool> is_end(static_cast<std::size_t>(n + m + 1), false);
  for (const Step& step : steps) is_end[static_cast<std::size_t>(step.of_x + step.of_y)] = true;
  std::vector<double> reach(static_cast<std::size_t>(m + 1), 0.0);
  for (std::int64_t i = 0; i <= n; ++i) {
    for (std::int64_t j = 0; j <= m; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const double total = static_cast<double>(i + j);
      double probability = i + j == 0 ? 1.0 : reach[at] * static_cast<double>(i) / total;
      if (j > 0) probability += reach[at - 1] * static_cast<double>(j) / total;
      const bool has_strayed =
          is_end[static_cast<std::size_t>(i + j)] && std::abs(i * m - j * n) >= gap;
      reach[at] = has_strayed ? 0.0 : probability;
    }
  }
  return std::clamp(1.0 - reach.back(), 0.0, 1.0);
}

}  // namespace

double kolmogorov_upper_tail(double z) {
  if (!(z > 0.0)) return 1.0;
  double sum = 0.0;
  if (z < 1.0) {
    const double unit = -std::numbers::pi * std::numbers::pi / (8.0 * z * z);
    for (int k = 1; k < 40; k += 2) sum += std::exp(unit * k * k);
    return 1.0 - sum * std::sqrt(2.0 * std::numbers::pi) / z;
  }
  for (int k = 1; k < 20; ++k) sum += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * k * k * z * z);
  return sum;
}

KolmogorovSmirnov kolmogorov_smirnov_test(std::span<const double> x,
                                          const std::function<double(double)>& cdf,
                                          NullDistribution distribution) {
  require(!x.empty(), "a sample that is not empty");
  std::vector<double> sorted(x.begin(), x.end());
  std::sort(sorted.begin(), sorted.end());
  const double n = static_cast<double>(sorted.size());
  KolmogorovSmirnov result;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double expected = cdf(sorted[i]);
    result.distance = std::max({result.distance, expected - static_cast<double>(i) / n,
                                static_cast<double>(i + 1) / n - expected});
  }
  result.is_exact = distribution == NullDistribution::Exact ||
                    (distribution == NullDistribution::Auto && x.size() < kOneSampleBelow);
  result.p = result.is_exact ? exact_one_sample_p(result.distance, x.size())
                             : kolmogorov_upper_tail(std::sqrt(n) * result.distance);
  return result;
}

KolmogorovSmirnov kolmogorov_smirnov_test(std::span<const double> x, std::span<const double> y,
                                          NullDistribution distribution) {
  require(!x.empty() && !y.empty(), "two samples that are not empty");
  const auto n = static_cast<std::int64_t>(x.size()), m = static_cast<std::int64_t>(y.size());
  const std::vector<Step> steps = steps_of(x, y);
  std::int64_t gap = 0;
  for (const Step& step : steps) gap = std::max(gap, std::abs(step.of_x * m - step.of_y * n));
  const double size = static_cast<double>(n) * static_cast<double>(m);
  KolmogorovSmirnov result;
  result.distance = static_cast<double>(gap) / size;
  result.is_exact = distribution == NullDistribution::Exact ||
                    (distribution == NullDistribution::Auto && size < kTwoSampleBelow);
  result.p =
      result.is_exact
          ? exact_two_sample_p(steps, gap, n, m)
          : kolmogorov_upper_tail(std::sqrt(size / static_cast<double>(n + m)) * result.distance);
  return result;
}

}  // namespace trimtab
