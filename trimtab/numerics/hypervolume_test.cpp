#include "trimtab/numerics/hypervolume.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

// Inclusion and exclusion over all subsets.
double by_subsets(const std::vector<double>& points, const std::vector<double>& reference) {
  const std::size_t m = reference.size(), n = points.size() / m;
  double volume = 0.0;
  for (std::size_t set = 1; set < std::size_t{1} << n; ++set) {
    double box = 1.0;
    for (std::size_t k = 0; k < m; ++k) {
      double lowest = 1e300;
      for (std::size_t i = 0; i < n; ++i) {
        if (set >> i & 1) lowest = std::min(lowest, points[i * m + k]);
      }
      box *= std::max(0.0, lowest - reference[k]);
    }
    volume += std::popcount(set) % 2 == 1 ? box : -box;
  }
  return volume;
}

TEST(Hypervolume, EqualsInclusionAndExclusion) {
  Rng rng(2, 0, "hypervolume");
  for (const std::size_t m : {1U, 2U, 3U, 4U}) {
    for (int repeat = 0; repeat < 30; ++repeat) {
      std::vector<double> points(m * static_cast<std::size_t>(rng.integer(1, 9)));
      for (double& value : points) value = rng.uniform(-0.2, 1.0);
      const std::vector<double> reference(m, 0.0);
      EXPECT_NEAR(hypervolume(points, reference), by_subsets(points, reference), 1e-12) << m;
    }
  }
}

TEST(Hypervolume, OfSmallCases) {
  const std::vector<double> zero = {0.0, 0.0};
  EXPECT_EQ(hypervolume(std::vector<double>{1.0, 2.0, 2.0, 1.0}, zero), 3.0);
  EXPECT_EQ(hypervolume(std::vector<double>{1.0, 2.0, 1.0, 2.0, 0.5, 0.5}, zero), 2.0);
  EXPECT_EQ(hypervolume(std::vector<double>{-1.0, 2.0}, zero), 0.0);
  EXPECT_EQ(hypervolume(std::vector<double>{}, zero), 0.0);
  EXPECT_THROW(hypervolume(std::vector<double>{1.0, 2.0, 3.0}, zero), BugError);
}

TEST(NonDominated, KeepsTheFirstOfEqualPoints) {
  const std::vector<double> points = {1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 0.5, 2.0};
  EXPECT_EQ(non_dominated(points, 2), (std::vector<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace trimtab
