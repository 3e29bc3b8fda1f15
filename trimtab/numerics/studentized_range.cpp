#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"

namespace trimtab {
namespace {

// Notation in this file
//   k   groups              w   range in units of the true deviation
//   s   estimated deviation over the true one, sqrt(chi^2 / df); x = log s

constexpr double kLogRootTwoPi = 0.91893853320467274178;

// P(range of k normals > w): sum over which of them is the largest, at z.
double range_upper_tail(double w, double k) {
  if (w <= 0.0) return 1.0;
  constexpr double kStep = 0.125, kEnd = 9.0;
  double inside = 0.0, all = 0.0;
  for (double z = -kEnd; z <= kEnd; z += kStep) {
    const double density = std::exp(-0.5 * z * z - kLogRootTwoPi);
    const double below = normal_upper_tail(-z);
    const double out = normal_upper_tail(w - z);  // Phi(z - w), another value falls too low
    inside += density * std::pow(below - out, k - 1.0);
    all += density * std::pow(below, k - 1.0);
  }
  return std::clamp(k * kStep * (all - inside), 0.0, 1.0);
}

// log of the density of x = log s.
double log_density(double x, double df) {
  const double half = 0.5 * df;
  return std::log(2.0) + half * std::log(half) - std::lgamma(half) + df * x -
         half * std::exp(2.0 * x);
}

double upper_tail(double q, double k, double df) {
  const double deviation = std::sqrt(0.5 / df);  // of x, nearly
  const double step = std::min(0.1, 0.5 * deviation);
  double sum = 0.0;
  // From the middle outwards until the density is negligible; to the left it falls as exp(df x).
  for (double x = 0.0;; x += step) {
    const double weight = std::exp(log_density(x, df));
    sum += weight * range_upper_tail(q * std::exp(x), k);
    if (weight < 1e-18) break;
  }
  for (double x = -step;; x -= step) {
    const double weight = std::exp(log_density(x, df));
    sum += weight * range_upper_tail(q * std::exp(x), k);
    if (weight < 1e-18) break;
  }
  return std::clamp(step * sum, 0.0, 1.0);
}

}  // namespace

double studentized_range_upper_tail(double q, double num_groups, double df) {
  if (!(num_groups >= 2.0) || !(df > 0.0)) {
    throw BugError({.code = "distributions.arguments",
                    .what = "a studentized range needs groups and degrees of freedom",
                    .where = "studentized_range_upper_tail",
                    .got = "",
                    .expected = "at least 2 groups and df > 0",
                    .hint = ""});
  }
  if (!(q > 0.0)) return 1.0;
  if (std::isinf(q)) return 0.0;
  // Beyond, the estimate's spread changes nothing within the promised error.
  constexpr double kKnown = 1e12;
  return df > kKnown ? range_upper_tail(q, num_groups) : upper_tail(q, num_groups, df);
}

double studentized_range_upper_quantile(double p, double num_groups, double df) {
  double low = 0.0, high = 8.0;
  while (studentized_range_upper_tail(high, num_groups, df) > p) {
    low = high;
    high *= 2.0;
  }
  for (int step = 0; step < 80 && high - low > 1e-11 * high; ++step) {
    const double middle = 0.5 * (low + high);
    (studentized_range_upper_tail(middle, num_groups, df) > p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace trimtab
