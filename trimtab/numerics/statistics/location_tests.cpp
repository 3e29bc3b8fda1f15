#include "trimtab/numerics/statistics/location_tests.hpp"

#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"

namespace trimtab {
namespace {

void require(bool is_right, const char* where, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "statistics.arguments",
                  .what = "a test of means was asked of unsuitable data",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

TwoSampleT conclude(double difference, double error, double freedom, double level,
                    Alternative alternative) {
  TwoSampleT result;
  result.difference = difference;
  result.freedom = freedom;
  if (error == 0.0) {
    const double infinity = std::numeric_limits<double>::infinity();
    result.t = difference == 0.0 ? std::nan("") : std::copysign(infinity, difference);
    const double upper = difference > 0.0 ? 0.0 : 1.0, lower = difference < 0.0 ? 0.0 : 1.0;
    result.p = probability_of(alternative, lower, upper);
    result.interval = {difference, difference};
    return result;
  }
  result.t = difference / error;
  result.p = probability_of(alternative, student_t_upper_tail(-result.t, freedom),
                            student_t_upper_tail(result.t, freedom));
  const double half = student_t_quantile(0.5 + level / 2.0, freedom) * error;
  result.interval = {difference - half, difference + half};
  return result;
}

void require_samples(std::span<const double> x, std::span<const double> y, double level) {
  require(x.size() >= 2 && y.size() >= 2, "t test", "at least two values in each sample");
  require(level > 0.0 && level < 1.0, "t test", "a level in (0, 1)");
}

}  // namespace

TwoSampleT welch_t_test(std::span<const double> x, std::span<const double> y, double level,
                        Alternative alternative) {
  require_samples(x, y, level);
  const double n = static_cast<double>(x.size()), m = static_cast<double>(y.size());
  const double of_x = variance(x) / n, of_y = variance(y) / m;
  const double sum = of_x + of_y;
  const double freedom =
      sum == 0.0 ? n + m - 2.0 : sum * sum / (of_x * of_x / (n - 1.0) + of_y * of_y / (m - 1.0));
  return conclude(mean(x) - mean(y), std::sqrt(sum), freedom, level, alternative);
}

TwoSampleT pooled_t_test(std::span<const double> x, std::span<const double> y, double level,
                         Alternative alternative) {
  require_samples(x, y, level);
  const double n = static_cast<double>(x.size()), m = static_cast<double>(y.size());
  const double freedom = n + m - 2.0;
  const double pooled = ((n - 1.0) * variance(x) + (m - 1.0) * variance(y)) / freedom;
  return conclude(mean(x) - mean(y), std::sqrt(pooled * (1.0 / n + 1.0 / m)), freedom, level,
                  alternative);
}

double t_test_power(double n, double effect, double alpha, TTestDesign design) {
  require(n > 1.0 && alpha > 0.0 && alpha < 1.0, "t_test_power", "n > 1 and alpha in (0, 1)");
  const bool is_paired = design == TTestDesign::Paired;
  const double freedom = is_paired ? n - 1.0 : 2.0 * n - 2.0;
  const double nc = std::abs(effect) * std::sqrt(is_paired ? n : n / 2.0);
  // Far out the noncentral distribution is hard to evaluate and the power is 1.
  if (nc > 40.0) return 1.0;
  const double critical = student_t_quantile(1.0 - alpha / 2.0, freedom);
  return 1.0 - noncentral_t_cdf(critical, freedom, nc);
}

double t_test_size(double effect, double power, double alpha, TTestDesign design) {
  require(effect != 0.0 && alpha > 0.0 && alpha < 1.0, "t_test_size", "an effect and alpha");
  require(power > alpha / 2.0 && power < 1.0, "t_test_size", "a power in (alpha / 2, 1)");
  double low = 2.0, high = 4.0;
  if (t_test_power(low, effect, alpha, design) >= power) return low;
  while (t_test_power(high, effect, alpha, design) < power) {
    low = high;
    high *= 2.0;
    if (high > 2e7) return std::numeric_limits<double>::infinity();
  }
  while (high - low > 1e-10 * high) {
    const double middle = 0.5 * (low + high);
    (t_test_power(middle, effect, alpha, design) < power ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace trimtab
