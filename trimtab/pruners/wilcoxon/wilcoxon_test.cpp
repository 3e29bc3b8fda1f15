#include "trimtab/pruners/wilcoxon/wilcoxon.hpp"

#include <gtest/gtest.h>

#include "trimtab/core/testing/told_pruner.hpp"

namespace trimtab {
namespace {

using Told = ToldPruner<Wilcoxon>;

// n folds, all worse: p = 2^-n exactly, so 0.125 after three and 0.0625 after four.
TEST(Wilcoxon, StopsWhenTheFoldsAreSignificantlyWorse) {
  Told told;
  told.complete(0, {0.1, 0.5, 0.3, 0.9, 0.2});
  EXPECT_FALSE(told.report(1, 1, 0.2));
  EXPECT_FALSE(told.report(1, 2, 0.7));
  EXPECT_FALSE(told.report(1, 3, 0.6));
  EXPECT_TRUE(told.report(1, 4, 1.3));
  EXPECT_EQ(told.pruner().explain(1, 4.0), "significantly worse than trial 0 on the folds of both");
}

TEST(Wilcoxon, ComparesOnlyFoldsThatBothHaveWhateverTheirOrder) {
  Told told(Json{{"startup_steps", 2}});
  told.complete(0, {0, 0, 0, 0});
  for (const double fold : {9.0, 8.0, 7.0, 6.0, 4.0, 3.0, 2.0}) {
    EXPECT_FALSE(told.report(1, fold, 1.0 + fold));
  }
  EXPECT_TRUE(told.report(1, 1.0, 1.0));
}

TEST(Wilcoxon, NeverStopsWhoIsNotWorseInTheMean) {
  Told told(Json{{"p_threshold", 1.0}});
  told.complete(0, {1, 1, 1, 1, 1});
  for (const double fold : {1.0, 2.0, 3.0, 4.0}) told.report(1, fold, 1.1);
  EXPECT_FALSE(told.report(1, 5, -9.0));
}

TEST(Wilcoxon, ComparesWithTheBestCompleteTrialNotWithTheFirst) {
  Told told;
  told.complete(0, {5, 5, 5, 5});
  told.complete(1, {1, 1, 1, 1});
  bool is_stopped = false;
  for (const double fold : {1.0, 2.0, 3.0, 4.0}) is_stopped = told.report(2, fold, 3.0);
  EXPECT_TRUE(is_stopped);
  EXPECT_EQ(told.pruner().explain(2, 4.0), "significantly worse than trial 1 on the folds of both");
}

// Better in one of two objectives than every complete trial: goes on.
TEST(Wilcoxon, WantsSeveralObjectivesToBeWorseThanOneTrial) {
  PrunerSetting setting;
  setting.objectives = {{.name = "a"}, {.name = "b"}};
  Told told(Json::object(), setting);
  for (int fold = 1; fold <= 6; ++fold) told.report(0, fold, {1.0, 5.0});
  told.end(0, TrialState::Complete, {1.0, 5.0});
  for (int fold = 1; fold <= 6; ++fold) told.report(1, fold, {5.0, 1.0});
  told.end(1, TrialState::Complete, {5.0, 1.0});
  bool is_between_stopped = false;
  bool is_bad_stopped = false;
  for (int fold = 1; fold <= 6; ++fold) {
    is_between_stopped = is_between_stopped || told.report(2, fold, {3.0, 3.0});
    is_bad_stopped = told.report(3, fold, {6.0, 6.0});
  }
  EXPECT_FALSE(is_between_stopped);
  EXPECT_TRUE(is_bad_stopped);
}

}  // namespace
}  // namespace trimtab
