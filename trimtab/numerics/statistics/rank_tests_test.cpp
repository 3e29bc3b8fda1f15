#include "trimtab/numerics/statistics/rank_tests.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/numerics/statistics/ranks.hpp"
#include "trimtab/numerics/statistics/testing/r_data.hpp"

namespace trimtab {
namespace {

using namespace testing;

// 22 players round first base by three methods: the example of ?friedman.test.
const std::vector<double> kRounding = {
    5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85,
    5.70, 5.45, 5.55, 5.60, 5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85,
    5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95,
    5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45,
    5.25, 5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25};

void expect_p(double p, double r) { EXPECT_NEAR(p, r, kRTolerance * r); }

std::vector<double> shifted(std::vector<double> x, double by) {
  for (double& value : x) value -= by;
  return x;
}

TEST(Ranks, ShareTheirMeanWhenTied) {
  const Ranks ranks = mid_ranks(std::vector<double>{10, 30, 10});
  EXPECT_EQ(ranks.values, (std::vector<double>{1.5, 3, 1.5}));
  EXPECT_EQ(ranks.tie_term, 6.0);
  EXPECT_THROW(mid_ranks(std::vector<double>{1.0, std::nan("")}), BugError);
}

// R: wilcox.test(x, y); (x, y, alternative = "greater"); (x, y, exact = FALSE).
TEST(MannWhitney, EqualsR) {
  const MannWhitney exact = mann_whitney_test(kPermeable, kPermeableEarly);
  EXPECT_EQ(exact.u, 35.0);
  expect_p(exact.p, 0.2544122544122544);
  expect_p(mann_whitney_test(kPermeable, kPermeableEarly, Alternative::Greater).p,
           0.1272061272061272);
  expect_p(mann_whitney_test(kPermeable, kPermeableEarly, Alternative::TwoSided,
                             NullDistribution::Approximate)
               .p,
           0.24462360512698336);
}

// R: wilcox.test(Ozone ~ Month, airquality, subset = Month %in% c(5, 8)).
TEST(MannWhitney, EqualsRWithTies) {
  const MannWhitney result =
      mann_whitney_test(kOzone[0], kOzone[3], Alternative::TwoSided, NullDistribution::Approximate);
  EXPECT_EQ(result.u, 127.5);
  expect_p(result.p, 0.00012080783076877442);
}

TEST(MannWhitney, CountsWaysExactlyWithTies) {
  // Ranks 1.5, 1.5, 3, 4 of {1, 1, 2, 3}: x = {1, 1} is one of six pairs, and the smallest.
  const std::vector<double> x = {1, 1}, y = {2, 3};
  EXPECT_NEAR(mann_whitney_test(x, y, Alternative::Less).p, 1.0 / 6.0, 1e-15);
  EXPECT_NEAR(mann_whitney_test(x, y).p, 1.0 / 3.0, 1e-15);
  EXPECT_EQ(mann_whitney_test(x, x).p, 1.0);
}

RC_GTEST_PROP(MannWhitney, MirrorsWithItsSamples, ()) {
  const auto draw = rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(0, 9), [](int i) { return i * 1.0; })));
  const auto x = *draw, y = *draw;
  const MannWhitney forth = mann_whitney_test(x, y), back = mann_whitney_test(y, x);
  RC_ASSERT(forth.u + back.u == static_cast<double>(x.size() * y.size()));
  RC_ASSERT(std::abs(forth.p - back.p) < 1e-12);
}

// R: wilcox.test(unique(trees$Volume) - 24.45): 30 values without ties, exact.
TEST(SignedRankTest, EqualsRExactlyBeyondTwentyFive) {
  const std::vector<double> volumes = {10.3, 10.2, 16.4, 18.8, 19.7, 15.6, 18.2, 22.6, 19.9, 24.2,
                                       21,   21.4, 21.3, 19.1, 22.2, 33.8, 27.4, 25.7, 24.9, 34.5,
                                       31.7, 36.3, 38.3, 42.6, 55.4, 55.7, 58.3, 51.5, 51,   77};
  const SignedRank result = signed_rank_test(shifted(volumes, 24.45));
  EXPECT_EQ(result.positive_rank_sum, 293.0);
  expect_p(result.p, 0.220646757632494);
  expect_p(signed_rank_test(shifted(volumes, 24.45), Alternative::Less).p, 0.89353357348591089);
}

