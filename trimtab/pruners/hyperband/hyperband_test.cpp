#include "trimtab/pruners/hyperband/hyperband.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "trimtab/core/testing/told_pruner.hpp"

namespace trimtab {
namespace {

using Told = ToldPruner<Hyperband>;

// R = 27, eta = 3: s_max = 3, rounds of ceil(4 * 3^s / (s + 1)) = 4, 6, 12, 27 trials. Each count
// of 4900 is binomial; a deviation of 5 standard deviations has probability 6e-7.
TEST(Hyperband, SharesTrialsOutAsItsBracketsDo) {
  const Told told(Json{{"max_step", 27}});
  std::array<double, 4> counts{};
  constexpr int kTrials = 4900;
  for (std::int64_t trial = 0; trial < kTrials; ++trial) {
    ++counts.at(*told.pruner().bracket_of(trial));
  }
  const std::array<double, 4> round = {4, 6, 12, 27};
  for (std::size_t s = 0; s < 4; ++s) {
    const double p = round[s] / 49.0;
    EXPECT_NEAR(counts[s], kTrials * p, 5.0 * std::sqrt(kTrials * p * (1.0 - p))) << s;
  }
}

TEST(Hyperband, JudgesABracketFromItsOwnFirstRungOn) {
  Told told(Json{{"max_step", 27}});
  std::array<std::vector<std::int64_t>, 4> in;  // the first two trials of each bracket
  for (std::int64_t trial = 0; trial < 300; ++trial) {
    auto& members = in.at(*told.pruner().bracket_of(trial));
    if (members.size() < 2) members.push_back(trial);
  }
  for (std::size_t s = 0; s < 4; ++s) {
    ASSERT_EQ(in[s].size(), 2u);
    double first_stop = 0.0;
    for (int step = 1; step <= 27; ++step) {
      told.report(in[s][0], step, 1.0);
      if (told.report(in[s][1], step, 2.0) && first_stop == 0.0) first_stop = step;
    }
    EXPECT_EQ(first_stop, s == 0 ? 0.0 : 27.0 / std::pow(3.0, s));
  }
}

TEST(Hyperband, LearnsTheLastStepFromTheFirstCompleteTrial) {
  Told told;
  for (int step = 1; step <= 9; ++step) EXPECT_FALSE(told.report(0, step, 1.0));
  EXPECT_FALSE(told.report(1, 1, 5.0));
  EXPECT_EQ(told.pruner().bracket_of(0), std::nullopt);
  told.end(0, TrialState::Complete, {1.0});
  std::size_t highest = 0;
  for (std::int64_t trial = 0; trial < 100; ++trial) {
    highest = std::max(highest, *told.pruner().bracket_of(trial));
  }
  EXPECT_EQ(highest, 2u);  // 9 = 3^2
}

}  // namespace
}  // namespace trimtab
