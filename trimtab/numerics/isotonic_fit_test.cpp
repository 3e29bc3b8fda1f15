#include "trimtab/numerics/isotonic_fit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

using ::testing::ElementsAre;

TEST(IsotonicFit, PoolsWhatFalls) {
  const auto fit = [](const std::vector<double>& y, const std::vector<double>& weights) {
    return isotonic_fit(y, weights);
  };
  EXPECT_THAT(fit({1, 3, 2, 4}, {1, 1, 3, 1}), ElementsAre(1, 2.25, 2.25, 4));
  EXPECT_THAT(fit({3, 2, 1}, {1, 1, 1}), ElementsAre(2, 2, 2));
  EXPECT_THROW(fit({1, 2}, {1}), BugError);
  EXPECT_THROW(fit({1, 2}, {1, 0}), BugError);
}

// The largest over starts of the smallest over ends of the means between is the same fit.
RC_GTEST_PROP(IsotonicFit, IsTheMaximumOfMinimaOfMeans, (std::uint64_t seed)) {
  Rng rng(seed);
  std::vector<double> y, weights;
  for (std::uint64_t i = 0, num = 1 + rng.below(12); i < num; ++i) {
    y.push_back(rng.normal());
    weights.push_back(0.1 + rng.uniform01());
  }
  const std::vector<double> fit = isotonic_fit(y, weights);
  for (std::size_t i = 0; i < y.size(); ++i) {
    double largest = -1e300;
    for (std::size_t a = 0; a <= i; ++a) {
      double smallest = 1e300, sum = 0.0, weight = 0.0;
      for (std::size_t b = a; b < y.size(); ++b) {
        sum += weights[b] * y[b];
        weight += weights[b];
        if (b >= i) smallest = std::min(smallest, sum / weight);
      }
      largest = std::max(largest, smallest);
    }
    RC_ASSERT(std::abs(fit[i] - largest) < 1e-12);
  }
}

}  // namespace
}  // namespace trimtab
