#include "trimtab/numerics/thresholdout.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics/distribution_tests.hpp"

namespace trimtab {
namespace {

TEST(Laplace, PassesKolmogorovAndSmirnov) {
  // One fixed seed; the test fails for one seed of a hundred.
  Rng rng(4, 0, "laplace");
  std::vector<double> x(2000);
  for (double& value : x) value = laplace(rng);
  const auto cdf = [](double v) { return v < 0.0 ? 0.5 * std::exp(v) : 1.0 - 0.5 * std::exp(-v); };
  EXPECT_GT(kolmogorov_smirnov_test(x, cdf).p, 0.01);
}

TEST(Thresholdout, AnswersFromTrainingWhileTheTwoAgree) {
  Thresholdout mechanism({.threshold = 0.1, .noise = 1e-6, .budget = 2}, Rng(1));
  for (int i = 0; i < 100; ++i) {
    const HoldoutAnswer answer = mechanism.ask(0.7, 0.65);
    EXPECT_EQ(answer.value, 0.7);
    EXPECT_FALSE(answer.is_from_holdout);
  }
  EXPECT_EQ(mechanism.remaining(), 2);
}

TEST(Thresholdout, AnswersFromTheHoldoutThroughNoiseWhenTrainingIsOff) {
  Thresholdout mechanism({.threshold = 0.1, .noise = 1e-6, .budget = 2}, Rng(1));
  const HoldoutAnswer answer = mechanism.ask(0.9, 0.6);
  EXPECT_TRUE(answer.is_from_holdout);
  EXPECT_NEAR(answer.value, 0.6, 1e-4);
  EXPECT_NE(answer.value, 0.6);
  EXPECT_EQ(mechanism.remaining(), 1);
}

TEST(Thresholdout, RaisesWhenItsBudgetIsGone) {
  Thresholdout mechanism({.threshold = 0.1, .noise = 1e-6, .budget = 1}, Rng(1));
  mechanism.ask(0.9, 0.6);
  try {
    mechanism.ask(0.7, 0.7);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "holdout.exhausted");
  }
  EXPECT_EQ(mechanism.num_queries(), 1);
}

TEST(Thresholdout, RefusesToBeSetUpWithoutGuard) {
  EXPECT_THROW(Thresholdout({.threshold = 0.0}, Rng(1)), UserError);
  EXPECT_THROW(Thresholdout({.noise = 0.0}, Rng(1)), UserError);
  EXPECT_THROW(Thresholdout({.budget = 0}, Rng(1)), UserError);
}

TEST(Thresholdout, GoesOnWhereAnEarlierObjectStopped) {
  // Long enough that the offset of a query without an overrun is carried over.
  const ThresholdoutOptions options = {.threshold = 0.02, .noise = 0.005, .budget = 20};
  Thresholdout whole(options, Rng(5));
  std::vector<HoldoutAnswer> answers;
  HoldoutLedger ledger;
  for (int i = 0; i < 40 && whole.remaining() > 0; ++i) {
    whole.ask(0.7, 0.65 + 0.001 * i);
    if (i == 19) ledger = whole.ledger();
  }
  EXPECT_GT(whole.num_overruns(), ledger.num_overruns);
  const Thresholdout resumed(options, Rng(6), ledger);
  EXPECT_EQ(resumed.num_queries(), 20);
  EXPECT_EQ(resumed.remaining(), options.budget - ledger.num_overruns);
}

}  // namespace
}  // namespace trimtab
