#include "trimtab/numerics/statistics/multiple_comparisons.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics/anova.hpp"
#include "trimtab/numerics/statistics/testing/r_data.hpp"

namespace trimtab {
namespace {

using namespace testing;

struct RPair {
  std::size_t first, second;
  double difference, low, high, p;
};

// R computes the studentized range itself to about 1e-12, so the tolerance is absolute.
void expect_pairs(const std::vector<PairwiseComparison>& pairs, const std::vector<RPair>& r) {
  ASSERT_EQ(pairs.size(), r.size());
  for (std::size_t i = 0; i < r.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(pairs[i].first, r[i].first);
    EXPECT_EQ(pairs[i].second, r[i].second);
    EXPECT_NEAR(pairs[i].difference, r[i].difference, kRTolerance);
    EXPECT_NEAR(pairs[i].interval.low, r[i].low, 1e-4);  // R's qtukey stops at 1e-4 of the quantile
    EXPECT_NEAR(pairs[i].interval.high, r[i].high, 1e-4);
    EXPECT_NEAR(pairs[i].p, r[i].p, kRTolerance);
  }
}

std::vector<PairwiseComparison> compare(const std::vector<std::vector<double>>& samples,
                                        const Anova& table) {
  std::vector<double> means, counts;
  for (const std::vector<double>& sample : samples) {
    means.push_back(mean(sample));
    counts.push_back(static_cast<double>(sample.size()));
  }
  return tukey_hsd(means, counts, table.residual_mean_square(), table.residual_freedom);
}

std::vector<std::vector<double>> by_level(const std::vector<double>& y, const Factor& factor) {
  std::vector<std::vector<double>> samples(factor.num_levels);
  for (std::size_t i = 0; i < y.size(); ++i) samples[factor.levels[i]].push_back(y[i]);
  return samples;
}

// R: TukeyHSD(aov(weight ~ feed, chickwts)): unequal counts.
TEST(TukeyHsd, EqualsROnChickwts) {
  expect_pairs(
      compare(kChick, one_way_anova(kChick)),
      {{0, 1, -163.38333333333338, -232.34687620444674, -94.419790462220035,
        3.0701967967949884e-08},
       {0, 2, -104.83333333333337, -170.58749148277451, -39.079175183892232,
        0.00021001513216156731},
       {0, 3, -46.674242424242436, -113.90620662305174, 20.557721774566872, 0.33245841597300307},
       {0, 4, -77.154761904761898, -140.51705413943088, -13.792469670092906, 0.0083653086830581813},
       {0, 5, 5.3333333333333144, -60.420824816107825, 71.087491482774453, 0.99989021739326889},
       {1, 2, 58.550000000000011, -10.413542871113336, 127.51354287111336, 0.14133289445658093},
       {1, 3, 116.70909090909095, 46.335104654053865, 187.08307716412804, 0.00010620915147674381},
       {1, 4, 86.228571428571485, 19.541683597261155, 152.9154592598818, 0.0042166542438366594},
       {1, 5, 168.7166666666667, 99.75312379555335, 237.68020953778006, 1.2198866694568267e-08},
       {2, 3, 58.159090909090935, -9.0728732897183733, 125.39105510790024, 0.12769648174904036},
       {2, 4, 27.678571428571473, -35.683720806097519, 91.040863663240458, 0.79328531615404951},
       {2, 5, 110.16666666666669, 44.412508517225547, 175.92082481610782, 8.8432328039900199e-05},
       {3, 4, -30.480519480519462, -95.375109188135724, 34.414070227096801, 0.73913557150595266},
       {3, 5, 52.007575757575751, -15.224388441233558, 119.23953995638506, 0.22069623621041268},
       {4, 5, 82.488095238095212, 19.125803003426221, 145.8503874727642, 0.0038845212072347035}});
}

// R: TukeyHSD(aov(breaks ~ wool + tension, warpbreaks), "tension").
TEST(TukeyHsd, EqualsROnWarpbreaks) {
  const std::vector<Factor> factors = warp_factors();
  expect_pairs(
      compare(by_level(kWarp, factors[1]), anova(kWarp, factors, factorial_terms(2, 1))),
      {{0, 1, -10.000000000000004, -19.353420726843542, -0.64657927315646546, 0.033626218911379069},
       {0, 2, -14.722222222222221, -24.07564294906576, -5.3688014953786833, 0.0011217877170325297},
       {1, 2, -4.7222222222222179, -14.075642949065756, 4.6311985046213202, 0.44742102143145823}});
}

// R: TukeyHSD(aov(len ~ supp * factor(dose), ToothGrowth)), "factor(dose)" and "supp".
TEST(TukeyHsd, EqualsROnToothGrowth) {
  const std::vector<Factor> factors = tooth_factors();
  const Anova table = anova(kTooth, factors, factorial_terms(2, 2));
  expect_pairs(
      compare(by_level(kTooth, factors[1]), table),
      {{0, 1, 9.1300000000000097, 6.3624875245696266, 11.897512475430393, 3.5530656194993071e-10},
       {0, 2, 15.495000000000012, 12.727487524569629, 18.262512475430395, 4.3842707242447432e-13},
       {1, 2, 6.365000000000002, 3.5974875245696194, 9.132512475430385, 2.7075723050273837e-06}});
  // Two groups: the range test is the t test, so its p is that of the analysis of variance.
  EXPECT_NEAR(compare(by_level(kTooth, factors[0]), table)[0].p, 0.00023118280977342623, 1e-12);
}

// R: TukeyHSD(...)[["supp:factor(dose)"]]: six cells.
TEST(TukeyHsd, EqualsROnTheCellsOfToothGrowth) {
  const std::vector<Factor> factors = tooth_factors();
  std::vector<std::vector<double>> cells;  // in R's order OJ:0.5, VC:0.5, OJ:1, ...
  for (const std::size_t first : {30, 0, 40, 10, 50, 20}) cells.push_back(part(kTooth, first, 10));
  expect_pairs(
      compare(cells, anova(kTooth, factors, factorial_terms(2, 2))),
      {{0, 1, -5.2500000000000124, -10.048123766710049, -0.45187623328997706, 0.024252085281548541},
       {0, 2, 9.4700000000000024, 4.671876233289967, 14.268123766710037, 4.6123035527534384e-06},
       {0, 3, 3.5399999999999991, -1.2581237667100362, 8.3381237667100336, 0.26402076031916144},
       {0, 4, 12.830000000000005, 8.0318762332899709, 17.62812376671004, 2.1251528314891743e-09},
       {0, 5, 12.91, 8.1118762332899657, 17.708123766710035, 1.7699389731617998e-09},
       {1, 2, 14.720000000000015, 9.9218762332899786, 19.518123766710051, 2.9859781314200973e-11},
       {1, 3, 8.7900000000000116, 3.9918762332899762, 13.588123766710048, 2.1009484296619085e-05},
       {1, 4, 18.08000000000002, 13.281876233289985, 22.878123766710054, 4.8550052866858096e-13},
       {1, 5, 18.160000000000011, 13.361876233289976, 22.958123766710045, 4.8216985959470549e-13},
       {2, 3, -5.9300000000000033, -10.728123766710038, -1.1318762332899679, 0.0073930317760341202},
       {2, 4, 3.360000000000003, -1.4381237667100324, 8.1581237667100375, 0.31873609059999752},
       {2, 5, 3.4399999999999977, -1.3581237667100376, 8.2381237667100322, 0.29364295247574379},
       {3, 4, 9.2900000000000063, 4.4918762332899709, 14.088123766710041, 6.9081634791468005e-06},
       {3, 5, 9.370000000000001, 4.5718762332899656, 14.168123766710035, 5.774012985293453e-06},
       {4, 5, 0.079999999999994742, -4.7181237667100406, 4.8781237667100301, 0.99999995659911689}});
}

// R: TukeyHSD(aov(yield ~ block + N * P * K, npk), "block").
TEST(TukeyHsd, EqualsROnNpk) {
  const std::vector<Factor> factors = npk_factors();
  const std::vector<AnovaTerm> terms = {{0}, {1}, {2}, {3}, {1, 2}, {1, 3}, {2, 3}};
  expect_pairs(
      compare(by_level(kNpkYield, factors[0]), anova(kNpkYield, factors, terms)),
      {{0, 1, 3.4249999999999758, -5.9078919069430018, 12.757891906942953, 0.81341000895765037},
       {0, 2, 6.7499999999999787, -2.582891906942999, 16.082891906942955, 0.22035618043084781},
       {0, 3, -3.9000000000000199, -13.232891906942998, 5.4328919069429578, 0.7247451406512595},
       {0, 4, -3.5000000000000213, -12.832891906942999, 5.8328919069429563, 0.80023616936195752},
       {0, 5, 2.3249999999999744, -7.0078919069430032, 11.657891906942952, 0.95448818811983083},
       {1, 2, 3.3250000000000028, -6.0078919069429748, 12.65789190694298, 0.83038944549382143},
       {1, 3, -7.3249999999999957, -16.657891906942972, 2.0078919069429819, 0.16138969817263948},
       {1, 4, -6.9249999999999972, -16.257891906942973, 2.4078919069429805, 0.2007626987268144},
       {1, 5, -1.1000000000000014, -10.432891906942979, 8.2328919069429762, 0.99840051955361919},
       {2, 3, -10.649999999999999, -19.982891906942974, -1.3171080930570209, 0.022483743275284018},
       {2, 4, -10.25, -19.582891906942976, -0.91710809305702234, 0.028678732619854319},
       {2, 5, -4.4250000000000043, -13.757891906942982, 4.9078919069429734, 0.61771599897024365},
       {3, 4, 0.39999999999999858, -8.9328919069429791, 9.7328919069429762, 0.99998870244896354},
       {3, 5, 6.2249999999999943, -3.1078919069429833, 15.557891906942972, 0.28840929700163498},
       {4, 5, 5.8249999999999957, -3.5078919069429819, 15.157891906942973, 0.34984274558040918}});
}

TEST(TukeyHsd, RefusesWhatCannotBeCompared) {
  const std::vector<double> means = {1, 2}, counts = {3, 3}, none = {3, 0};
  EXPECT_THROW(tukey_hsd(means, none, 1.0, 4.0), BugError);
  EXPECT_THROW(tukey_hsd(means, counts, 0.0, 4.0), BugError);
}

// Demsar 2006, section 3.2.4: C4.5 in four variants on 14 data sets; the difference is 1.25.
TEST(Nemenyi, GivesTheCriticalDifferenceOfDemsar) {
  const std::vector<double> mean_ranks = {3.143, 2.000, 2.893, 1.964};
  const NemenyiTest result = nemenyi_test(mean_ranks, 14);
  EXPECT_NEAR(result.critical_difference,
              3.633159581795852 / std::sqrt(2.0) * std::sqrt(20.0 / 84.0), 1e-6);
  EXPECT_NEAR(result.critical_difference, 1.25, 0.005);
}

// R: r <- rowwise ranks of RoundingTimes of ?friedman.test;
// ptukey(abs(diff) / sqrt(12 / (6 * 22)) * sqrt(2), 3, Inf, lower = FALSE).
TEST(Nemenyi, EqualsR) {
  const std::vector<double> mean_ranks = {53.0 / 22.0, 47.0 / 22.0, 32.0 / 22.0};
  const NemenyiTest result = nemenyi_test(mean_ranks, 22);
  EXPECT_NEAR(result.pairs[0].p, 0.63742716701866531, kRTolerance);
  EXPECT_NEAR(result.pairs[1].p, 0.0044098204454522394, kRTolerance);
  EXPECT_NEAR(result.pairs[2].p, 0.061370759255184537, kRTolerance);
  EXPECT_EQ(result.cliques, (std::vector<std::vector<std::size_t>>{{2, 1}, {1, 0}}));
}

TEST(Nemenyi, PutsMethodsThatNobodyTellsApartIntoOneClique) {
  const std::vector<double> mean_ranks = {2.0, 2.1, 1.9};
  EXPECT_EQ(nemenyi_test(mean_ranks, 10).cliques,
            (std::vector<std::vector<std::size_t>>{{2, 0, 1}}));
  const std::vector<double> apart = {1.0, 3.0, 2.0};
  EXPECT_TRUE(nemenyi_test(apart, 100000).cliques.empty());
}

// R: p.adjust(p, "BH"), p.adjust(p, "holm").
TEST(BenjaminiHochberg, EqualsR) {
  const std::vector<double> p = {0.01, 0.02, 0.03, 0.04, 0.05, 0.001, 0.8, 0.3, 0.04};
  const std::vector<double> expected = {0.045, 0.06, 0.06,   0.06, 0.064285714285714293,
                                        0.009, 0.8,  0.3375, 0.06};
  const std::vector<double> holm_expected = {0.08, 0.14, 0.18, 0.2, 0.2, 0.009, 0.8, 0.6, 0.2};
  const std::vector<double> adjusted = benjamini_hochberg(p), by_holm = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    EXPECT_NEAR(adjusted[i], expected[i], 1e-15);
    EXPECT_NEAR(by_holm[i], holm_expected[i], 1e-15);
  }
}

TEST(BenjaminiHochberg, StepsUpAndLeavesUntestedOut) {
  const std::vector<double> adjusted =
      benjamini_hochberg(std::vector<double>{0.01, 0.04, std::nan(""), 0.03});
  EXPECT_NEAR(adjusted[0], 0.03, 1e-15);
  EXPECT_NEAR(adjusted[1], 0.04, 1e-15);
  EXPECT_TRUE(std::isnan(adjusted[2]));
  EXPECT_NEAR(adjusted[3], 0.04, 1e-15);
}

RC_GTEST_PROP(BenjaminiHochberg, LiesBetweenTheRawProbabilityAndHolm, ()) {
  const auto raw = *rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(0, 1001), [](int i) { return i / 1000.0; }));
  const std::vector<double> adjusted = benjamini_hochberg(raw), by_holm = holm(raw);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    RC_ASSERT(adjusted[i] >= raw[i]);
    RC_ASSERT(adjusted[i] <= by_holm[i] + 1e-15);
  }
}

}  // namespace
}  // namespace trimtab
