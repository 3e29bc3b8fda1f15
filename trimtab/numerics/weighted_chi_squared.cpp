#include "trimtab/numerics/weighted_chi_squared.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/normal.hpp"

namespace trimtab {
namespace {

constexpr double kLogRootTwoPi = 0.91893853320467274178;

// 1 / r - Phi(-r) / phi(r) for r > 0: by its series where the difference would cancel.
double mills_gap(double r) {
  if (r < 30.0) {
    return 1.0 / r - std::sqrt(std::numbers::pi / 2.0) * scaled_erfc(r / std::numbers::sqrt2);
  }
  const double square = 1.0 / (r * r);
  return (1.0 - 3.0 * square * (1.0 - 5.0 * square * (1.0 - 7.0 * square))) * square / r;
}

}  // namespace

WeightedChiSquared::WeightedChiSquared(std::vector<ChiSquaredPart> parts)
    : parts_(std::move(parts)) {
  bool is_sound = true;
  for (const ChiSquaredPart& part : parts_) {
    is_sound = is_sound && part.weight >= 0.0 && part.freedom >= 0.0 && part.shift >= 0.0;
    largest_ = std::max(largest_, part.weight);
    if (part.weight == 0.0) floor_ += part.shift;
  }
  if (!is_sound || !(largest_ > 0.0)) {
    throw BugError({.code = "weighted_chi_squared.parts",
                    .what = "a weighted sum needs a positive weight and no negative number",
                    .where = "WeightedChiSquared",
                    .got = "",
                    .expected = "weights, degrees and shifts >= 0",
                    .hint = ""});
  }
}

double WeightedChiSquared::mean() const { return slope(0.0); }
double WeightedChiSquared::variance() const { return curvature(0.0); }

double WeightedChiSquared::cumulants(double t) const {
  double sum = 0.0;
  for (const ChiSquaredPart& part : parts_) {
    const double scaled = 2.0 * t * part.weight;
    sum += -0.5 * part.freedom * std::log1p(-scaled) + t * part.shift / (1.0 - scaled);
  }
  return sum;
}

double WeightedChiSquared::slope(double t) const {
  double sum = 0.0;
  for (const ChiSquaredPart& part : parts_) {
    const double rest = 1.0 - 2.0 * t * part.weight;
    sum += part.freedom * part.weight / rest + part.shift / (rest * rest);
  }
  return sum;
}

double WeightedChiSquared::curvature(double t) const {
  double sum = 0.0;
  for (const ChiSquaredPart& part : parts_) {
    const double rest = 1.0 - 2.0 * t * part.weight;
    const double ratio = part.weight / rest;
    sum += 2.0 * part.freedom * ratio * ratio + 4.0 * part.shift * ratio / (rest * rest);
  }
  return sum;
}

double WeightedChiSquared::log_cdf(double x) const {
  if (!(x > floor_)) return -std::numeric_limits<double>::infinity();
  // The slope rises in t, from the floor at -infinity to infinity at 1 / (2 largest).
  double low = 0.0, high = 0.0;
  if (x < mean()) {
    low = -1.0 / largest_;
    while (slope(low) > x) low *= 2.0;
  } else {
    high = 0.5 / largest_;
  }
  for (int step = 0; step < 200; ++step) {
    const double middle = 0.5 * (low + high);
    if (middle == low || middle == high) break;
    (slope(middle) > x ? high : low) = middle;
  }
  const double t = x < mean() ? low : high;
  const double exponent = std::max(0.0, t * x - cumulants(t));
  const double r = std::sqrt(2.0 * exponent);
  const double u = std::abs(t) * std::sqrt(curvature(t));
  if (r < 1e-5 || !std::isfinite(u)) {
    double third = 0.0;
    for (const ChiSquaredPart& part : parts_) {
      third += 8.0 * part.freedom * std::pow(part.weight, 3) +
               24.0 * part.shift * part.weight * part.weight;
    }
    const double skewness = third / std::pow(variance(), 1.5);
    return std::log(0.5 + skewness / (6.0 * std::sqrt(2.0 * std::numbers::pi)));
  }
  const double log_density = -exponent - kLogRootTwoPi;
  // Below the mean: phi (1 / u - (1 / r - Mills)); above, one less the same of the other tail.
  const double tail = 1.0 / u - mills_gap(r);
  if (t < 0.0) return log_density + std::log(tail);
  return std::log1p(-std::exp(log_density) * tail);
}

double WeightedChiSquared::sample(Rng& rng) const {
  double sum = 0.0;
  for (const ChiSquaredPart& part : parts_) {
    const auto whole = static_cast<int>(part.freedom);
    for (int i = 0; i < whole; ++i) {
      const double centre = i == 0 ? std::sqrt(part.shift) : 0.0;
      const double value = std::sqrt(part.weight) * rng.normal() + centre;
      sum += value * value;
    }
  }
  return sum;
}

}  // namespace trimtab
