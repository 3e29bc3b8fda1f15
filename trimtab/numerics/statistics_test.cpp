#include "trimtab/numerics/statistics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

// Extra sleep under two drugs, ten patients: the example of Student 1908.
const std::vector<double> kSleepDifferences = {-1.2, -2.4, -1.3, -1.3, 0.0,
                                               -1.0, -1.8, -0.8, -4.6, -1.4};

// Depression scores before minus after, nine patients: Hollander and Wolfe 1973, table 3.1.
std::vector<double> depression_differences() {
  const std::vector<double> before = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
  const std::vector<double> after = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
  std::vector<double> d;
  for (std::size_t i = 0; i < before.size(); ++i) d.push_back(before[i] - after[i]);
  return d;
}

double average(std::span<const double> x) { return mean(x); }

TEST(Statistics, ComputesMeanVarianceAndQuantilesByHand) {
  const std::vector<double> x = {1, 2, 6};
  EXPECT_EQ(mean(x), 3.0);
  EXPECT_EQ(variance(x), 7.0);
  const std::vector<double> y = {4, 1, 3, 2};
  EXPECT_EQ(quantile(y, 0.25), 1.75);
  EXPECT_EQ(quantile(y, 0.0), 1.0);
  EXPECT_EQ(quantile(y, 1.0), 4.0);
}

TEST(Statistics, GivesEqualNumbersNoVarianceDespiteRounding) {
  EXPECT_EQ(variance(std::vector<double>(7, 0.1)), 0.0);
}

TEST(Statistics, KeepsInfiniteOrderStatisticsOutOfExactQuantiles) {
  const std::vector<double> x = {1, 2, std::numeric_limits<double>::infinity()};
  EXPECT_EQ(quantile(x, 0.5), 2.0);
}

TEST(Statistics, RefusesDataThatAreTooFew) {
  EXPECT_THROW(mean({}), BugError);
  EXPECT_THROW(variance(std::vector<double>{1.0}), BugError);
  EXPECT_THROW(quantile(std::vector<double>{1.0}, 1.5), BugError);
  EXPECT_THROW(paired_t_test(std::vector<double>{1.0}), BugError);
  EXPECT_THROW(paired_t_test(kSleepDifferences, 1.0), BugError);
  EXPECT_THROW(effect_size(std::vector<double>{1.0}), BugError);
}

TEST(PairedTTest, ReproducesTheSleepExample) {
  const PairedT result = paired_t_test(kSleepDifferences);
  EXPECT_NEAR(result.difference, -1.58, 1e-12);
  EXPECT_NEAR(result.t, -4.0621, 5e-5);
  EXPECT_NEAR(result.p, 0.002833, 5e-7);
  EXPECT_NEAR(result.interval.low, -2.4598858, 5e-8);
  EXPECT_NEAR(result.interval.high, -0.7001142, 5e-8);
}

TEST(PairedTTest, GivesEqualDifferencesAnIntervalOfNoWidth) {
  const PairedT shifted = paired_t_test(std::vector<double>(5, 0.1));
  EXPECT_EQ(shifted.p, 0.0);
  EXPECT_EQ(shifted.interval.low, 0.1);
  EXPECT_EQ(shifted.interval.high, 0.1);
  EXPECT_EQ(shifted.t, std::numeric_limits<double>::infinity());
  const PairedT same = paired_t_test(std::vector<double>(5, 0.0));
  EXPECT_EQ(same.p, 1.0);
  EXPECT_TRUE(std::isnan(same.t));
}

TEST(SignedRankTest, ReproducesTheDepressionExample) {
  const SignedRank result = signed_rank_test(depression_differences());
  EXPECT_EQ(result.positive_rank_sum, 40.0);
  EXPECT_TRUE(result.is_exact);
  EXPECT_EQ(result.p, 20.0 / 512.0);  // 0.0390625: ten patterns of 512 in each tail
}

