#include "trimtab/numerics/weighted_chi_squared.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"

namespace trimtab {
namespace {

WeightedChiSquared noncentral(double freedom, double noncentrality) {
  return WeightedChiSquared({{1.0, freedom, noncentrality}});
}

// scipy.stats.ncx2.logcdf: (5; 10, 3) and, where the probability underflows in other programs,
// (1e-3; 50, 20).
TEST(WeightedChiSquared, EqualsTheNoncentralDistributionToAThousandth) {
  EXPECT_NEAR(noncentral(10, 3).log_cdf(5.0), -3.1583, 1e-3);
  EXPECT_NEAR(noncentral(50, 20).log_cdf(1e-3), -258.0265, 0.003);
}

TEST(WeightedChiSquared, EqualsTheCentralDistributionOnBothSidesOfTheMean) {
  const WeightedChiSquared central({{0.5, 7.0, 0.0}});
  for (const double x : {0.1, 1.0, 3.0, 3.4999, 3.5, 3.5001, 6.0, 12.0}) {
    SCOPED_TRACE(x);
    const double exact = 1.0 - chi_squared_upper_tail(2.0 * x, 7.0);
    EXPECT_NEAR(central.log_cdf(x), std::log(exact), 2e-3 - 1e-3 * std::log(exact));
  }
  EXPECT_TRUE(std::isinf(central.log_cdf(0.0)));
}

TEST(WeightedChiSquared, AgreesWithSimulation) {
  // 100 000 draws; the binomial deviation of a share of 0.01 is 0.0003.
  const WeightedChiSquared sum(
      {{0.3, 2.0, 0.5}, {0.05, 3.0, 1.0}, {0.0, 1.0, 0.2}, {0.7, 1.0, 0.0}});
  Rng rng(3, 0, "simulation");
  const double x = sum.mean() - 0.9 * std::sqrt(sum.variance());
  int num_below = 0;
  double total = 0.0;
  for (int i = 0; i < 100000; ++i) {
    const double value = sum.sample(rng);
    total += value;
    if (value <= x) ++num_below;
  }
  EXPECT_NEAR(total / 1e5, sum.mean(), 5.0 * std::sqrt(sum.variance() / 1e5));
  const double share = num_below / 1e5;
  EXPECT_NEAR(std::exp(sum.log_cdf(x)), share, 0.02 * share + 3.0 * std::sqrt(share / 1e5));
}

TEST(WeightedChiSquared, NeverFallsBelowItsConstantPart) {
  const WeightedChiSquared sum({{1.0, 1.0, 0.0}, {0.0, 1.0, 2.0}});
  EXPECT_EQ(sum.mean(), 3.0);
  EXPECT_TRUE(std::isinf(sum.log_cdf(2.0)));
  EXPECT_LT(sum.log_cdf(2.1), std::log(0.3));
  EXPECT_THROW(WeightedChiSquared({{0.0, 1.0, 1.0}}), BugError);
}

}  // namespace
}  // namespace trimtab
