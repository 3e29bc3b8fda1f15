// Notation: a, b = the ends in units of the deviation, measured from the mean; z = the draw;
// rate = of the exponential proposal.
#include "trimtab/space/detail/truncated_normal.hpp"

#include <algorithm>
#include <cmath>

namespace trimtab::space_detail {
namespace {

// The interval holds a good part of the mass: plain draws until one falls inside.
double sample_plain(double a, double b, Rng& rng) {
  while (true) {
    const double z = rng.normal();
    if (z >= a && z <= b) return z;
  }
}

// Short intervals: a uniform draw, accepted in proportion to the density; `peak` is the point of
// [a, b] nearest to 0.
double sample_short(double a, double b, Rng& rng) {
  const double peak = std::clamp(0.0, a, b);
  while (true) {
    const double z = rng.uniform(a, b);
    if (rng.uniform01() <= std::exp(0.5 * (peak * peak - z * z))) return z;
  }
}

// The tail from a > 0: an exponential draw with the rate that accepts most.
double sample_tail(double a, double b, Rng& rng) {
  const double rate = 0.5 * (a + std::sqrt(a * a + 4.0));
  while (true) {
    const double z = a - std::log1p(-rng.uniform01()) / rate;
    if (z <= b && rng.uniform01() <= std::exp(-0.5 * (z - rate) * (z - rate))) return z;
  }
}

double sample_standard(double a, double b, Rng& rng) {
  if (b < 0.0) return -sample_standard(-b, -a, rng);
  if (a <= 0.0) return b - a > 2.5 ? sample_plain(a, b, rng) : sample_short(a, b, rng);
  const double rate = 0.5 * (a + std::sqrt(a * a + 4.0));
  return (b - a) * rate > 1.5 ? sample_tail(a, b, rng) : sample_short(a, b, rng);
}

}  // namespace

double sample_truncated_normal(double mean, double deviation, double low, double high, Rng& rng) {
  const double z = sample_standard((low - mean) / deviation, (high - mean) / deviation, rng);
  return std::clamp(mean + deviation * z, low, high);
}

}  // namespace trimtab::space_detail
