#include "trimtab/numerics/normal.hpp"

#include <cmath>
#include <numbers>

namespace trimtab {
namespace {

constexpr double kAsymptotic = 20.0;  // where the series is as exact as the direct formula
constexpr double kLogRootTwoPi = 0.91893853320467274178;

// Sum of (-1)^k a_k t^k of an asymptotic series, given the ratios a_k / a_(k - 1).
template <typename Ratio>
double alternating_series(double t, const Ratio& ratio) {
  double term = 1.0;
  double sum = 1.0;
  for (int k = 1; k <= 8; ++k) {
    term *= -ratio(k) * t;
    sum += term;
  }
  return sum;
}

// 1 - |u| Mills(|u|) for u <= -kAsymptotic, times u^2: 1 - 3 / u^2 + 15 / u^4 - ...
double far_improvement(double u) {
  return alternating_series(1.0 / (u * u), [](int k) { return 2.0 * k + 1.0; });
}

}  // namespace

double scaled_erfc(double x) {
  if (x < kAsymptotic) return std::exp(x * x) * std::erfc(x);
  const double sum = alternating_series(0.5 / (x * x), [](int k) { return 2.0 * k - 1.0; });
  return sum / (x * std::sqrt(std::numbers::pi));
}

double log_normal_cdf(double x) {
  const double root = std::numbers::sqrt2;
  if (x > 0.0) return std::log1p(-0.5 * std::erfc(x / root));
  return std::log(0.5 * scaled_erfc(-x / root)) - 0.5 * x * x;
}

LogImprovement log_improvement(double u) {
  if (u > -1.0) {
    const double cdf = 0.5 * std::erfc(-u / std::numbers::sqrt2);
    const double h = std::exp(-0.5 * u * u - kLogRootTwoPi) + u * cdf;
    return {std::log(h), cdf / h};
  }
  const double mills = std::sqrt(std::numbers::pi / 2.0) * scaled_erfc(-u / std::numbers::sqrt2);
  const double log_density = -0.5 * u * u - kLogRootTwoPi;
  if (u > -kAsymptotic) {
    const double relative = 1.0 + u * mills;  // h / phi
    return {log_density + std::log(relative), mills / relative};
  }
  const double relative = far_improvement(u);  // h u^2 / phi
  return {log_density + std::log(relative) - 2.0 * std::log(-u), mills * u * u / relative};
}

}  // namespace trimtab
