// The parts that pruners are made of, against definitions and brute force.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "trimtab/core/pruning/learning_curves.hpp"
#include "trimtab/core/pruning/ranked_losses.hpp"
#include "trimtab/core/pruning/rungs.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

RankedLosses ranks_of(const std::vector<std::vector<double>>& members) {
  RankedLosses ranks(members.front().size());
  for (const auto& losses : members) ranks.insert(losses);
  return ranks;
}

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool is_smaller = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
    is_smaller = is_smaller || a[k] < b[k];
  }
  return is_smaller;
}

std::vector<std::vector<double>> any_members(std::size_t m) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 30);
  std::vector<std::vector<double>> members(count, std::vector<double>(m));
  for (auto& losses : members) {
    for (double& loss : losses) loss = *rc::gen::inRange(0, 6);  // with many ties
  }
  return members;
}

TEST(RankedLosses, CountsWhoIsStrictlyBetter) {
  const RankedLosses ranks = ranks_of({{1}, {2}, {2}, {5}});
  EXPECT_EQ(ranks.num_better(std::vector{2.0}), 1u);
  EXPECT_EQ(ranks.num_better(std::vector{9.0}), 4u);
  EXPECT_EQ(ranks.num_better(std::vector{std::nan("")}), 4u);
}

TEST(RankedLosses, TakesQuantilesLikeStatisticsAndKeepsInfinitiesWhole) {
  const std::vector<double> x = {4, 1, 3, 2, 8};
  RankedLosses ranks(1);
  for (const double value : x) ranks.insert({&value, 1});
  for (const double q : {0.0, 0.1, 0.25, 0.5, 0.9, 1.0}) {
    EXPECT_DOUBLE_EQ(ranks.quantile(q), quantile(x, q));
  }
  EXPECT_EQ(ranks_of({{1}, {kInfinity}}).quantile(0.5), kInfinity);
  EXPECT_EQ(ranks_of({{-kInfinity}, {1}}).quantile(0.5), -kInfinity);
  EXPECT_EQ(ranks_of({{kInfinity}, {kInfinity}}).quantile(0.5), kInfinity);
  EXPECT_EQ(ranks_of({{std::nan("")}, {1}}).quantile(0.0), 1.0);
  EXPECT_TRUE(std::isnan(RankedLosses(1).quantile(0.5)));
}

RC_GTEST_PROP(RankedLosses, AgreesWithBruteForceAfterInsertingAndErasing, ()) {
  const auto m = *rc::gen::inRange<std::size_t>(1, 4);
  std::vector<std::vector<double>> members = any_members(m);
  RankedLosses ranks = ranks_of(members);
  const auto num_erased = *rc::gen::inRange<std::size_t>(0, members.size());
  for (std::size_t i = 0; i < num_erased; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, members.size());
    ranks.erase(members[at]);
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(at));
  }
  ranks.erase(std::vector<double>(m, 77.0));  // nobody
  RC_ASSERT(ranks.size() == members.size());
  const auto count = [&](const std::vector<double>& losses) {
    return static_cast<std::size_t>(std::ranges::count_if(
        members, [&](const auto& member) { return dominates(member, losses); }));
  };
  std::vector<double> counts;
  for (const auto& member : members) counts.push_back(static_cast<double>(count(member)));
  std::ranges::sort(counts);
  const auto k = *rc::gen::inRange<std::size_t>(1, 10);
  const double q = *rc::gen::inRange(0, 11) / 10.0;
  for (const auto& member : members) {
    RC_ASSERT(ranks.num_better(member) == count(member));
    const bool is_best =
        static_cast<double>(count(member)) <= counts[std::min(k, counts.size()) - 1];
    RC_ASSERT(ranks.is_among_best(member, k) == is_best);
    if (m == 1) continue;
    RC_ASSERT(std::abs(ranks.quantile(q) - quantile(counts, q)) < 1e-12);
    RC_ASSERT(ranks.is_beyond_quantile(member, q) ==
              (static_cast<double>(count(member)) > ranks.quantile(q)));
  }
}

