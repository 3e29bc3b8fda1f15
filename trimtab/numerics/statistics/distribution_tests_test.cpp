#include "trimtab/numerics/statistics/distribution_tests.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"
#include "trimtab/numerics/statistics/testing/r_data.hpp"

namespace trimtab {
namespace {

using namespace testing;

const std::vector<double> kLightness = {44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1};

std::function<double(double)> normal(double centre, double deviation) {
  return [=](double x) { return normal_upper_tail((centre - x) / deviation); };
}

void expect_equal(const KolmogorovSmirnov& result, double distance, double p) {
  EXPECT_NEAR(result.distance, distance, 1e-12);
  EXPECT_NEAR(result.p, p, kRTolerance * p);
}

// R: ks.test(lightness of ?cor.test, "pnorm", 46, 5), exact and not;
// ks.test(unique(LakeHuron[1:49]), "pnorm", 579, 1.3); ks.test(x of ?wilcox.test, "punif", 0.5, 2).
TEST(KolmogorovSmirnov, EqualsROnOneSample) {
  expect_equal(kolmogorov_smirnov_test(kLightness, normal(46, 5)), 0.24086159646472621,
               0.59286140135842302);
  expect_equal(kolmogorov_smirnov_test(kLightness, normal(46, 5), NullDistribution::Approximate),
               0.24086159646472621, 0.67338365712318526);
  const std::set<double> levels(kHuron.begin(), kHuron.end());
  const std::vector<double> unique(levels.begin(), levels.end());
  ASSERT_EQ(unique.size(), 46u);
  expect_equal(kolmogorov_smirnov_test(unique, normal(579, 1.3)), 0.28814299448477215,
               0.00070963009309810143);
  const auto uniform = [](double x) { return std::clamp((x - 0.5) / 1.5, 0.0, 1.0); };
  expect_equal(kolmogorov_smirnov_test(kPermeable, uniform), 0.18666666666666654,
               0.81584627790012709);
}

// R: h <- LakeHuron[1:49]; ks.test(rep(h, 3) + (1:147) / 1e4, "pnorm", 579, 1.3).
TEST(KolmogorovSmirnov, EqualsROnALargeSample) {
  std::vector<double> x;
  for (std::size_t i = 0; i < 147; ++i) {
    x.push_back(kHuron[i % 49] + static_cast<double>(i + 1) / 1e4);
  }
  const KolmogorovSmirnov result = kolmogorov_smirnov_test(x, normal(579, 1.3));
  EXPECT_FALSE(result.is_exact);
  // R sums its series to 1e-8, so only the absolute value can agree.
  EXPECT_NEAR(result.distance, 0.29619232090372372, 1e-12);
  EXPECT_NEAR(result.p, 1.257338677618236e-11, 1e-15);
}

// R: ks.test(x, y) of ?wilcox.test, exact and not; ks.test(len ~ supp, ToothGrowth, exact = TRUE)
// and FALSE; ks.test(May, August, exact = TRUE) of airquality$Ozone: exact with ties.
TEST(KolmogorovSmirnov, EqualsROnTwoSamples) {
  expect_equal(kolmogorov_smirnov_test(kPermeable, kPermeableEarly), 0.6, 0.16583416583416366);
  const KolmogorovSmirnov large =
      kolmogorov_smirnov_test(kPermeable, kPermeableEarly, NullDistribution::Approximate);
  EXPECT_NEAR(large.p, 0.18130044993812267, 1e-8);
  const auto orange = part(kTooth, 30, 30), vitamin = part(kTooth, 0, 30);
  expect_equal(kolmogorov_smirnov_test(orange, vitamin), 1.0 / 3.0, 0.061707706966164455);
  EXPECT_NEAR(kolmogorov_smirnov_test(orange, vitamin, NullDistribution::Approximate).p,
              0.071344747501107419, 1e-8);
  expect_equal(kolmogorov_smirnov_test(kOzone[0], kOzone[3]), 0.53846153846153855,
               0.00069188504870532075);
}

TEST(KolmogorovSmirnov, CountsTheOrdersOfTwoByTwo) {
  // Of six orders of xx and yy, two are fully apart: P(D >= 1) = 1/3.
  const std::vector<double> x = {1, 2}, y = {3, 4};
  EXPECT_NEAR(kolmogorov_smirnov_test(x, y).p, 1.0 / 3.0, 1e-15);
  EXPECT_EQ(kolmogorov_smirnov_test(x, x).p, 1.0);
  EXPECT_THROW(kolmogorov_smirnov_test(x, std::vector<double>{}), BugError);
}

TEST(KolmogorovSmirnov, HasItsKnownLimit) {
  EXPECT_NEAR(kolmogorov_upper_tail(1.358098639322551), 0.05, 1e-12);
  // Both series agree where they meet.
  EXPECT_NEAR(kolmogorov_upper_tail(1.0 - 1e-9), kolmogorov_upper_tail(1.0 + 1e-9), 1e-8);
  EXPECT_EQ(kolmogorov_upper_tail(0.0), 1.0);
}

}  // namespace
}  // namespace trimtab
