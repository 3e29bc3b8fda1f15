#include "trimtab/pruners/successive_halving/successive_halving.hpp"

#include <gtest/gtest.h>

#include "trimtab/core/testing/told_pruner.hpp"

namespace trimtab {
namespace {

// Where the first rung stands: the option, else the study's fidelity, else 1.
TEST(SuccessiveHalving, BeginsAtItsFirstRung) {
  const auto first_stop = [](const Json& options, double fidelity) {
    PrunerSetting setting;
    setting.min_step = fidelity;
    ToldPruner<SuccessiveHalving> told(options, setting);
    for (int step = 1; step <= 30; ++step) {
      told.report(0, step, 1.0);
      if (told.report(1, step, 2.0)) return step;
    }
    return 0;
  };
  EXPECT_EQ(first_stop({}, 0.0), 1);
  EXPECT_EQ(first_stop({}, 4.0), 4);
  EXPECT_EQ(first_stop({{"min_step", 6}}, 4.0), 6);
}

// 27 trials one after another, the best first: with eta = 3, one in three of each rung goes on.
TEST(SuccessiveHalving, SpendsMostStepsOnTheBest) {
  ToldPruner<SuccessiveHalving> told;
  int num_steps = 0;
  int num_whole = 0;
  for (int trial = 0; trial < 27; ++trial) {
    int step = 1;
    while (step <= 27 && !told.report(trial, step, (trial * 10) % 27 + 1.0 / step)) ++step;
    num_steps += std::min(step, 27);
    num_whole += step > 27;
  }
  EXPECT_LT(num_steps, 27 * 27 / 3);
  EXPECT_GE(num_whole, 1);
  EXPECT_LE(num_whole, 3);
}

}  // namespace
}  // namespace trimtab
