#include "trimtab/numerics/statistics/location_tests.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics/testing/r_data.hpp"

namespace trimtab {
namespace {

using namespace testing;

struct RResult {
  double t, freedom, p, low, high;
};

void expect_equal(const TwoSampleT& result, const RResult& r) {
  EXPECT_NEAR(result.t, r.t, kRTolerance);
  EXPECT_NEAR(result.freedom, r.freedom, kRTolerance);
  EXPECT_NEAR(result.p, r.p, kRTolerance * r.p);
  EXPECT_NEAR(result.interval.low, r.low, kRTolerance);
  EXPECT_NEAR(result.interval.high, r.high, kRTolerance);
}

// R: t.test(extra ~ group, data = sleep); t.test(len ~ supp, data = ToothGrowth);
// t.test(breaks ~ wool, data = warpbreaks);
// t.test(weight ~ feed, data = subset(chickwts, feed %in% c("casein", "horsebean"))).
TEST(WelchTTest, EqualsR) {
  expect_equal(welch_t_test(kSleep1, kSleep2),
               {-1.8608134674868531, 17.776473516178498, 0.079394140187358173, -3.3654832307117104,
                0.20548323071171018});
  expect_equal(welch_t_test(part(kTooth, 30, 30), part(kTooth, 0, 30)),
               {1.915268268695268, 55.30943268264059, 0.060634507880934066, -0.17101561836716456,
                7.5710156183671629});
  expect_equal(welch_t_test(part(kWarp, 0, 27), part(kWarp, 27, 27)),
               {1.633537131425737, 42.005547677054743, 0.10983032171365505, -1.3600960846304413,
                12.915651640185999});
  expect_equal(welch_t_test(kChick[0], kChick[1]),
               {7.3422577497986108, 18.359745096090911, 7.2102495811912499e-07, 116.69821442180147,
                210.06845224486517});
}

// R: t.test(..., var.equal = TRUE).
TEST(PooledTTest, EqualsR) {
  expect_equal(pooled_t_test(kSleep1, kSleep2), {-1.8608134674868528, 18, 0.079186714215938175,
                                                 -3.3638740322875984, 0.20387403228759859});
  expect_equal(
      pooled_t_test(part(kTooth, 30, 30), part(kTooth, 0, 30)),
      {1.9152682686952682, 58, 0.06039337122412871, -0.16700642014122544, 7.5670064201412242});
  std::vector<double> without, with;
  for (std::size_t i = 0; i < kNpkYield.size(); ++i) {
    (kNpkN[i] == 1 ? with : without).push_back(kNpkYield[i]);
  }
  expect_equal(pooled_t_test(without, with), {-2.4618461521087216, 22, 0.022131627476769829,
                                              -10.348178309429901, -0.88515502390343503});
}

// R: with(sleep, t.test(extra[group == 1], extra[group == 2], paired = TRUE));
// t.test(sleep$extra); t.test(len ~ supp, data = ToothGrowth, alternative = "greater").
TEST(PairedTTest, EqualsR) {
  std::vector<double> d, all = kSleep1;
  for (std::size_t i = 0; i < 10; ++i) d.push_back(kSleep1[i] - kSleep2[i]);
  all.insert(all.end(), kSleep2.begin(), kSleep2.end());
  const PairedT paired = paired_t_test(d);
  EXPECT_NEAR(paired.t, -4.0621276833820366, kRTolerance);
  EXPECT_NEAR(paired.p, 0.0028328901973842702, kRTolerance * 0.0028);
  EXPECT_NEAR(paired_t_test(all).p, 0.0029176204041541161, kRTolerance * 0.0029);
}

TEST(WelchTTest, TakesOneSide) {
  const auto orange = part(kTooth, 30, 30), vitamin = part(kTooth, 0, 30);
  EXPECT_NEAR(welch_t_test(orange, vitamin, 0.95, Alternative::Greater).p, 0.030317253940467033,
              kRTolerance * 0.03);
  EXPECT_NEAR(welch_t_test(orange, vitamin, 0.95, Alternative::Less).p, 1.0 - 0.030317253940467033,
              kRTolerance);
}

TEST(WelchTTest, GivesSamplesWithoutSpreadAnIntervalOfNoWidth) {
  const std::vector<double> ones(3, 1.0), twos(4, 2.0);
  const TwoSampleT test = welch_t_test(ones, twos);
  EXPECT_EQ(test.t, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(test.p, 0.0);
  EXPECT_EQ(test.interval.low, -1.0);
  EXPECT_EQ(welch_t_test(ones, ones).p, 1.0);
  EXPECT_EQ(welch_t_test(ones, twos, 0.95, Alternative::Greater).p, 1.0);
}

TEST(WelchTTest, RefusesSamplesThatAreTooSmall) {
  EXPECT_THROW(welch_t_test(std::vector<double>{1.0}, kSleep1), BugError);
  EXPECT_THROW(pooled_t_test(kSleep1, kSleep2, 0.0), BugError);
}

// R: power.t.test(n = 20, delta = 1); power.t.test(n = 10, delta = 1, type = "paired");
// power.t.test(power = .90, delta = 1); power.t.test(power = .90, delta = .5, type = "paired",
// tol = 1e-10). R finds n to 1e-4 by default.
TEST(TTestPower, EqualsR) {
  EXPECT_NEAR(t_test_power(20, 1.0, 0.05, TTestDesign::TwoSample), 0.86895280169249778, 1e-8);
  EXPECT_NEAR(t_test_power(10, 1.0, 0.05, TTestDesign::Paired), 0.80309620869059928, 1e-8);
  EXPECT_NEAR(t_test_size(1.0, 0.9, 0.05, TTestDesign::TwoSample), 22.021097703851229, 1e-4);
  EXPECT_NEAR(t_test_size(-0.5, 0.9, 0.05, TTestDesign::Paired), 43.995495223022544, 1e-7);
}

TEST(TTestPower, GoesToOneAndBack) {
  EXPECT_EQ(t_test_power(1000, 5.0, 0.05, TTestDesign::Paired), 1.0);
  EXPECT_TRUE(std::isinf(t_test_size(1e-6, 0.9, 0.05, TTestDesign::Paired)));
  EXPECT_THROW(t_test_size(0.0, 0.9, 0.05, TTestDesign::Paired), BugError);
}

}  // namespace
}  // namespace trimtab
