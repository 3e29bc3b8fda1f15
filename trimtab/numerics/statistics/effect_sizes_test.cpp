#include "trimtab/numerics/statistics/effect_sizes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics/testing/r_data.hpp"

namespace trimtab {
namespace {

using namespace testing;

// R: t <- t.test(g1, g2, var.equal = TRUE)$statistic; s <- sqrt(1/10 + 1/10); t * s;
// uniroot(function(n) pt(t, 18, n) - c(.975, .025)[i], c(-30, 30), tol = 1e-13)$root * s;
// Hedges: exp(lgamma(9) - lgamma(8.5)) / 3.
TEST(StandardisedDifference, EqualsTheNoncentralTOfR) {
  const StandardisedDifference result = standardised_difference(kSleep1, kSleep2);
  EXPECT_NEAR(result.cohen_d, -0.8321810813495395, 1e-12);
  EXPECT_NEAR(result.hedges_g, -0.79693523919112186, 1e-12);
  EXPECT_NEAR(result.interval.low, -1.738816899103427, kRTolerance);
  EXPECT_NEAR(result.interval.high, 0.095450398211421997, kRTolerance);
}

TEST(StandardisedDifference, IsUnboundedWithoutSpread) {
  const std::vector<double> ones(3, 1.0), twos(3, 2.0);
  const StandardisedDifference result = standardised_difference(twos, ones);
  EXPECT_EQ(result.cohen_d, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(result.interval.low));
}

// R, by the formulas of Brunner and Munzel 2000: A, t, freedom, p and A -+ qt(.975, freedom) se,
// for x and y of ?wilcox.test and for the ozone of May and August (ties).
TEST(BrunnerMunzel, EqualsItsFormulaInR) {
  const Superiority few = brunner_munzel_test(kPermeable, kPermeableEarly);
  EXPECT_NEAR(few.probability, 0.7, 1e-12);
  EXPECT_NEAR(few.t, 1.4103014841668051, kRTolerance);
  EXPECT_NEAR(few.freedom, 11.628257333004681, kRTolerance);
  EXPECT_NEAR(few.p, 0.18463589680367593, kRTolerance);
  EXPECT_NEAR(few.interval.low, 0.38991548461452652, kRTolerance);
  EXPECT_EQ(few.interval.high, 1.0);  // 1.0100846 before the bound
  const Superiority ozone = brunner_munzel_test(kOzone[0], kOzone[3]);
  EXPECT_NEAR(ozone.probability, 0.18860946745562129, 1e-12);
  EXPECT_NEAR(ozone.p, 5.8691315779843462e-06, 1e-13);
  EXPECT_NEAR(ozone.interval.low, 0.065649356504705575, kRTolerance);
  EXPECT_NEAR(ozone.interval.high, 0.31156957840653698, kRTolerance);
  EXPECT_NEAR(ozone.cliff_delta(), 2.0 * 0.18860946745562129 - 1.0, 1e-12);
}

TEST(BrunnerMunzel, AsksMannAndWhitneyAboutSamplesThatDoNotOverlap) {
  const std::vector<double> low = {1, 2, 3}, high = {4, 5, 6};
  const Superiority result = brunner_munzel_test(high, low);
  EXPECT_EQ(result.probability, 1.0);
  EXPECT_NEAR(result.p, 2.0 / 20.0, 1e-15);
  EXPECT_TRUE(std::isnan(result.interval.low));
  EXPECT_THROW(brunner_munzel_test(high, std::vector<double>{1.0}), BugError);
}

}  // namespace
}  // namespace trimtab
