#include "trimtab/numerics/statistics/resampled_t.hpp"

#include <cmath>
#include <limits>

#include "trimtab/numerics/distributions.hpp"

namespace trimtab {

ResampledMean resampled_mean(std::span<const double> x, double rho) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const auto count = static_cast<double>(x.size());
  ResampledMean result;
  for (const double value : x) result.mean += value / count;
  if (x.size() < 2) return {result.mean, kNone, kNone, kNone, {kNone, kNone}};
  double square = 0.0;
  for (const double value : x) square += (value - result.mean) * (value - result.mean);
  result.standard_error = std::sqrt((1.0 / count + rho) * square / (count - 1.0));
  if (square > 0.0) {
    result.t = result.mean / result.standard_error;
    result.p = 2.0 * student_t_upper_tail(std::abs(result.t), count - 1.0);
  } else if (result.mean != 0.0) {
    result.t = std::copysign(std::numeric_limits<double>::infinity(), result.mean);
    result.p = 0.0;
  }
  const double reach = student_t_quantile(0.975, count - 1.0) * result.standard_error;
  result.interval = {result.mean - reach, result.mean + reach};
  return result;
}

}  // namespace trimtab
