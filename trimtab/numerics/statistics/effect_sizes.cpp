#include "trimtab/numerics/statistics/effect_sizes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"
#include "trimtab/numerics/statistics/location_tests.hpp"
#include "trimtab/numerics/statistics/rank_tests.hpp"
#include "trimtab/numerics/statistics/ranks.hpp"

namespace trimtab {
namespace {

// Ranks in the pooled samples, and their variance once ranks within the sample are taken off.
struct Placement {
  double mean_rank = 0.0;
  double variance = 0.0;
};

Placement place(std::span<const double> pooled_ranks, std::span<const double> sample) {
  const Ranks own = mid_ranks(sample);
  std::vector<double> above(sample.size());
  for (std::size_t i = 0; i < sample.size(); ++i) above[i] = pooled_ranks[i] - own.values[i];
  return {mean(pooled_ranks), variance(above)};
}

}  // namespace

StandardisedDifference standardised_difference(std::span<const double> x, std::span<const double> y,
                                               double level) {
  const TwoSampleT test = pooled_t_test(x, y, level);
  const double n = static_cast<double>(x.size()), m = static_cast<double>(y.size());
  const double scale = std::sqrt(1.0 / n + 1.0 / m);
  StandardisedDifference result;
  result.cohen_d = test.t * scale;
  const double half = test.freedom / 2.0;
  result.hedges_g =
      result.cohen_d * std::exp(std::lgamma(half) - std::lgamma(half - 0.5)) / std::sqrt(half);
  if (!std::isfinite(test.t) || std::abs(result.cohen_d) > 30.0) return result;
  result.interval = {noncentral_t_noncentrality(test.t, test.freedom, 0.5 + level / 2.0) * scale,
                     noncentral_t_noncentrality(test.t, test.freedom, 0.5 - level / 2.0) * scale};
  return result;
}

Superiority brunner_munzel_test(std::span<const double> x, std::span<const double> y,
                                double level) {
  if (x.size() < 2 || y.size() < 2 || !(level > 0.0 && level < 1.0)) {
    throw BugError({.code = "statistics.arguments",
                    .what = "an effect size was asked of unsuitable data",
                    .where = "brunner_munzel_test",
                    .got = "",
                    .expected = "two values in each sample and a level in (0, 1)",
                    .hint = ""});
  }
  std::vector<double> pooled(x.begin(), x.end());
  pooled.insert(pooled.end(), y.begin(), y.end());
  const Ranks ranks = mid_ranks(pooled);
  const std::span<const double> all = ranks.values;
  const Placement of_x = place(all.first(x.size()), x), of_y = place(all.last(y.size()), y);
  const double n = static_cast<double>(x.size()), m = static_cast<double>(y.size());
  Superiority result;
  result.probability = (of_x.mean_rank - (n + 1.0) / 2.0) / m;
  const double from_x = of_x.variance / (m * m * n), from_y = of_y.variance / (n * n * m);
  const double error = std::sqrt(from_x + from_y);
  if (error == 0.0) {
    result.t = result.probability == 0.5 ? 0.0
                                         : std::copysign(std::numeric_limits<double>::infinity(),
                                                         result.probability - 0.5);
    result.freedom = n + m - 2.0;
    result.p = mann_whitney_test(x, y).p;
    return result;
  }
  result.t = (result.probability - 0.5) / error;
  result.freedom = (from_x + from_y) * (from_x + from_y) /
                   (from_x * from_x / (n - 1.0) + from_y * from_y / (m - 1.0));
  result.p = std::min(1.0, 2.0 * student_t_upper_tail(std::abs(result.t), result.freedom));
  const double half = student_t_quantile(0.5 + level / 2.0, result.freedom) * error;
  result.interval = {std::max(0.0, result.probability - half),
                     std::min(1.0, result.probability + half)};
  return result;
}

}  // namespace trimtab