// R: wilcox.test(LakeHuron[1:49] - 579.003), approximate because of ties, and "less".
TEST(SignedRankTest, EqualsRApproximatelyWithTies) {
  // Differences in hundredths, so that equal ones are equal.
  std::vector<double> d;
  for (const double level : kHuron) d.push_back(std::round((level - 579.003) * 1000.0));
  const SignedRank result =
      signed_rank_test(d, Alternative::TwoSided, NullDistribution::Approximate);
  EXPECT_EQ(result.positive_rank_sum, 1032.0);
  expect_p(result.p, 3.0729232154060438e-05);
  expect_p(signed_rank_test(d, Alternative::Less, NullDistribution::Approximate).p,
           0.99998529201998065);
}

// R: wilcox.test(before, after, paired = TRUE, alternative = "greater") of ?wilcox.test.
TEST(SignedRankTest, TakesOneSide) {
  const std::vector<double> before = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
  const std::vector<double> after = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
  std::vector<double> d;
  for (std::size_t i = 0; i < before.size(); ++i) d.push_back(before[i] - after[i]);
  expect_p(signed_rank_test(d, Alternative::Greater).p, 0.01953125);
}

// R: binom.test(9, 12); binom.test(18, 50); binom.test(9, 12, alternative = "greater").
TEST(SignTest, EqualsR) {
  std::vector<double> d(12, 1.0);
  std::fill_n(d.begin(), 3, -1.0);
  expect_p(sign_test(d).p, 0.14599609375000008);
  expect_p(sign_test(d, Alternative::Greater).p, 0.072998046875000042);
  std::vector<double> e(50, -1.0);
  std::fill_n(e.begin(), 18, 1.0);
  expect_p(sign_test(e).p, 0.064908647072272257);
}

// R: kruskal.test(Ozone ~ Month, airquality); (weight ~ feed, chickwts); (count ~ spray,
// InsectSprays).
TEST(KruskalWallis, EqualsR) {
  const RankVariance ozone = kruskal_wallis_test(kOzone);
  EXPECT_NEAR(ozone.statistic, 29.266576306116939, kRTolerance);
  EXPECT_EQ(ozone.freedom, 4.0);
  expect_p(ozone.p, 6.9007141185467839e-06);
  expect_p(kruskal_wallis_test(kChick).p, 5.1128295119371503e-07);
  expect_p(kruskal_wallis_test(kInsects).p, 1.5108444394185103e-10);
}

TEST(KruskalWallis, FindsNothingInEqualValues) {
  const std::vector<std::vector<double>> equal = {{1, 1}, {1, 1}};
  EXPECT_EQ(kruskal_wallis_test(equal).p, 1.0);
  EXPECT_THROW(kruskal_wallis_test(std::vector<std::vector<double>>{{1.0}, {}}), BugError);
}

// R: friedman.test(RoundingTimes); F = 21 * chi / (22 * 2 - chi); pf(F, 2, 42, lower = FALSE).
TEST(Friedman, EqualsR) {
  const FriedmanTest result = friedman_test(kRounding, 3);
  EXPECT_NEAR(result.statistic, 11.142857142857142, kRTolerance);
  expect_p(result.p, 0.003805040775511363);
  EXPECT_NEAR(result.f, 7.1217391304347819, kRTolerance);
  expect_p(result.p_f, 0.0021712983876075193);
  EXPECT_NEAR(result.mean_ranks[0], 2.4090909090909092, 1e-12);
  EXPECT_NEAR(result.mean_ranks[2], 1.4545454545454546, 1e-12);
}

TEST(Friedman, SeesPerfectAgreementAndNone) {
  const std::vector<double> same_order = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(friedman_test(same_order, 3).p_f, 0.0);
  EXPECT_EQ(friedman_test(std::vector<double>(6, 1.0), 3).p, 1.0);
  EXPECT_THROW(friedman_test(same_order, 2), BugError);
}

}  // namespace
}  // namespace trimtab
