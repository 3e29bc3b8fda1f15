#include "trimtab/core/confirm_rule.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "trimtab/core/testing/history_builder.hpp"

namespace trimtab {
namespace {

constexpr double kFailed = std::numeric_limits<double>::quiet_NaN();

// Trial 0 is the default, trials 1 and 2 are the finalists.
class ConfirmRuleTest : public ::testing::Test {
 protected:
  ConfirmRuleTest() : builder_(1, {Objective{}}) {
    builder_.complete({0.5}, {1.0}, {.purpose = Purpose::Default});
    builder_.complete({0.7}, {0.5});
    builder_.complete({0.2}, {0.6});
  }

  void add_fresh(std::int64_t of_trial, double value, std::uint64_t seed) {
    const HistoryBuilder::Details details = {
        .purpose = Purpose::Confirm, .of_trial = of_trial, .seed = seed};
    const PointView point = builder_.history().point(of_trial);
    if (value == value) {
      builder_.complete({point[0]}, {value}, details);
    } else {
      builder_.fail({point[0]}, {FailureReason::ExitCode, 1, ""}, details);
    }
  }
  // `count` seeds on which the default is about 1.0 and the finalists are `better` below it.
  void add_seeds(std::uint64_t count, double better) {
    for (std::uint64_t seed = 0; seed < count; ++seed) {
      const double noise = 0.01 * static_cast<double>(seed % 3);
      add_fresh(0, 1.0 + noise, seed);
      add_fresh(1, 1.0 - better - noise, seed);
      add_fresh(2, 1.1 + noise, seed);
    }
  }
  bool is_settled() const { return is_confirmation_settled(builder_.history(), {1, 2, 0}, 0); }

  HistoryBuilder builder_;
};

TEST_F(ConfirmRuleTest, StopsAfterThreeSeedsWhenTheProgramIgnoresThem) {
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    for (std::int64_t trial = 0; trial < 3; ++trial) add_fresh(trial, 1.0, seed);
  }
  EXPECT_FALSE(is_settled());
  add_fresh(0, 1.0, 2);
  add_fresh(1, 1.0, 2);
  EXPECT_FALSE(is_settled()) << "one finalist has two runs only";
  add_fresh(2, 1.0, 2);
  EXPECT_TRUE(is_settled());
}

TEST_F(ConfirmRuleTest, GoesOnWhenOneFinalistVaries) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    add_fresh(0, 1.0, seed);
    add_fresh(1, 1.0, seed);
    add_fresh(2, seed == 4 ? 1.5 : 1.0, seed);
  }
  EXPECT_FALSE(is_settled());
}

TEST_F(ConfirmRuleTest, StopsAfterTenSeedsWhenTheWinnerIsClear) {
  add_seeds(9, 0.5);
  EXPECT_FALSE(is_settled());
  add_seeds(1, 0.5);
  EXPECT_TRUE(is_settled());
}

TEST_F(ConfirmRuleTest, GoesOnWhenTheWinnerIsNotClear) {
  add_seeds(10, 0.005);
  EXPECT_FALSE(is_settled());
}

TEST_F(ConfirmRuleTest, GoesOnWhenTheDefaultIsTheBest) {
  add_seeds(10, -0.5);
  EXPECT_FALSE(is_settled());
}

TEST_F(ConfirmRuleTest, GoesOnWhileARunOfTheFirstSeedsIsOpen) {
  builder_.start({0.7}, {.purpose = Purpose::Confirm, .of_trial = 1});
  add_seeds(10, 0.5);
  EXPECT_FALSE(is_settled());
}

TEST_F(ConfirmRuleTest, TakesFailedRunsOutOfThePairs) {
  add_seeds(9, 0.5);
  add_fresh(0, 1.0, 9);
  add_fresh(1, kFailed, 9);
  add_fresh(2, 1.1, 9);
  EXPECT_TRUE(is_settled());
}

TEST_F(ConfirmRuleTest, LooksOnceAtTheFirstTenSeedsWhateverComesLater) {
  add_seeds(10, 0.5);
  add_fresh(1, 100.0, 10);
  EXPECT_TRUE(is_settled());
}

TEST_F(ConfirmRuleTest, KnowsNoEndWithoutADefault) {
  add_seeds(10, 0.5);
  EXPECT_FALSE(is_confirmation_settled(builder_.history(), {1, 2}, -1));
  EXPECT_FALSE(is_confirmation_settled(builder_.history(), {}, -1));
}

}  // namespace
}  // namespace trimtab
