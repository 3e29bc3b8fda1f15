#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/numerics/statistics/testing/r_data.hpp"
#include "trimtab/science/subpopulation_curve/curve.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

// R: x <- mtcars$wt; y <- mtcars$mpg; anova(lm(y ~ x), lm(y ~ x + I(x^2))), summary()$r.squared,
// AIC() and BIC() of both.
TEST(SubpopulationCurve, TestsTheQuadraticTermAsR) {
  const CurveFit fit = fit_curve(testing::kWeight, testing::kMpg);
  EXPECT_NEAR(fit.line_r_squared, 0.752832793658264, 1e-9);
  EXPECT_NEAR(fit.parabola_r_squared, 0.819061358138409, 1e-9);
  EXPECT_NEAR(fit.f, 10.6148048319794, 1e-8);
  EXPECT_NEAR(fit.p, 0.00285989512538661, 1e-10);
  EXPECT_NEAR(fit.bend, 1.1710868938265, 1e-9);
  EXPECT_NEAR(fit.aic_gain, 7.98102648957985, 1e-8);
  EXPECT_NEAR(fit.bic_gain, 6.51529058678011, 1e-8);
}

std::string csv_of(double bend, double slope, double noise, std::uint64_t seed) {
  Rng rng(seed, 0, "models");
  std::string csv = "maj,min\n";
  for (int i = 0; i < 60; ++i) {
    const double x = 0.86 + 0.13 * rng.uniform01();
    const double y =
        0.5 + slope * (x - 0.925) + bend * (x - 0.925) * (x - 0.925) + noise * rng.normal();
    csv += format_number(x) + "," + format_number(y) + "\n";
  }
  return csv + "0.5,0.5\n";
}

AnalysisResult analyse(const std::string& csv) {
  const AnalysisEntry entry = subpopulation_curve_entry();
  return entry.run_on_table(
      parse_csv(csv, "t"),
      OptionValues(entry.info, {{"majority", "maj"}, {"minority", "min"}}, "test"));
}

TEST(SubpopulationCurve, TellsTheMoonFromTheLine) {
  const AnalysisResult moon = analyse(csv_of(50.0, -0.5, 0.02, 1));
  EXPECT_THAT(moon.verdict, HasSubstr("bends upwards"));
  EXPECT_EQ(Json::parse(moon.data)["left_out"].get<int>(), 1);
  EXPECT_THAT(analyse(csv_of(0.0, 1.0, 0.005, 2)).verdict, HasSubstr("a straight line will do"));
}

TEST(SubpopulationCurve, SaysWhenNothingIsLeftOfTheLine) {
  EXPECT_THAT(analyse(csv_of(0.0, 0.0, 0.05, 3)).verdict,
              HasSubstr("the linear relation is destroyed, a parabola is not significant"));
}

TEST(SubpopulationCurve, KeepsItsFalseAlarmRate) {
  // 400 straight studies at alpha = 0.05: 20 alarms expected; 42 or more has probability < 1e-5.
  int num_alarms = 0;
  for (std::uint64_t run = 0; run < 400; ++run) {
    Rng rng(run, 0, "null");
    std::vector<double> x(40), y(40);
    for (std::size_t i = 0; i < 40; ++i) {
      x[i] = rng.uniform01();
      y[i] = x[i] + 0.1 * rng.normal();
    }
    if (fit_curve(x, y).p <= 0.05) ++num_alarms;
  }
  EXPECT_LT(num_alarms, 42);
  EXPECT_GT(num_alarms, 4);
}

TEST(SubpopulationCurve, RefusesTooFewModels) {
  EXPECT_THROW(analyse("maj,min\n0.9,0.8\n0.91,0.8\n0.92,0.8\n0.93,0.8\n"), UserError);
  EXPECT_THROW(analyse("maj,min\n0.9,1\n0.9,1\n0.9,1\n0.9,1\n0.9,1\n0.9,1\n"), UserError);
}

}  // namespace
}  // namespace trimtab
