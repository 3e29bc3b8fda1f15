#include "trimtab/numerics/statistics/correlation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics/testing/r_data.hpp"

namespace trimtab {
namespace {

using namespace testing;

// Lightness and quality of canned tuna: the example of ?cor.test.
const std::vector<double> kLightness = {44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1};
const std::vector<double> kQuality = {2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8};

// longley: GNP, Armed.Forces, Unemployed; 16 years without ties.
const std::vector<double> kGnp = {234.289, 259.426, 258.054, 284.599, 328.975, 346.999,
                                  365.385, 363.112, 397.469, 419.18,  442.769, 444.546,
                                  482.704, 502.601, 518.173, 554.894};
const std::vector<double> kForces = {159,   145.6, 161.6, 165,   309.9, 359.4, 354.7, 335,
                                     304.8, 285.7, 279.8, 263.7, 255.2, 251.4, 257.2, 282.7};
const std::vector<double> kUnemployed = {235.6, 232.5, 368.2, 335.1, 209.9, 193.2, 187,   357.8,
                                         290.4, 282.2, 293.6, 468.1, 381.3, 393.1, 480.6, 400.7};

constexpr Alternative kGreater = Alternative::Greater;
constexpr Alternative kTwoSided = Alternative::TwoSided;

void expect_equal(const Correlation& result, double coefficient, double p) {
  EXPECT_NEAR(result.coefficient, coefficient, 1e-12);
  EXPECT_NEAR(result.p, p, kRTolerance * p);
}

// R: cor.test(x, y) on the tuna, longley and mtcars.
TEST(Pearson, EqualsR) {
  const Correlation tuna = pearson_correlation(kLightness, kQuality);
  expect_equal(tuna, 0.57118155756382871, 0.10817305434949379);
  EXPECT_NEAR(tuna.interval.low, -0.14974263303675717, kRTolerance);
  EXPECT_NEAR(tuna.interval.high, 0.89557946183873927, kRTolerance);
  expect_equal(pearson_correlation(kLightness, kQuality, 0.95, kGreater), 0.57118155756382871,
               0.054086527174746893);
  expect_equal(pearson_correlation(kGnp, kForces), 0.44643679189262653, 0.083016616929654438);
  const Correlation cars = pearson_correlation(kMpg, kWeight);
  expect_equal(cars, -0.8676593765172278, 1.2939587013505163e-10);
  EXPECT_NEAR(cars.interval.low, -0.93382641328499416, kRTolerance);
  EXPECT_NEAR(cars.interval.high, -0.74408719646011279, kRTolerance);
}

// R: cor.test(x, y, method = "spearman"): all permutations for n = 9, the series for n = 16,
// Student's t with ties.
TEST(Spearman, EqualsR) {
  expect_equal(spearman_correlation(kLightness, kQuality), 0.6, 0.096797839506172836);
  expect_equal(spearman_correlation(kLightness, kQuality, kGreater), 0.6, 0.048398919753086418);
  expect_equal(spearman_correlation(kLightness, kQuality, kTwoSided, NullDistribution::Approximate),
               0.6, 0.087622829041402339);
  expect_equal(spearman_correlation(kGnp, kForces), 0.22352941176470587, 0.40394112485407024);
  expect_equal(spearman_correlation(kUnemployed, kForces), -0.3411764705882353,
               0.19596336198316083);
  expect_equal(spearman_correlation(kMpg, kWeight), -0.88642203327029789, 1.4875948581274329e-11);
  expect_equal(spearman_correlation(kCylinders, kGears), -0.56431047470171647,
               0.00076782088357115516);
}

// R: cor.test(x, y, method = "kendall"): exact for n = 9 and 16, normal with ties.
TEST(Kendall, EqualsR) {
  expect_equal(kendall_correlation(kLightness, kQuality), 0.44444444444444453, 0.1194389329805996);
  expect_equal(kendall_correlation(kLightness, kQuality, kGreater), 0.44444444444444453,
               0.0597194664902998);
  expect_equal(kendall_correlation(kLightness, kQuality, kTwoSided, NullDistribution::Approximate),
               0.44444444444444453, 0.095292838023456547);
  expect_equal(kendall_correlation(kGnp, kForces), 0.05, 0.82480123870696676);
  expect_equal(kendall_correlation(kUnemployed, kForces), -0.21666666666666665,
               0.26504598877832025);
  expect_equal(kendall_correlation(kMpg, kWeight), -0.727832149528431, 6.705770405595863e-09);
  expect_equal(kendall_correlation(kCylinders, kGears), -0.51254348597056176,
               0.0016043289462357633);
}

TEST(Correlation, IsUndefinedWhenASideDoesNotVary) {
  const std::vector<double> flat = {1, 1, 1}, rising = {1, 2, 3};
  EXPECT_TRUE(std::isnan(pearson_correlation(flat, rising).coefficient));
  EXPECT_TRUE(std::isnan(spearman_correlation(flat, rising).p));
  EXPECT_TRUE(std::isnan(kendall_correlation(flat, rising).p));
}

TEST(Correlation, RefusesExactDistributionsUnderTies) {
  EXPECT_THROW(spearman_correlation(kCylinders, kGears, kTwoSided, NullDistribution::Exact),
               BugError);
  EXPECT_THROW(kendall_correlation(kCylinders, kGears, kTwoSided, NullDistribution::Exact),
               BugError);
  EXPECT_THROW(pearson_correlation(kGnp, kMpg), BugError);
}

TEST(Correlation, IsOneForTheSameOrder) {
  const std::vector<double> x = {1, 2, 3, 4, 5}, y = {1, 4, 9, 16, 25};
  EXPECT_NEAR(spearman_correlation(x, y).coefficient, 1.0, 1e-15);
  EXPECT_NEAR(spearman_correlation(x, y).p, 2.0 / 120.0, 1e-12);
  EXPECT_EQ(kendall_correlation(x, y).coefficient, 1.0);
  EXPECT_NEAR(kendall_correlation(x, y).p, 2.0 / 120.0, 1e-12);
  EXPECT_LT(pearson_correlation(x, x).p, 1e-20);
}

RC_GTEST_PROP(Correlation, OfRanksIgnoresMonotoneChanges, ()) {
  const auto draw = rc::gen::container<std::vector<double>>(
      12, rc::gen::map(rc::gen::inRange(-20, 21), [](int i) { return i * 1.0; }));
  const auto x = *draw, y = *draw;
  std::vector<double> cubed = x;
  for (double& value : cubed) value = value * value * value;
  const Correlation plain = kendall_correlation(x, y), bent = kendall_correlation(cubed, y);
  RC_ASSERT(plain.coefficient == bent.coefficient ||
            (std::isnan(plain.coefficient) && std::isnan(bent.coefficient)));
}

}  // namespace
}  // namespace trimtab
