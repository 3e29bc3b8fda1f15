#include "trimtab/pruners/percentile/percentile.hpp"

#include <gtest/gtest.h>

#include "trimtab/core/testing/told_pruner.hpp"

namespace trimtab {
namespace {

// The others have 1, 2, 3, 4, 5: the quartiles are 2 and 4.
TEST(Percentile, LetsTheBestPartGoOn) {
  for (const auto& [percentile, limit] : {std::pair{25.0, 2.0}, std::pair{75.0, 4.0}}) {
    ToldPruner<Percentile> told(Json{{"percentile", percentile}});
    for (int trial = 0; trial < 5; ++trial) told.complete(trial, {trial + 1.0});
    EXPECT_FALSE(told.report(5, 1, limit));
    EXPECT_TRUE(told.report(6, 1, limit + 0.01));
  }
}

}  // namespace
}  // namespace trimtab