TEST(LearningCurve, KeepsStepsInOrderAndTheBestSoFar) {
  LearningCurve curve(1);
  const auto say = [&](double step, double loss) { curve.report(step, {&loss, 1}); };
  say(3, 5.0);
  say(1, 7.0);
  say(2, std::nan(""));
  say(9, 6.0);
  EXPECT_EQ(curve.size(), 4u);
  EXPECT_EQ(curve.step(1), 2.0);
  EXPECT_EQ(curve.best(0), 7.0);
  EXPECT_EQ(curve.best(1), 7.0);
  EXPECT_EQ(curve.best(3), 5.0);
  say(1, 1.0);  // said again
  EXPECT_EQ(curve.size(), 4u);
  EXPECT_EQ(curve.best(3), 1.0);
  EXPECT_EQ(curve.find(9.0), std::optional<std::size_t>(3));
  EXPECT_EQ(curve.find(4.0), std::nullopt);
}

TEST(LearningCurve, IsLookedAtOnceInAnInterval) {
  LearningCurve curve(1);
  const double loss = 0.0;
  for (const double step : {1.0, 2.0, 4.0, 5.0, 11.0}) curve.report(step, {&loss, 1});
  std::vector<double> judged;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (curve.is_first_in_interval(i, 2.0, 3.0)) judged.push_back(curve.step(i));
  }
  EXPECT_EQ(judged, (std::vector<double>{2.0, 5.0, 11.0}));  // windows 2-5, 5-8, 11-14
}

class RungsTest : public ::testing::Test {
 protected:
  bool is_stopped(std::int64_t trial, double step, double loss) {
    rungs_.report(trial, step, {&loss, 1});
    return rungs_.should_stop(trial, step);
  }
  Rungs rungs_{1.0, 3.0, 1};
};

// By hand: rungs at 1, 3, 9; at each the best max(1, n / 3) go on.
TEST_F(RungsTest, LetTheBestThirdOfThoseThatCameGoOn) {
  EXPECT_FALSE(is_stopped(0, 1, 5.0));  // the first
  EXPECT_TRUE(is_stopped(1, 1, 6.0));   // 1 of 2
  EXPECT_FALSE(is_stopped(2, 1, 4.0));  // 1 of 3, the best
  EXPECT_TRUE(is_stopped(3, 1, 4.5));   // 1 of 4
  EXPECT_FALSE(is_stopped(4, 1, 4.0));  // a tie goes on
  EXPECT_FALSE(is_stopped(5, 1, 4.0));
  EXPECT_FALSE(is_stopped(0, 2, 9.0));  // between rungs nobody is judged
  EXPECT_FALSE(is_stopped(0, 3, 3.0));
  EXPECT_TRUE(is_stopped(2, 3, 3.5));
}

TEST_F(RungsTest, AreEnteredByTheFirstReportAtOrBeyondThem) {
  EXPECT_FALSE(is_stopped(0, 10, 1.0));  // enters 1, 3 and 9
  EXPECT_TRUE(is_stopped(1, 4, 2.0));    // enters 1 and 3
  EXPECT_EQ(rungs_.explain(1, 4.0), "not among the best 1 of 2 trials at the rung of step 3");
  EXPECT_FALSE(is_stopped(1, 2, 0.5));     // late: rung 1 was entered already
  EXPECT_FALSE(is_stopped(1, 4, 0.5));     // said again, and better
  EXPECT_FALSE(is_stopped(2, 0.5, 99.0));  // below the first rung
}

TEST_F(RungsTest, StandWhereTheyShouldWhateverTheirRounding) {
  Rungs rungs(0.1, 10.0, 1);
  const double bad = 2.0;
  const double good = 1.0;
  for (const double step : {0.1, 1.0, 10.0, 100.0, 1000.0}) {
    rungs.report(0, step, {&good, 1});
    rungs.report(1, step, {&bad, 1});
    EXPECT_TRUE(rungs.should_stop(1, step)) << step;
  }
}

}  // namespace
}  // namespace trimtab
