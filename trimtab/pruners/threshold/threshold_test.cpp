#include "trimtab/pruners/threshold/threshold.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "trimtab/core/testing/told_pruner.hpp"

namespace trimtab {
namespace {

PrunerSetting accuracy() {
  PrunerSetting setting;
  setting.objectives = {{.name = "accuracy", .goal = Goal::Maximise}};
  return setting;
}

TEST(Threshold, HasItsBoundsInTheDirectionOfTheUser) {
  ToldPruner<Threshold> told(Json{{"lower", 0.5}}, accuracy());
  EXPECT_FALSE(told.report(0, 1, -0.5));  // losses are minimised: accuracy 0.5
  EXPECT_TRUE(told.report(0, 2, -0.4));
  EXPECT_EQ(told.pruner().explain(0, 2.0), "accuracy = 0.4 is below 0.5");
  EXPECT_FALSE(told.report(0, 3, -0.9));
  ToldPruner<Threshold> above(Json{{"upper", 3.0}});
  EXPECT_FALSE(above.report(0, 1, 3.0));
  EXPECT_TRUE(above.report(0, 2, 3.5));
}

TEST(Threshold, StopsNotANumberAndNothingElseWithoutBounds) {
  ToldPruner<Threshold> told;
  EXPECT_FALSE(told.report(0, 1, HUGE_VAL));
  EXPECT_FALSE(told.report(0, 2, -HUGE_VAL));
  EXPECT_TRUE(told.report(0, 3, std::nan("")));
  EXPECT_EQ(told.pruner().explain(0, 3.0), "loss is not a number");
}

}  // namespace
}  // namespace trimtab
