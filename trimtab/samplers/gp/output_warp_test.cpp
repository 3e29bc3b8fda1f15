#include "trimtab/samplers/gp/output_warp.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace trimtab::gp {
namespace {

const std::vector<double> kLosses = {4.0, 1.0, 2.0, 30.0, 3.0, 7.0, 11.0};

TEST(OutputWarp, GivesTargetsOfMeanZeroAndVarianceOne) {
  for (const double strength : {0.0, 1.0, 100.0}) {
    const OutputWarp warp(kLosses, strength);
    double first = 0.0;
    double second = 0.0;
    for (const double loss : kLosses) {
      first += warp.target(loss);
      second += warp.target(loss) * warp.target(loss);
    }
    EXPECT_NEAR(first, 0.0, 1e-12);
    EXPECT_NEAR(second, 7.0, 1e-12);
  }
}

// Median 4, best 1: s = 3 at strength 1, so that t = (y - 1) / 3 and w = log(1 + t).
TEST(OutputWarp, TakesTheLogarithmOfTheGapToTheBest) {
  const OutputWarp warp(kLosses, 1.0);
  EXPECT_EQ(warp.median(), 4.0);
  const double unit = (warp.target(4.0) - warp.target(1.0)) / std::log(2.0);
  EXPECT_NEAR(warp.target(30.0) - warp.target(1.0), unit * std::log(32.0 / 3.0), 1e-12);
  // Below the best the warp goes on straight.
  EXPECT_NEAR(warp.target(1.0) - warp.target(-5.0), unit * 2.0, 1e-12);
}

TEST(OutputWarp, Increases) {
  for (const double strength : {0.0, 1.0, 10.0, 100.0}) {
    const OutputWarp warp(kLosses, strength);
    for (double loss = -3.0; loss < 40.0; loss += 0.25) {
      EXPECT_LT(warp.target(loss), warp.target(loss + 0.25)) << loss;
    }
  }
}

TEST(OutputWarp, HasTheJacobianOfItsDifferences) {
  for (const double strength : {0.0, 1.0, 100.0}) {
    const OutputWarp warp(kLosses, strength);
    for (const double loss : {0.5, 2.5, 9.0, 50.0}) {
      const double step = 1e-6;
      const double slope = (warp.target(loss + step) - warp.target(loss - step)) / (2.0 * step);
      const std::vector<double> one = {loss};
      EXPECT_NEAR(warp.log_jacobian(one), std::log(slope), 1e-6);
    }
  }
}

TEST(OutputWarp, ReadsInfiniteLossesAsTheWorstAndTheBest) {
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> losses = kLosses;
  losses.push_back(infinity);
  losses.push_back(-infinity);
  const OutputWarp warp(losses, 1.0);
  EXPECT_EQ(warp.target(infinity), warp.target(30.0));
  EXPECT_EQ(warp.target(-infinity), warp.target(1.0));
}

TEST(OutputWarp, StaysFiniteForExtremeAndConstantLosses) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::vector<double>> samples = {
      {1e308, -1e308, 0.0, 1e-300}, {5.0, 5.0, 5.0}, {infinity, infinity}, {-infinity}, {1e-320}};
  for (const std::vector<double>& losses : samples) {
    for (const double strength : {0.0, 1.0, 100.0}) {
      const OutputWarp warp(losses, strength);
      for (const double loss : losses) EXPECT_TRUE(std::isfinite(warp.target(loss))) << loss;
      EXPECT_TRUE(std::isfinite(warp.log_jacobian(losses)));
    }
  }
}

}  // namespace
}  // namespace trimtab::gp
