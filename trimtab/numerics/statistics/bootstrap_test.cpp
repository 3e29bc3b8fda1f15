#include "trimtab/numerics/statistics/bootstrap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"

namespace trimtab {
namespace {

// Extra sleep of ten patients, Student 1908.
const std::vector<double> kSleep = {1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4};

double average(std::span<const double> x) { return mean(x); }

std::vector<double> jackknife_means(const std::vector<double>& x) {
  std::vector<double> means;
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::vector<double> rest = x;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    means.push_back(mean(rest));
  }
  return means;
}

// R: q <- qnorm((1:999 - .5) / 999); reps <- 1.58 + 0.37 * q + 0.03 * q^2; z0 <- qnorm(mean(reps <
// mean(d))); a <- sum((mean(jk) - jk)^3) / (6 * sum((mean(jk) - jk)^2)^1.5); quantile(reps,
// pnorm(z0 + (z0 + z) / (1 - a * (z0 + z)))) for z = qnorm(c(.025, .975)).
TEST(Bca, EqualsItsFormulaInR) {
  std::vector<double> values;
  for (int i = 1; i <= 999; ++i) {
    const double q = normal_quantile((i - 0.5) / 999.0);
    values.push_back(1.58 + 0.37 * q + 0.03 * q * q);
  }
  values[499] += 1e-9;  // the middle one equals the mean but for rounding
  const Interval interval = bca_interval(values, mean(kSleep), jackknife_means(kSleep));
  EXPECT_NEAR(interval.low, 1.0380675575672664, 1e-8);
  EXPECT_NEAR(interval.high, 2.5853822263560655, 1e-8);
}

TEST(Bca, LeansTowardsTheTailOfSkewedData) {
  // Exponential data: the interval of the mean reaches further up than down.
  Rng rng(11, 0, "bca");
  std::vector<double> x(30);
  for (double& value : x) value = -std::log(1.0 - rng.uniform01());
  const Interval bca = bca_bootstrap(x, average, 2000, 0.95, rng);
  const double m = mean(x);
  EXPECT_GT(bca.high - m, m - bca.low);
}

TEST(Bca, IsAPointForEqualNumbersAndRepeatable) {
  Rng rng(1);
  const Interval point = bca_bootstrap(std::vector<double>(5, 2.0), average, 50, 0.9, rng);
  EXPECT_EQ(point.low, 2.0);
  EXPECT_EQ(point.high, 2.0);
  Rng first(7), second(7);
  EXPECT_EQ(bca_bootstrap(kSleep, average, 99, 0.9, first).low,
            bca_bootstrap(kSleep, average, 99, 0.9, second).low);
}

TEST(Bca, RespectsTransformations) {
  // The interval of exp(mean) is exp of the interval of the mean, but for interpolation.
  Rng first(3), second(3);
  const auto exponential = [](std::span<const double> x) { return std::exp(mean(x)); };
  const Interval plain = bca_bootstrap(kSleep, average, 4000, 0.95, first);
  const Interval raised = bca_bootstrap(kSleep, exponential, 4000, 0.95, second);
  // The jackknife skewness differs a little, hence 2 %.
  EXPECT_NEAR(std::log(raised.low), plain.low, 0.05);
  EXPECT_NEAR(std::log(raised.high), plain.high, 0.1);
}

TEST(Bca, LeavesOutResamplesWithoutAValue) {
  const std::vector<double> values = {1, 2, 3, std::nan(""), 4, 5};
  const std::vector<double> jackknife = {2.9, 3.0, 3.1};
  const Interval interval = bca_interval(values, 3.0, jackknife, 0.5);
  EXPECT_GE(interval.low, 1.0);
  EXPECT_LE(interval.high, 5.0);
  EXPECT_TRUE(std::isnan(bca_interval({}, 3.0, jackknife).low));
}

TEST(BcaSlow, CoversTheMeanOfSkewedDataMoreOftenThanThePercentileInterval) {
  // 400 samples of 20 exponentials, true mean 1, nominal 95 %. The binomial deviation of a coverage
  // is 0.012; the two intervals share their data, so that the order is far surer than that.
  int num_bca = 0, num_percentile = 0;
  for (std::uint64_t run = 0; run < 400; ++run) {
    Rng rng(5, run, "coverage");
    std::vector<double> x(20);
    for (double& value : x) value = -std::log(1.0 - rng.uniform01());
    const Interval bca = bca_bootstrap(x, average, 1000, 0.95, rng);
    const Interval percentile = bootstrap_interval(x, average, 1000, 0.95, rng);
    if (bca.low <= 1.0 && 1.0 <= bca.high) ++num_bca;
    if (percentile.low <= 1.0 && 1.0 <= percentile.high) ++num_percentile;
  }
  EXPECT_GE(num_bca, num_percentile);
  EXPECT_GE(num_bca, 345);  // below 0.86 by chance: under 1e-6 for a true coverage of 0.92
}

TEST(Bca, RefusesTooFewItems) {
  Rng rng(1);
  EXPECT_THROW(bca_bootstrap(std::vector<double>{1.0}, average, 10, 0.95, rng), BugError);
  EXPECT_THROW(bca_bootstrap(kSleep, average, 10, 1.0, rng), BugError);
}

}  // namespace
}  // namespace trimtab