TEST(SignedRankTest, CountsSignPatternsExactlyWithTies) {
  // Ranks 1.5, 1.5, 3: the sums 0, 1.5 (twice), 3 (twice), 4.5 (twice), 6 of eight patterns.
  const SignedRank result = signed_rank_test(std::vector<double>{1.0, 1.0, 2.0, 0.0});
  EXPECT_EQ(result.num_used, 3u);
  EXPECT_EQ(result.positive_rank_sum, 6.0);
  EXPECT_EQ(result.p, 0.25);
  EXPECT_EQ(signed_rank_test(std::vector<double>{-1.0, 1.0, 2.0}).p, 0.75);
}

TEST(SignedRankTest, ApproximatesLargeSamplesByTheNormalWithContinuityCorrection) {
  // All of n = 30 positive: V = 465, mean 232.5, variance 30 * 31 * 61 / 24 = 2363.75.
  std::vector<double> d;
  for (int i = 1; i <= 30; ++i) d.push_back(i);
  const SignedRank result =
      signed_rank_test(d, Alternative::TwoSided, NullDistribution::Approximate);
  EXPECT_FALSE(result.is_exact);
  EXPECT_NEAR(result.p, std::erfc(232.0 / std::sqrt(2363.75) / std::sqrt(2.0)), 1e-15);
}

TEST(SignedRankTest, TakesTiesOutOfTheVarianceOfLargeSamples) {
  // 26 equal magnitudes, 19 positive: every rank 13.5; variance 26 * 27 * 53 / 24 - 17550 / 48.
  std::vector<double> d(26, 1.0);
  std::fill_n(d.begin(), 7, -1.0);
  const double z = (13.5 * 19 - 26 * 27 / 4.0 - 0.5) / std::sqrt(1550.25 - 365.625);
  EXPECT_NEAR(signed_rank_test(d, Alternative::TwoSided, NullDistribution::Approximate).p,
              std::erfc(z / std::sqrt(2.0)), 1e-14);
}

TEST(SignedRankTest, FindsNothingInZeros) {
  EXPECT_EQ(signed_rank_test(std::vector<double>(4, 0.0)).p, 1.0);
  EXPECT_EQ(signed_rank_test({}).p, 1.0);
}

TEST(SignTest, CountsBinomialTails) {
  const SignTest result = sign_test(std::vector<double>{1, 1, 1, 1, 1, -1, 0});
  EXPECT_EQ(result.num_positive, 5u);
  EXPECT_EQ(result.num_negative, 1u);
  EXPECT_NEAR(result.p, 14.0 / 64.0, 1e-14);
  EXPECT_EQ(sign_test(std::vector<double>{0, 0}).p, 1.0);
  EXPECT_EQ(sign_test(std::vector<double>{1, -1}).p, 1.0);
}

TEST(EffectSize, IsMeanOverDeviationWithTheExactSmallSampleCorrection) {
  const EffectSize result = effect_size(kSleepDifferences);
  EXPECT_NEAR(result.d_z, -4.062127683 / std::sqrt(10.0), 1e-8);
  // J(9) = Gamma(4.5) / (sqrt(4.5) Gamma(4)) = 11.6317283966 / (2.1213203436 * 6).
  EXPECT_NEAR(result.hedges_g / result.d_z, 11.63172839656745 / (std::sqrt(4.5) * 6.0), 1e-12);
}

TEST(EffectSize, HasAnIntervalThatHoldsZeroExactlyWhenTheTTestDoes) {
  // The bound of d_z is 0 where the central t distribution gives p = 1 - level.
  const PairedT test = paired_t_test(kSleepDifferences);
  const EffectSize at_p = effect_size(kSleepDifferences, 1.0 - test.p);
  EXPECT_NEAR(at_p.interval.high, 0.0, 1e-6);
  const EffectSize usual = effect_size(kSleepDifferences);
  EXPECT_LT(usual.interval.low, usual.d_z);
  EXPECT_GT(usual.interval.high, usual.d_z);
  EXPECT_LT(usual.interval.high, 0.0);
}

