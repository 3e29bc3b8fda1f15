#include "trimtab/numerics/statistics/anova.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/statistics/testing/r_data.hpp"

namespace trimtab {
namespace {

using namespace testing;

struct RRow {
  double freedom, sum_of_squares, f, p;
};

void expect_rows(const Anova& table, const std::vector<RRow>& rows) {
  ASSERT_EQ(table.rows.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(table.rows[i].name);
    EXPECT_EQ(table.rows[i].freedom, rows[i].freedom);
    EXPECT_NEAR(table.rows[i].sum_of_squares, rows[i].sum_of_squares, kRTolerance);
    EXPECT_NEAR(table.rows[i].f, rows[i].f, kRTolerance);
    EXPECT_NEAR(table.rows[i].p, rows[i].p, kRTolerance * rows[i].p);
  }
}

// R: summary(aov(breaks ~ wool * tension, warpbreaks)).
TEST(Anova, EqualsROnWarpbreaks) {
  const Anova table = anova(kWarp, warp_factors(), factorial_terms(2, 2));
  expect_rows(table, {{1, 450.66666666666708, 3.7652883611186354, 0.058212975959559703},
                      {2, 2034.2592592592598, 8.4980466483580255, 0.00069262093671344121},
                      {2, 1002.7777777777781, 4.1890689668510435, 0.021044190727863028}});
  EXPECT_EQ(table.residual_freedom, 48);
  EXPECT_NEAR(table.residual_sum_of_squares, 5745.1111111111113, kRTolerance);
  EXPECT_EQ(table.rows[2].name, "wool:tension");
}

// R: summary(aov(len ~ supp * factor(dose), ToothGrowth)).
TEST(Anova, EqualsROnToothGrowth) {
  expect_rows(anova(kTooth, tooth_factors(), factorial_terms(2, 2)),
              {{1, 205.34999999999999, 15.571979452497228, 0.00023118280977342623},
               {2, 2426.4343333333354, 91.999964892867069, 4.0462911959922496e-18},
               {2, 108.31900000000012, 4.1069910940225203, 0.021860268964790996}});
}

// R: summary(aov(yield ~ N * P * K, npk)).
TEST(Anova, EqualsROnThreeFactorsOfNpk) {
  std::vector<Factor> factors = npk_factors();
  factors.erase(factors.begin());
  expect_rows(anova(kNpkYield, factors, factorial_terms(3, 3)),
              {{1, 189.28166666666613, 6.1607605408410828, 0.024542109414275003},
               {1, 8.4016666666665785, 0.27345837232325426, 0.60818750101022034},
               {1, 95.20166666666627, 3.0986343355438812, 0.097457680310153685},
               {1, 21.28166666666684, 0.69267803138180895, 0.41750473673799537},
               {1, 33.135000000000225, 1.0784816306603278, 0.31447785765763375},
               {1, 0.48166666666668523, 0.015677339734462281, 0.901917664764327},
               {1, 37.001666666666488, 1.2043343233383459, 0.28869898555918405}});
}

// R: summary(aov(yield ~ block + N * P * K, npk)): N:P:K is aliased with the blocks.
TEST(Anova, LeavesAliasedTermsWithoutFreedom) {
  const std::vector<AnovaTerm> terms = {{0}, {1}, {2}, {3}, {1, 2}, {1, 3}, {2, 3}, {1, 2, 3}};
  Anova table = anova(kNpkYield, npk_factors(), terms);
  EXPECT_EQ(table.rows.back().freedom, 0.0);
  EXPECT_TRUE(std::isnan(table.rows.back().p));
  table.rows.pop_back();
  expect_rows(table, {{5, 343.29499999999979, 4.4466664267981146, 0.015938790208193922},
                      {1, 189.28166666666615, 12.258734213650891, 0.0043718118257993939},
                      {1, 8.40166666666655, 0.54412981686035322, 0.47490409267443745},
                      {1, 95.20166666666627, 6.1656892023171075, 0.028795053500232846},
                      {1, 21.28166666666689, 1.3782966934120253, 0.26316528287716534},
                      {1, 33.135000000000211, 2.1459720073399926, 0.16864787850049129},
                      {1, 0.48166666666668828, 0.031194905191956224, 0.86275208568540429}});
  EXPECT_EQ(table.residual_freedom, 12.0);
}

// R: summary(aov(weight ~ feed, chickwts)); oneway.test(weight ~ feed, chickwts).
TEST(Anova, EqualsROnChickwts) {
  const Anova table = one_way_anova(kChick);
  expect_rows(table, {{5, 231129.16210292064, 15.364799774712552, 5.9364198534712477e-10}});
  const WelchAnova welch = welch_anova(kChick);
  EXPECT_NEAR(welch.f, 19.661724360836939, kRTolerance);
  EXPECT_NEAR(welch.denominator_freedom, 29.952036386104158, kRTolerance);
  EXPECT_NEAR(welch.p, 1.1770597160466911e-08, 1e-16);
}

std::vector<Factor> car_factors() {
  Factor cylinders = {"cyl", {}, 3};
  for (const double count : kCylinders) {
    cylinders.levels.push_back(static_cast<std::size_t>(count) / 2 - 2);
  }
  return {cylinders, {"am", kManual, 2}};
}

// R: summary(aov(mpg ~ factor(cyl) * factor(am), mtcars)): unbalanced, so the order matters.
TEST(Anova, EqualsRSequentiallyOnUnbalancedCars) {
  expect_rows(anova(kMpg, car_factors(), factorial_terms(2, 2)),
              {{2, 824.78459009740277, 44.851656687220014, 3.7252736145268237e-09},
               {1, 36.766919492544382, 3.9987586342550676, 0.056083731277107599},
               {2, 25.436511243386292, 1.3832334930921091, 0.26861402262959727}});
}

// R: differences of sum(resid(lm(mpg ~ ...))^2) between models with and without the term, over the
// mean square of factor(cyl) * factor(am).
TEST(Anova, EqualsRMarginallyOnUnbalancedCars) {
  const Anova table = anova(kMpg, car_factors(), factorial_terms(2, 2), SumsOfSquares::Marginal);
  expect_rows(table, {{2, 456.4009212802307, 24.819010537738578, 9.3547346210137212e-07},
                      {1, 36.766919492544389, 3.9987586342550685, 0.056083731277107599},
                      {2, 25.436511243386292, 1.3832334930921091, 0.26861402262959727}});
}

TEST(Anova, SaysWhatShareATermExplains) {
  const Anova table = one_way_anova(kChick);
  EXPECT_NEAR(table.rows[0].partial_eta_squared, 0.54168546567391584, 1e-12);
  // Hays: (231129.16 - 5 MS) / (total + MS) with MS = 195556.02 / 65.
  const double ms = 195556.02099567096 / 65.0;
  EXPECT_NEAR(table.rows[0].omega_squared,
              (231129.16210292064 - 5.0 * ms) / (231129.16210292064 + 195556.02099567096 + ms),
              1e-12);
}

// R: uniroot(function(l) pf(F, 5, 65, l) - c(.975, .025)[i], c(0, 500), tol = 1e-12), l / (l + 71).
TEST(EtaSquared, HasTheIntervalOfTheNoncentralF) {
  const Interval interval = eta_squared_interval(15.364799774712552, 5, 65);
  EXPECT_NEAR(interval.low, 0.33497341668974928, kRTolerance);
  EXPECT_NEAR(interval.high, 0.63102881297917224, kRTolerance);
  EXPECT_EQ(eta_squared_interval(0.1, 5, 65).low, 0.0);
}

// R: power.anova.test(groups = 4, n = 5, between.var = 1, within.var = 3); f^2 = 3 / 4 * 1 / 3; the
// same with power = .8 instead of n, which R finds to 1e-4.
TEST(AnovaPower, EqualsR) {
  EXPECT_NEAR(anova_power(4, 5, 0.5, 0.05), 0.35355942381530236, 1e-8);
  EXPECT_NEAR(anova_size(4, 0.5, 0.8, 0.05), 11.926130957735547, 1e-4);
  EXPECT_EQ(anova_power(4, 1000, 5.0, 0.05), 1.0);
  EXPECT_TRUE(std::isinf(anova_size(3, 1e-5, 0.8, 0.05)));
}

TEST(Anova, HasNothingToSayWithoutResidualFreedom) {
  const std::vector<double> y = {1, 2};
  const Factor each = {"each", {0, 1}, 2};
  const std::vector<AnovaTerm> terms = {{0}};
  const Anova table = anova(y, {&each, 1}, terms);
  EXPECT_EQ(table.residual_freedom, 0.0);
  EXPECT_TRUE(std::isnan(table.rows[0].p));
}

TEST(Anova, RefusesLevelsOutOfRange) {
  const std::vector<double> y = {1, 2, 3};
  const std::vector<AnovaTerm> terms = {{0}};
  const Factor bad = {"bad", {0, 2, 1}, 2}, ragged = {"ragged", {0, 1}, 2};
  EXPECT_THROW(anova(y, {&bad, 1}, terms), BugError);
  EXPECT_THROW(anova(y, {&ragged, 1}, terms), BugError);
  EXPECT_THROW(one_way_anova(std::vector<std::vector<double>>{{1.0}}), BugError);
}

RC_GTEST_PROP(Anova, SplitsTheTotalInAnyUnbalancedDesign, ()) {
  Rng rng(*rc::gen::inRange<std::uint64_t>(0, 1000), 0, "anova");
  const std::size_t n = *rc::gen::inRange<std::size_t>(8, 40);
  std::vector<double> y(n);
  std::vector<Factor> factors = {{"a", {}, 3}, {"b", {}, 2}};
  for (std::size_t i = 0; i < n; ++i) {
    y[i] = 100.0 + rng.normal();
    for (Factor& factor : factors) factor.levels.push_back(rng.below(factor.num_levels));
  }
  const Anova table = anova(y, factors, factorial_terms(2, 2));
  double sum = table.residual_sum_of_squares, freedom = table.residual_freedom;
  for (const AnovaRow& row : table.rows) {
    sum += row.sum_of_squares;
    freedom += row.freedom;
  }
  RC_ASSERT(std::abs(sum - table.total_sum_of_squares) < 1e-9);
  RC_ASSERT(freedom == static_cast<double>(n - 1));
}

}  // namespace
}  // namespace trimtab
