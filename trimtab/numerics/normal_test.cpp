#include "trimtab/numerics/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace trimtab {
namespace {

// The references were computed with 60 to 400 digits from the definitions.
struct Reference {
  double x;
  double value;
};

void expect_relative(double got, double expected, double tolerance) {
  EXPECT_NEAR(got / expected, 1.0, tolerance) << got << " instead of " << expected;
}

TEST(ScaledErfc, EqualsReferencesOfManyDigits) {
  const Reference references[] = {{0.0, 1.0},
                                  {1.0, 0.42758357615580700441},
                                  {5.0, 0.11070463773306862637},
                                  {19.9, 0.02831557398318576653},
                                  {20.1, 0.02803452352696687666},
                                  {100.0, 0.0056416137829894329036}};
  for (const auto& [x, value] : references) expect_relative(scaled_erfc(x), value, 2e-13);
}

TEST(LogNormalCdf, KeepsItsDigitsInBothTails) {
  const Reference references[] = {{0.0, -0.69314718055994530942},
                                  {-1.0, -1.8410216450092635058},
                                  {-8.0, -35.013437159914549896},
                                  {-40.0, -804.60844201375378817},
                                  {3.0, -0.0013508099647481937988}};
  for (const auto& [x, value] : references) expect_relative(log_normal_cdf(x), value, 1e-13);
}

TEST(LogImprovement, EqualsReferencesOfManyDigits) {
  struct Row {
    double u, value, slope;
  };
  const Row rows[] = {{0.0, -0.91893853320467274178, 1.2533141373155002512},
                      {2.0, 0.69738354578822831219, 0.48655931878528386862},
                      {-0.5, -1.6205162643873199193, 1.5598731483480796712},
                      {-1.5, -3.5299359208057098515, 2.2795806941564461644},
                      {-10.0, -55.553122036122355927, 10.194383033412553306},
                      {-19.5, -196.99258561722833326, 19.601769440355081522},
                      {-20.5, -217.09186837038312513, 20.59687586219297673},
                      {-50.0, -1258.7441828684608531, 50.039952133872654947},
                      {-1000.0, -500014.73445209115845, 1000.001999994000042}};
  for (const Row& row : rows) {
    const LogImprovement got = log_improvement(row.u);
    expect_relative(got.value, row.value, 1e-12);
    expect_relative(got.slope, row.slope, 1e-10);
  }
}

TEST(LogImprovement, StaysFiniteAndIncreasesFarAway) {
  double last = -std::numeric_limits<double>::infinity();
  for (const double u : {-1e150, -1e100, -1e10, -1e5, -21.0, -19.0, -1.001, -0.999, 5.0, 1e5}) {
    const LogImprovement got = log_improvement(u);
    EXPECT_TRUE(std::isfinite(got.value)) << u;
    EXPECT_GT(got.value, last) << u;
    EXPECT_GT(got.slope, 0.0) << u;
    last = got.value;
  }
}

TEST(LogImprovement, HasTheSlopeOfItsDifferences) {
  for (double u = -30.0; u < 5.0; u += 0.37) {
    const double step = 1e-4;
    const double difference =
        (log_improvement(u + step).value - log_improvement(u - step).value) / (2.0 * step);
    expect_relative(log_improvement(u).slope, difference, 1e-5);
  }
}

}  // namespace
}  // namespace trimtab
