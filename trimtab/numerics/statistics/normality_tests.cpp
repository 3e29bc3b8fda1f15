#include "trimtab/numerics/statistics/normality_tests.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {
namespace {

// Notation: m_i expected order statistics of a normal sample (approximately), a_i coefficients.

// c[0] + c[1] x + c[2] x^2 + ...
double polynomial(std::initializer_list<double> coefficients, double x) {
  double value = 0.0;
  for (auto c = std::rbegin(coefficients); c != std::rend(coefficients); ++c)
    value = value * x + *c;
  return value;
}

// Coefficients of x_(n) - x_(1), x_(n-1) - x_(2), ...; positive.
std::vector<double> coefficients(std::size_t n) {
  if (n == 3) return {std::sqrt(0.5)};
  const auto size = static_cast<double>(n);
  std::vector<double> a(n / 2);
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = -normal_quantile((static_cast<double>(i) + 0.625) / (size + 0.25));
    sum += 2.0 * a[i] * a[i];
  }
  const double root = 1.0 / std::sqrt(size), norm = std::sqrt(sum);
  const double first =
      a[0] / norm + polynomial({0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056}, root);
  double rest = sum - 2.0 * a[0] * a[0], share = 1.0 - 2.0 * first * first;
  double second = 0.0;
  if (n > 5) {
    second =
        a[1] / norm + polynomial({0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633}, root);
    rest -= 2.0 * a[1] * a[1];
    share -= 2.0 * second * second;
  }
  const double scale = std::sqrt(rest / share);
  for (double& value : a) value /= scale;
  a[0] = first;
  if (n > 5) a[1] = second;
  return a;
}

double probability(double w, std::size_t n) {
  if (n == 3) {
    const double p =
        6.0 / std::numbers::pi * (std::asin(std::sqrt(w)) - std::asin(std::sqrt(0.75)));
    return std::max(0.0, p);
  }
  const auto size = static_cast<double>(n);
  const double log_size = std::log(size);
  double y = std::log1p(-w);
  if (n > 11) {
    const double middle = polynomial({-1.5861, -0.31082, -0.083751, 0.0038915}, log_size);
    const double spread = std::exp(polynomial({-0.4803, -0.082676, 0.0030302}, log_size));
    return normal_upper_tail((y - middle) / spread);
  }
  const double limit = polynomial({-2.273, 0.459}, size);
  if (y >= limit) return 0.0;
  y = -std::log(limit - y);
  const double middle = polynomial({0.544, -0.39978, 0.025054, -6.714e-4}, size);
  const double spread = std::exp(polynomial({1.3822, -0.77857, 0.062767, -0.0020322}, size));
  return normal_upper_tail((y - middle) / spread);
}

}  // namespace

ShapiroWilk shapiro_wilk_test(std::span<const double> x) {
  std::vector<double> sorted(x.begin(), x.end());
  std::sort(sorted.begin(), sorted.end());
  if (sorted.size() < 3 || sorted.size() > 5000 || !(sorted.front() < sorted.back())) {
    throw UserError({.code = "shapiro_wilk.sample",
                     .what = "nothing can be said about the normality of this sample",
                     .where = "shapiro_wilk_test",
                     .got = std::to_string(sorted.size()) + " values",
                     .expected = "3 to 5000 values that are not all equal",
                     .hint = ""});
  }
  const std::size_t n = sorted.size();
  const std::vector<double> a = coefficients(n);
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * (sorted[n - 1 - i] - sorted[i]);
  const double squares = variance(sorted) * static_cast<double>(n - 1);
  ShapiroWilk result;
  result.w = std::min(1.0, sum * sum / squares);
  result.p = probability(result.w, n);
  return result;
}

}  // namespace trimtab
