#include <gtest/gtest.h>

#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics/normality_tests.hpp"

namespace trimtab {
namespace {

void expect_as_in_r(const std::vector<double>& x, double w, double p) {
  const ShapiroWilk test = shapiro_wilk_test(x);
  EXPECT_NEAR(test.w, w, 1e-10);
  EXPECT_NEAR(test.p, p, 1e-8 * p);
}

// R 4.2.2, shapiro.test(...).
TEST(ShapiroWilk, EqualsRForEverySizeOfItsFormula) {
  expect_as_in_r({1, 2, 4}, 0.964285714285714, 0.636886845028963);
  expect_as_in_r({148, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236}, 0.788814694835387,
                 0.00670381405650293);
  // women$weight
  expect_as_in_r({115, 117, 120, 123, 126, 129, 132, 135, 139, 142, 146, 150, 154, 159, 164},
                 0.960357180526788, 0.698605473524898);
  // PlantGrowth$weight
  expect_as_in_r(
      {4.17, 5.58, 5.18, 6.11, 4.5,  4.61, 5.17, 4.53, 5.33, 5.14, 4.81, 4.17, 4.41, 3.59, 5.87,
       3.83, 6.03, 4.89, 4.32, 4.69, 6.31, 5.12, 5.54, 5.5,  5.37, 5.29, 4.92, 6.15, 5.8,  5.26},
      0.982683016098587, 0.891507368227399);
  // mtcars$mpg
  expect_as_in_r({21,   21,   22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8,
                  16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5,
                  15.2, 13.3, 19.2, 27.3, 26,   30.4, 15.8, 19.7, 15,   21.4},
                 0.947564726479274, 0.122881358539443);
  // cars$dist
  expect_as_in_r({2,  10, 4,  22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28,  26, 34,
                  34, 46, 26, 36, 60, 80, 20, 26, 54, 32, 40, 32, 40, 50, 42,  56, 76,
                  84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85},
                 0.951438478493851, 0.0390996836931711);
}

TEST(ShapiroWilk, DoesNotChangeWithScaleAndPlace) {
  const std::vector<double> x = {1, 5, 2, 8, 13, 3}, moved = {1001, 1005, 1002, 1008, 1013, 1003};
  EXPECT_NEAR(shapiro_wilk_test(x).w, shapiro_wilk_test(moved).w, 1e-9);
}

TEST(ShapiroWilk, RefusesSamplesThatSayNothing) {
  EXPECT_THROW(shapiro_wilk_test(std::vector<double>{1, 2}), UserError);
  EXPECT_THROW(shapiro_wilk_test(std::vector<double>{2, 2, 2, 2}), UserError);
  EXPECT_THROW(shapiro_wilk_test(std::vector<double>(5001, 1.0)), UserError);
}

}  // namespace
}  // namespace trimtab
