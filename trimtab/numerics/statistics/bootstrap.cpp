#include "trimtab/numerics/statistics/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"

namespace trimtab {
namespace {

void require(bool is_right, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "statistics.arguments",
                  .what = "a bootstrap was asked of unsuitable data",
                  .where = "bca_bootstrap",
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

// Efron and Tibshirani's a, from the skewness of the jackknife values; 0 when they do not vary.
double acceleration(std::span<const double> jackknife) {
  const double centre = mean(jackknife);
  double squares = 0.0, cubes = 0.0;
  for (const double value : jackknife) {
    const double offset = centre - value;
    squares += offset * offset;
    cubes += offset * offset * offset;
  }
  return squares > 0.0 ? cubes / (6.0 * std::pow(squares, 1.5)) : 0.0;
}

}  // namespace

Interval bca_interval(std::span<const double> values, double estimate,
                      std::span<const double> jackknife, double level) {
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](double value) { return std::isfinite(value); });
  if (finite.empty()) return {};
  double below = 0.0;
  for (const double value : finite) {
    if (value < estimate) below += 1.0;
    if (value == estimate) below += 0.5;
  }
  const double bias = normal_quantile(below / static_cast<double>(finite.size()));
  if (!std::isfinite(bias)) {
    // The estimate lies outside of its resamples: nothing to correct by.
    return {quantile(finite, 0.5 - level / 2.0), quantile(finite, 0.5 + level / 2.0)};
  }
  const double skew = acceleration(jackknife);
  const auto corrected = [&](double probability) {
    const double shifted = bias + normal_quantile(probability);
    const double scale = 1.0 - skew * shifted;
    if (!(scale > 0.0)) return shifted > 0.0 ? 1.0 : 0.0;
    return 1.0 - normal_upper_tail(bias + shifted / scale);
  };
  return {quantile(finite, corrected(0.5 - level / 2.0)),
          quantile(finite, corrected(0.5 + level / 2.0))};
}

Interval bca_bootstrap(std::size_t num_items,
                       const std::function<double(std::span<const std::size_t>)>& statistic,
                       std::size_t num_resamples, double level, Rng& rng) {
  require(num_items >= 2 && num_resamples >= 1, "at least two items and a resample");
  require(level > 0.0 && level < 1.0, "a level in (0, 1)");
  std::vector<std::size_t> items(num_items);
  std::iota(items.begin(), items.end(), std::size_t{0});
  const double estimate = statistic(items);
  std::vector<double> jackknife;
  for (std::size_t left_out = 0; left_out < num_items; ++left_out) {
    std::vector<std::size_t> rest = items;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    jackknife.push_back(statistic(rest));
  }
  std::vector<double> values(num_resamples);
  for (double& value : values) {
    for (std::size_t& item : items) item = rng.below(num_items);
    value = statistic(items);
  }
  return bca_interval(values, estimate, jackknife, level);
}

Interval bca_bootstrap(std::span<const double> x,
                       const std::function<double(std::span<const double>)>& statistic,
                       std::size_t num_resamples, double level, Rng& rng) {
  std::vector<double> sample;
  return bca_bootstrap(
      x.size(),
      [&](std::span<const std::size_t> items) {
        sample.clear();
        for (const std::size_t item : items) sample.push_back(x[item]);
        return statistic(sample);
      },
      num_resamples, level, rng);
}

}  // namespace trimtab
