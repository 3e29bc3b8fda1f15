#include "trimtab/core/proposal_slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "trimtab/core/rank.hpp"

namespace trimtab {
namespace {

Space line() { return SpaceBuilder().integer("n", 0, 9).build(); }

class ProposalSlotsTest : public ::testing::Test {
 protected:
  void plan(std::size_t slot, double n) { slots_.plan(slot, {0.5}, {n}, tried_.key_of(Point{n})); }
  std::vector<double> propose(std::size_t count) const {
    Proposals proposals(space_, tried_);
    slots_.propose(count, proposals);
    std::vector<double> values;
    for (const Point& point : std::move(proposals).take()) values.push_back(point[0]);
    return values;
  }

  Space space_ = line();
  TriedPoints tried_{space_};
  ProposalSlots slots_{3};
};

TEST_F(ProposalSlotsTest, HandsOutTheOldestPlansFirst) {
  plan(2, 5.0);
  plan(0, 6.0);
  plan(1, 7.0);
  EXPECT_EQ(propose(2), (std::vector{5.0, 6.0}));
  slots_.hasten(1);
  EXPECT_EQ(propose(9), (std::vector{7.0, 5.0, 6.0}));
}

TEST_F(ProposalSlotsTest, LeavesOutWhatRunsOrWasTriedAndTwins) {
  plan(0, 5.0);
  plan(1, 6.0);
  plan(2, 6.0);
  EXPECT_EQ(propose(3), (std::vector{5.0, 6.0}));
  const Point running = {5.0};
  const Observation observation{.number = 0, .point = running, .state = TrialState::Running};
  tried_.set_running(std::span(&observation, 1));
  EXPECT_EQ(propose(3), (std::vector{6.0}));
  tried_.set_running({});
  tried_.add_finished(tried_.key_of(Point{6.0}));
  EXPECT_EQ(propose(3), (std::vector{5.0}));
}

TEST_F(ProposalSlotsTest, FindsEverySlotThatPlansAPoint) {
  plan(0, 5.0);
  plan(1, 6.0);
  plan(2, 6.0);
  EXPECT_EQ(slots_.find(tried_.key_of(Point{6.0})), (std::vector<std::size_t>{1, 2}));
  slots_.retire(1);
  EXPECT_EQ(slots_.find(tried_.key_of(Point{6.0})), (std::vector<std::size_t>{2}));
  EXPECT_FALSE(slots_.contains(tried_.key_of(Point{7.0})));
}

TEST_F(ProposalSlotsTest, LetsThatSlotPlanThatHasWaitedLongest) {
  for (const std::size_t slot : {0, 1, 2}) plan(slot, static_cast<double>(slot));
  EXPECT_EQ(slots_.due(3), std::nullopt);
  slots_.retire(2);
  slots_.retire(0);
  EXPECT_EQ(slots_.due(3), 2U);
  EXPECT_EQ(slots_.due(1), std::nullopt);  // one plan is open
  plan(2, 4.0);
  EXPECT_EQ(slots_.due(3), 0U);
}

TEST(Proposals, DrawAgainAndThenChangeAPointThatWasTried) {
  const Space space = line();
  TriedPoints tried(space);
  tried.add_finished(tried.key_of(Point{3.0}));
  Proposals proposals(space, tried);
  Rng rng(1);
  for (int i = 0; i < 6; ++i) proposals.add_new([] { return Point{3.0}; }, rng);
  std::vector<Point> points = std::move(proposals).take();
  std::sort(points.begin(), points.end());
  EXPECT_EQ(std::adjacent_find(points.begin(), points.end()), points.end());
  EXPECT_FALSE(std::binary_search(points.begin(), points.end(), Point{3.0}));
}

TEST(Rank, PutsFailuresLastAndPrunedTrialsBeforeThem) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const Rank failed = rank_of({.state = TrialState::Failed, .loss = nan});
  const Rank pruned = rank_of({.state = TrialState::Pruned, .loss = -infinity});
  EXPECT_LT(rank_of({.loss = -infinity}), rank_of({.loss = 1.0}));
  EXPECT_LT(rank_of({.loss = infinity}), pruned);
  EXPECT_LT(pruned, failed);
  EXPECT_EQ(rank_of({.loss = nan}), failed);
  EXPECT_EQ(rank_of({.loss = 1.0, .is_infeasible = true}), failed);
  EXPECT_LT(rank_of({.state = TrialState::Pruned, .loss = nan}), failed);
}

}  // namespace
}  // namespace trimtab
