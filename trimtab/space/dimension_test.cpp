#include "trimtab/space/dimension.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/space/testing/random_space.hpp"

namespace trimtab {
namespace {

Dimension real(double low, double high) {
  Dimension dimension;
  dimension.name = "x";
  dimension.low = low;
  dimension.high = high;
  return dimension;
}

Dimension integer(double low, double high) {
  Dimension dimension = real(low, high);
  dimension.kind = Kind::Integer;
  dimension.step = 1.0;
  return dimension;
}

TEST(Dimension, CountsItsValues) {
  EXPECT_EQ(real(0, 1).count(), 0u);  // continuous
  EXPECT_EQ(real(2, 2).count(), 1u);
  EXPECT_EQ(integer(-1, 3).count(), 5u);
  Dimension steps = real(0, 1);
  steps.step = 0.1;
  EXPECT_EQ(steps.count(), 11u);
  EXPECT_EQ(steps.value_at(3), 0.3);  // and not 0.30000000000000004
  EXPECT_EQ(steps.value_at(10), 1.0);
  Dimension levels = real(1e-4, 1.0);
  levels.is_log = true;
  levels.levels = 5;
  EXPECT_EQ(levels.count(), 5u);
  EXPECT_NEAR(levels.value_at(1), 1e-3, 1e-15);
  EXPECT_EQ(levels.value_at(4), 1.0);
  EXPECT_THROW(levels.value_at(5), BugError);
  EXPECT_THROW(real(0, 1).value_at(0), BugError);
}

TEST(Dimension, ClipsToTheNearestLegalValue) {
  EXPECT_EQ(real(0, 1).clip(-3.0), 0.0);
  EXPECT_EQ(real(0, 1).clip(0.3), 0.3);
  EXPECT_EQ(integer(0, 9).clip(4.4), 4.0);
  EXPECT_EQ(integer(0, 9).clip(1e300), 9.0);
  EXPECT_TRUE(std::isnan(integer(0, 9).clip(std::numeric_limits<double>::quiet_NaN())));
  Dimension steps = integer(1, 9);
  steps.step = 4.0;
  EXPECT_EQ(steps.clip(6.9), 5.0);
  EXPECT_EQ(steps.clip(7.1), 9.0);
}

TEST(Dimension, PutsDiscreteValuesIntoEqualCells) {
  const Dimension dimension = integer(1, 4);
  EXPECT_EQ(dimension.to_unit(1), 0.125);
  EXPECT_EQ(dimension.to_unit(4), 0.875);
  EXPECT_EQ(dimension.from_unit(0.0), 1.0);
  EXPECT_EQ(dimension.from_unit(0.249), 1.0);
  EXPECT_EQ(dimension.from_unit(0.25), 2.0);
  EXPECT_EQ(dimension.from_unit(1.0), 4.0);
}

TEST(Dimension, GivesLogarithmicIntegersCellsOfTheirRatio) {
  Dimension dimension = integer(1, 3);
  dimension.is_log = true;
  // Cells on the logarithmic scale: 0.5..1.5, 1.5..2.5, 2.5..3.5 of ln 0.5 .. ln 3.5.
  const double whole = std::log(7.0);
  const double first = std::log(3.0) / whole;
  const double second = std::log(5.0) / whole;
  EXPECT_EQ(dimension.from_unit(first - 1e-9), 1.0);
  EXPECT_EQ(dimension.from_unit(first + 1e-9), 2.0);
  EXPECT_EQ(dimension.from_unit(second - 1e-9), 2.0);
  EXPECT_EQ(dimension.from_unit(second + 1e-9), 3.0);
}

TEST(Dimension, ScalesByTheLogarithm) {
  Dimension dimension = real(1e-4, 1.0);
  dimension.is_log = true;
  EXPECT_NEAR(dimension.from_unit(0.5), 1e-2, 1e-16);
  EXPECT_NEAR(dimension.to_unit(1e-3), 0.25, 1e-15);
  EXPECT_EQ(dimension.from_unit(0.0), 1e-4);
  EXPECT_EQ(dimension.from_unit(1.0), 1.0);
  EXPECT_EQ(dimension.from_unit(std::nan("")), dimension.from_unit(0.5));
}

TEST(Dimension, OneValueSitsInTheMiddle) {
  EXPECT_EQ(integer(3, 3).to_unit(3), 0.5);
  EXPECT_EQ(real(2, 2).from_unit(0.9), 2.0);
}

TEST(Clause, HoldsForActiveParentsOnly) {
  const Clause choice{.parent = 0, .allowed = {true, false, true}, .low = 0.0, .high = 0.0};
  EXPECT_TRUE(choice.holds(0.0));
  EXPECT_FALSE(choice.holds(1.0));
  EXPECT_TRUE(choice.holds(2.0));
  EXPECT_FALSE(choice.holds(3.0));
  EXPECT_FALSE(choice.holds(-1.0));
  EXPECT_FALSE(choice.holds(std::nan("")));
  const Clause range{.parent = 0, .allowed = {}, .low = 2.0, .high = 3.0};
  EXPECT_TRUE(range.holds(2.0));
  EXPECT_TRUE(range.holds(3.0));
  EXPECT_FALSE(range.holds(3.5));
  EXPECT_FALSE(range.holds(std::nan("")));
}

RC_GTEST_PROP(Dimension, EveryDiscreteValueSurvivesTheUnitInterval, (std::uint64_t seed)) {
  const Space space = random_space(seed, {.is_finite = true});
  for (const Dimension& dimension : space.dimensions()) {
    double before = -1.0;
    for (std::uint64_t k = 0; k < dimension.count(); ++k) {
      const double value = dimension.value_at(k);
      const double u = dimension.to_unit(value);
      RC_ASSERT(u > before);
      RC_ASSERT(dimension.from_unit(u) == value);
      RC_ASSERT(dimension.clip(value) == value);
      before = u;
    }
  }
}

TEST(Dimension, ClipsToTheOnlyValueOfARealWithoutStep) {
  Dimension dimension;
  dimension.low = dimension.high = 0.25;
  for (const double value : {-1.0, 0.25, 7.0}) EXPECT_EQ(dimension.clip(value), 0.25);
  EXPECT_EQ(dimension.from_unit(dimension.to_unit(0.25)), 0.25);
}

}  // namespace
}  // namespace trimtab
