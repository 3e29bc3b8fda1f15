#include "trimtab/numerics/statistics/resampled_t.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

TEST(ResampledMean, EqualsTheFormulaInR) {
  const std::vector<double> x = {0.81, 0.84, 0.79, 0.86, 0.80};
  const ResampledMean result = resampled_mean(x, 0.25);
  EXPECT_NEAR(result.mean, 0.82, 1e-12);
  EXPECT_NEAR(result.standard_error, 0.0195576072156079, 1e-12);
  EXPECT_NEAR(result.interval.low, 0.765699377176844, 1e-10);
  EXPECT_NEAR(result.interval.high, 0.874300622823156, 1e-10);
  std::vector<double> shifted = x;
  for (double& value : shifted) value -= 0.78;
  EXPECT_NEAR(resampled_mean(shifted, 0.25).p, 0.110284929378492, 1e-10);
}

TEST(ResampledMean, OneScoreHasNoInterval) {
  const std::vector<double> x = {0.5};
  EXPECT_EQ(resampled_mean(x, 0.25).mean, 0.5);
  EXPECT_TRUE(std::isnan(resampled_mean(x, 0.25).interval.low));
}

TEST(ResampledMean, ScoresWithoutSpreadAreTheirMean) {
  const std::vector<double> zeros = {0.0, 0.0, 0.0}, ones = {1.0, 1.0, 1.0};
  EXPECT_EQ(resampled_mean(zeros, 0.5).p, 1.0);
  EXPECT_EQ(resampled_mean(ones, 0.5).p, 0.0);
  EXPECT_EQ(resampled_mean(ones, 0.5).interval.low, 1.0);
}

// Scores of J folds that share a common part of variance rho s^2: the plain interval covers too
// seldom, this one at least as often as it says (2 000 draws, three deviations below 95 %).
TEST(ResampledMean, CoversWhereTheFoldsAreAlike) {
  Rng rng(3, 0, "coverage");
  int covered = 0, plainly = 0;
  for (int draw = 0; draw < 2000; ++draw) {
    const double common = std::sqrt(0.25) * rng.normal();
    std::vector<double> x(5);
    for (double& value : x) value = common + rng.normal();
    const auto holds = [&](const ResampledMean& mean) {
      return mean.interval.low <= 0.0 && mean.interval.high >= 0.0 ? 1 : 0;
    };
    covered += holds(resampled_mean(x, 0.25));
    plainly += holds(resampled_mean(x, 1e-12));
  }
  EXPECT_GE(covered, 1870);
  EXPECT_LT(plainly, 1800);
}

}  // namespace
}  // namespace trimtab
