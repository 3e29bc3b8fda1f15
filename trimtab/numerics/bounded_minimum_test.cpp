#include "trimtab/numerics/bounded_minimum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

double rosenbrock(std::span<const double> x, std::span<double> gradient) {
  double sum = 0.0;
  for (std::size_t j = 0; j + 1 < x.size(); ++j) {
    const double bend = x[j + 1] - x[j] * x[j];
    sum += 100.0 * bend * bend + (1.0 - x[j]) * (1.0 - x[j]);
    gradient[j] += -400.0 * x[j] * bend - 2.0 * (1.0 - x[j]);
    gradient[j + 1] += 200.0 * bend;
  }
  return sum;
}

BoundedMinimum minimise(const DifferentiableFunction& function, const std::vector<double>& start,
                        double low, double high, const BoundedOptions& options = {}) {
  const std::vector<double> lows(start.size(), low);
  const std::vector<double> highs(start.size(), high);
  return minimise_bounded(function, start, lows, highs, options);
}

TEST(BoundedMinimum, FindsTheMinimumOfRosenbrocksValley) {
  const BoundedMinimum found =
      minimise(rosenbrock, {-1.2, 1.0, -1.2, 1.0}, -5.0, 5.0, {.max_evaluations = 300});
  EXPECT_TRUE(found.is_converged);
  EXPECT_LT(found.num_evaluations, 150U);
  for (const double x : found.x) EXPECT_NEAR(x, 1.0, 1e-4);
}

// Within [-5, 0.5]^2 the minimum of (1 - x)^2 + 100 (y - x^2)^2 is (0.5, 0.25), by hand.
TEST(BoundedMinimum, StopsAtABoundThatHoldsIt) {
  const BoundedMinimum found =
      minimise(rosenbrock, {-1.2, 0.4}, -5.0, 0.5, {.max_evaluations = 300});
  EXPECT_DOUBLE_EQ(found.x[0], 0.5);
  EXPECT_NEAR(found.x[1], 0.25, 1e-5);
  EXPECT_NEAR(found.value, 0.25, 1e-8);
}

TEST(BoundedMinimum, LeavesABoundThatDoesNot) {
  const auto bowl = [](std::span<const double> x, std::span<double> gradient) {
    gradient[0] = 2.0 * (x[0] - 0.3);
    gradient[1] = 200.0 * (x[1] - 2.0);
    return (x[0] - 0.3) * (x[0] - 0.3) + 100.0 * (x[1] - 2.0) * (x[1] - 2.0);
  };
  const BoundedMinimum found = minimise(bowl, {0.0, 0.0}, 0.0, 1.0);
  EXPECT_NEAR(found.x[0], 0.3, 1e-6);
  EXPECT_DOUBLE_EQ(found.x[1], 1.0);
}

TEST(BoundedMinimum, HoldsFixedCoordinates) {
  const std::vector<double> start = {-1.2, 1.0};
  const std::vector<double> low = {-5.0, 1.0};
  const std::vector<double> high = {5.0, 1.0};
  const BoundedMinimum found = minimise_bounded(rosenbrock, start, low, high, {});
  EXPECT_EQ(found.x[1], 1.0);
  EXPECT_NEAR(std::abs(found.x[0]), 1.0, 0.01);
}

TEST(BoundedMinimum, SolvesAnIllConditionedBowlOfTwentyDimensions) {
  const auto bowl = [](std::span<const double> x, std::span<double> gradient) {
    double sum = 0.0;
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double weight = std::pow(1e4, static_cast<double>(j) / 19.0);
      sum += weight * (x[j] - 0.5) * (x[j] - 0.5);
      gradient[j] = 2.0 * weight * (x[j] - 0.5);
    }
    return sum;
  };
  const BoundedMinimum found =
      minimise(bowl, std::vector<double>(20, -1.0), -2.0, 2.0, {.max_evaluations = 600});
  EXPECT_TRUE(found.is_converged);
  EXPECT_LT(found.value, 1e-8);
}

TEST(BoundedMinimum, BacksAwayFromPlacesWithoutAValue) {
  const auto wall = [](std::span<const double> x, std::span<double> gradient) {
    if (x[0] > 0.6) return std::numeric_limits<double>::quiet_NaN();
    gradient[0] = 50.0 * (x[0] - 0.55);
    return 25.0 * (x[0] - 0.55) * (x[0] - 0.55);
  };
  EXPECT_NEAR(minimise(wall, {0.0}, 0.0, 1.0).x[0], 0.55, 1e-5);
}

TEST(BoundedMinimum, EvaluatesNoMoreThanAllowedAndIsNeverWorseThanItsStart) {
  for (const std::size_t limit : {1U, 2U, 5U, 17U}) {
    const BoundedMinimum found =
        minimise(rosenbrock, {-1.2, 1.0, 3.0}, -5.0, 5.0, {.max_evaluations = limit});
    EXPECT_LE(found.num_evaluations, limit);
    std::vector<double> gradient(3, 0.0);
    EXPECT_LE(found.value, rosenbrock(std::vector<double>{-1.2, 1.0, 3.0}, gradient));
    gradient.assign(3, 0.0);
    EXPECT_EQ(found.value, rosenbrock(found.x, gradient));
  }
}

TEST(BoundedMinimum, RefusesBoundsOfAnotherLength) {
  const std::vector<double> two = {0.0, 0.0};
  const std::vector<double> one = {0.0};
  EXPECT_THROW(minimise_bounded(rosenbrock, two, one, two, {}), BugError);
}

}  // namespace
}  // namespace trimtab
