#include "trimtab/samplers/gp/encoding.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "trimtab/numerics/gp/evidence.hpp"

namespace trimtab::gp {
namespace {

Space conditional_space() {
  return SpaceBuilder()
      .real("x", 0.0, 1.0)
      .categorical("kernel", {"linear", "rbf", "poly"})
      .real("gamma", 0.0, 1.0, {.when = {{"kernel", {"rbf", "poly"}}}})
      .categorical("norm", {"p", "q"}, {.when = {{"kernel", {"poly"}}}})
      .build();
}

double squared_distance(const Encoding& encoding, const Point& a, const Point& b) {
  std::vector<double> left(encoding.num_features());
  std::vector<double> right(encoding.num_features());
  encoding.encode(a, left);
  encoding.encode(b, right);
  double sum = 0.0;
  for (std::size_t f = 0; f < left.size(); ++f) sum += std::pow(left[f] - right[f], 2.0);
  return sum;
}

TEST(GpEncoding, GivesEveryParameterOneLengthScale) {
  const Encoding encoding(conditional_space());
  EXPECT_EQ(encoding.axes().count, 4U);
  // x; three choices; gamma and its activity; two choices and their activity.
  const std::vector<std::size_t> expected = {0, 1, 1, 1, 2, 2, 3, 3, 3};
  EXPECT_EQ(encoding.axes().of_feature, expected);
}

TEST(GpEncoding, LeavesOutWhatHasASingleValue) {
  const Space space = SpaceBuilder().real("x", 2.0, 2.0).integer("n", 1, 5).build();
  EXPECT_EQ(Encoding(space).num_features(), 1U);
}

TEST(GpEncoding, PutsAnyTwoChoicesOneApart) {
  const Space space = SpaceBuilder().categorical("c", {"a", "b", "c", "d"}).build();
  const Encoding encoding(space);
  for (double a = 0.0; a < 4.0; ++a) {
    for (double b = 0.0; b < 4.0; ++b) {
      EXPECT_NEAR(squared_distance(encoding, {a}, {b}), a == b ? 0.0 : 1.0, 1e-15);
    }
  }
}

TEST(GpEncoding, ComparesNumbersOnTheScaleOfTheirDimension) {
  const Space space = SpaceBuilder().real("rate", 1e-4, 1.0, {.is_log = true}).build();
  const Encoding encoding(space);
  EXPECT_NEAR(squared_distance(encoding, {1e-4}, {1e-2}), 0.25, 1e-12);
  EXPECT_TRUE(encoding.is_smooth(0));
}

TEST(GpEncoding, ComparesConditionalValuesOnlyWhereBothAreActive) {
  const Encoding encoding(conditional_space());
  const double off = kInactive;
  // Both active: the plain distance. gamma 0.2 against 0.6.
  EXPECT_NEAR(squared_distance(encoding, {0.5, 1.0, 0.2, off}, {0.5, 1.0, 0.6, off}), 0.16, 1e-15);
  // Both inactive: nothing but what is active.
  EXPECT_NEAR(squared_distance(encoding, {0.5, 0.0, off, off}, {0.8, 0.0, off, off}), 0.09, 1e-15);
  // One active: the kernel differs (1), and gamma is at least 1/2 away.
  EXPECT_NEAR(squared_distance(encoding, {0.5, 0.0, off, off}, {0.5, 1.0, 0.5, off}), 1.25, 1e-15);
  EXPECT_NEAR(squared_distance(encoding, {0.5, 0.0, off, off}, {0.5, 1.0, 0.9, off}), 1.41, 1e-15);
}

TEST(GpEncoding, KeepsTheKernelPositiveDefinite) {
  const Space space = conditional_space();
  const Encoding encoding(space);
  std::vector<double> features;
  std::vector<double> row(encoding.num_features());
  Rng rng(1);
  for (int i = 0; i < 60; ++i) {
    encoding.encode(space.sample(rng), row);
    features.insert(features.end(), row.begin(), row.end());
  }
  for (const double length : {0.05, 0.5, 5.0}) {
    const Hyperparameters theta{std::vector<double>(4, length), 1.0, 1e-9};
    const std::vector<double> targets(60, 0.0);
    EXPECT_TRUE(
        std::isfinite(log_evidence(encoding.axes(), features, targets, theta, {}).log_likelihood));
  }
}

TEST(GpEncoding, MovesLongIntegersByGradientsButNotShortOnesOrSlots) {
  const Space space = SpaceBuilder()
                          .integer("long", 1, 100)
                          .integer("short", 1, 5)
                          .permutation("order", {"a", "b", "c"})
                          .build();
  const Encoding encoding(space);
  EXPECT_TRUE(encoding.is_smooth(0));
  for (std::size_t j = 1; j < 5; ++j) EXPECT_FALSE(encoding.is_smooth(j)) << j;
}

}  // namespace
}  // namespace trimtab::gp