TEST(EffectSize, MirrorsWithItsData) {
  std::vector<double> mirrored = kSleepDifferences;
  for (double& value : mirrored) value = -value;
  const EffectSize a = effect_size(kSleepDifferences), b = effect_size(mirrored);
  EXPECT_NEAR(a.interval.low, -b.interval.high, 1e-6);
  EXPECT_NEAR(a.interval.high, -b.interval.low, 1e-6);
}

TEST(EffectSize, IsUnboundedWithoutSpread) {
  EXPECT_EQ(effect_size(std::vector<double>(3, 0.1)).d_z, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(effect_size(std::vector<double>(3, 0.0)).d_z));
  EXPECT_TRUE(std::isnan(effect_size(std::vector<double>(3, 0.1)).interval.low));
  EXPECT_TRUE(std::isnan(effect_size(std::vector<double>{1.0, 2.0}).hedges_g));
}

TEST(Holm, StepsDownAndStaysMonotone) {
  const std::vector<double> adjusted = holm(std::vector<double>{0.01, 0.04, 0.03});
  EXPECT_NEAR(adjusted[0], 0.03, 1e-15);
  EXPECT_NEAR(adjusted[1], 0.06, 1e-15);
  EXPECT_NEAR(adjusted[2], 0.06, 1e-15);
}

TEST(Holm, LeavesUntestedOut) {
  const std::vector<double> adjusted = holm(std::vector<double>{0.02, std::nan(""), 0.9});
  EXPECT_NEAR(adjusted[0], 0.04, 1e-15);
  EXPECT_TRUE(std::isnan(adjusted[1]));
  EXPECT_NEAR(adjusted[2], 0.9, 1e-15);
}

RC_GTEST_PROP(Holm, LiesBetweenTheRawAndTheBonferroniProbability, ()) {
  const auto raw = *rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(0, 1001), [](int i) { return i / 1000.0; }));
  const std::vector<double> adjusted = holm(raw);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    RC_ASSERT(adjusted[i] >= raw[i]);
    RC_ASSERT(adjusted[i] <= std::min(1.0, raw[i] * static_cast<double>(raw.size())));
  }
}

TEST(Bootstrap, ApproachesTheNormalIntervalOfAMean) {
  // The bootstrap deviation of the mean is s sqrt((n - 1) / n) / sqrt(n). n = 400 normals, 4000
  // resamples: the end points' standard error is below 0.003, the tolerance above 6 of them.
  Rng rng(5, 0, "bootstrap");
  std::vector<double> x(400);
  for (double& value : x) value = rng.normal();
  const Interval interval = bootstrap_interval(x, average, 4000, 0.95, rng);
  const double half = 1.959964 * std::sqrt(variance(x) / 400.0);
  EXPECT_NEAR(interval.low, mean(x) - half, 0.02);
  EXPECT_NEAR(interval.high, mean(x) + half, 0.02);
}

TEST(Bootstrap, IsAPointForEqualNumbersAndRepeatable) {
  Rng rng(1);
  const Interval point = bootstrap_interval(std::vector<double>(5, 2.0), average, 50, 0.9, rng);
  EXPECT_EQ(point.low, 2.0);
  EXPECT_EQ(point.high, 2.0);
  Rng first(7), second(7);
  EXPECT_EQ(bootstrap_interval(kSleepDifferences, average, 99, 0.9, first).low,
            bootstrap_interval(kSleepDifferences, average, 99, 0.9, second).low);
}

TEST(Interval, TellsItsEndsApartWithFewDigits) {
  EXPECT_EQ(telling_digits({0.01, 0.03}), 2);
  EXPECT_EQ(telling_digits({0.9871, 0.9892}), 4);
  EXPECT_EQ(telling_digits({-1.0, 1.0}), 2);
  EXPECT_EQ(telling_digits({1.0, 1.0 + 1e-12}), 6);
  EXPECT_EQ(telling_digits({2.0, 2.0}), 3);
  EXPECT_EQ(telling_digits({0.0, std::numeric_limits<double>::infinity()}), 3);
  EXPECT_EQ(telling_digits({}), 3);
}

}  // namespace
}  // namespace trimtab
