#include "trimtab/pruners/median/median.hpp"

#include <gtest/gtest.h>

#include "trimtab/core/testing/told_pruner.hpp"

namespace trimtab {
namespace {

using Told = ToldPruner<Median>;

// By hand: the others have 1, 2, 4 at step 2; their median is 2.
TEST(Median, ComparesTheBestSoFarWithTheMedianAtTheStep) {
  Told told(Json{{"startup_trials", 3}});
  told.complete(0, {5, 1});
  told.complete(1, {5, 2});
  told.complete(2, {5, 4});
  EXPECT_FALSE(told.report(3, 1, 5.0));  // equal is not worse
  EXPECT_FALSE(told.report(3, 2, 2.0));
  EXPECT_FALSE(told.report(4, 1, 2.0));
  EXPECT_FALSE(told.report(4, 2, 9.0));  // its best is still 2
  EXPECT_FALSE(told.report(5, 1, 2.1));
  EXPECT_TRUE(told.report(5, 2, 2.1));
  EXPECT_EQ(told.pruner().explain(5, 2.0),
            "best so far worse than the median of 3 trials, loss = 2");
}

TEST(Median, WaitsForItsStartupTrials) {
  Told told(Json{{"startup_trials", 3}});
  told.complete(0, {1});
  told.complete(1, {1});
  EXPECT_FALSE(told.report(2, 1, 9.0));
  told.end(2, TrialState::Pruned);
  told.end(3, TrialState::Failed);
  EXPECT_FALSE(told.report(4, 1, 9.0));  // neither was complete
  told.complete(5, {1});
  EXPECT_TRUE(told.report(6, 1, 9.0));
}

TEST(Median, JudgesFromTheWarmupOnAndOnceInAnInterval) {
  Told told(Json{{"startup_trials", 1}, {"warmup", 3}, {"interval", 2}});
  told.complete(0, {1, 1, 1, 1, 1, 1});
  std::vector<bool> judged;
  for (int step = 1; step <= 6; ++step) judged.push_back(told.report(1, step, 9.0));
  EXPECT_EQ(judged, (std::vector<bool>{false, false, true, false, true, false}));
}

TEST(Median, NeedsEnoughOthersAtTheStep) {
  Told told(Json{{"startup_trials", 1}, {"min_trials", 2}});
  told.complete(0, {1, 1});
  told.complete(1, {1});
  EXPECT_TRUE(told.report(2, 1, 9.0));
  EXPECT_FALSE(told.report(3, 2, 9.0));
}

// Complete ones are 1, 1; with those that were stopped at 8, 9 the median is 4.5 and 5.
TEST(Median, ComparesWithAllThatReportedWhenAsked) {
  for (const bool all : {false, true}) {
    Told told(Json{{"startup_trials", 2}, {"among", all ? "all" : "complete"}});
    told.complete(0, {1});
    told.complete(1, {1});
    told.report(2, 1, 8.0);
    told.report(3, 1, 9.0);
    EXPECT_EQ(told.report(4, 1, 4.0), !all);
  }
}

}  // namespace
}  // namespace trimtab
