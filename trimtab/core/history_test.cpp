#include "trimtab/core/history.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

History two_dimensional(Goal goal = Goal::Minimise) {
  return History(2, {Objective{.name = "score", .goal = goal, .target = {}}});
}

// Feeds events with consecutive sequences and times 1, 2, 3, ... microseconds.
class Log {
 public:
  explicit Log(History& history) : history_(history) {}
  Log& operator<<(EventBody body) {
    ++sequence_;
    history_.apply(sequence_, {.time = sequence_, .body = std::move(body)});
    return *this;
  }

 private:
  History& history_;
  Sequence sequence_ = 0;
};

TrialCreated created(std::int64_t number, Point point, Purpose purpose = Purpose::Search) {
  TrialCreated event;
  event.number = number;
  event.purpose = purpose;
  event.point = std::move(point);
  return event;
}

TrialFinished finished(std::int64_t number, double value) {
  TrialFinished event;
  event.number = number;
  event.outcome.values = {value};
  return event;
}

TEST(History, StoresLossesMinimisedAndGivesValuesBack) {
  History history = two_dimensional(Goal::Maximise);
  Log(history) << created(0, {1.0, 2.0}) << finished(0, 0.75);
  EXPECT_EQ(history.loss(0), -0.75);
  EXPECT_EQ(history.value(0), 0.75);
  EXPECT_EQ(history.point(0)[1], 2.0);
  EXPECT_EQ(history.finished(0), 2);
}

TEST(History, KeepsTheEarliestOfEqualBestTrialsWhateverTheOrderOfFinishing) {
  History history = two_dimensional();
  Log(history) << created(0, {0, 0}) << created(1, {1, 1}) << finished(1, 3.0) << finished(0, 3.0);
  EXPECT_EQ(history.best(), 0);
}

TEST(History, NeverTakesAConfirmRunForTheBest) {
  History history = two_dimensional();
  Log(history) << created(0, {0, 0}) << finished(0, 3.0) << created(1, {0, 0}, Purpose::Confirm)
               << finished(1, 1.0);
  EXPECT_EQ(history.best(), 0);
}

TEST(History, FollowsATrialThroughQueueAndRunning) {
  History history = two_dimensional();
  TrialCreated waiting = created(0, {0, 0}, Purpose::Enqueued);
  waiting.state = TrialState::Waiting;
  Log log(history);
  log << waiting;
  EXPECT_EQ(history.waiting().size(), 1u);
  EXPECT_EQ(history.started(0), 0);
  log << TrialMoved{0, TrialState::Running, 7};
  EXPECT_EQ(history.running().count(0), 1u);
  EXPECT_EQ(history.worker(0), 7);
  EXPECT_EQ(history.started(0), 2);
  log << finished(0, 1.0);
  EXPECT_EQ(history.count(TrialState::Complete), 1);
  EXPECT_EQ(history.count(TrialState::Waiting) + history.count(TrialState::Running), 0);
}

TEST(History, ReturnsReportsInTheOrderOfArrivalPerTrial) {
  History history = two_dimensional();
  Log(history) << created(0, {0, 0}) << created(1, {1, 1}) << TrialReported{0, {1, 0.5}}
               << TrialReported{1, {1, 0.6}} << TrialReported{0, {2, 0.4}};
  const std::vector<Report> reports = history.reports(0);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].value, 0.5);
  EXPECT_EQ(reports[1].step, 2);
}

TEST(History, WidensRowsWithoutMovingWhatIsThere) {
  History history = two_dimensional();
  Log log(history);
  log << created(0, {1, 2}) << created(1, {3, 4});
  history.widen(3);
  log << created(2, {5, 6, 7});
  EXPECT_EQ(history.point(1)[0], 3.0);
  EXPECT_EQ(history.point(1)[1], 4.0);
  EXPECT_FALSE(is_active(history.point(1)[2]));
  EXPECT_EQ(history.point(2)[2], 7.0);
}

TEST(History, ReplacesThePointOfARunningTrial) {
  History history = two_dimensional();
  Log(history) << created(0, {1, 2}) << TrialPlaced{0, {9}};
  EXPECT_EQ(history.point(0)[0], 9.0);
  EXPECT_FALSE(is_active(history.point(0)[1]));
}

TEST(History, TakesParametersOneByOneWhereTheSpaceHasThem) {
  History history = two_dimensional();
  Log log(history);
  log << created(0, {}) << ParameterSet{0, 1, "b", 5.0, "{}"} << ParameterSet{0, -1, "c", 6.0, ""};
  EXPECT_FALSE(is_active(history.point(0)[0]));
  EXPECT_EQ(history.point(0)[1], 5.0);
  EXPECT_THROW((log << ParameterSet{0, 2, "d", 1.0, ""}), EnvironmentError);
}

TEST(History, MarksInfeasibleFailuresForSamplers) {
  History history = two_dimensional();
  TrialFinished event;
  event.outcome.state = TrialState::Failed;
  event.outcome.failure = {FailureReason::Infeasible, 77, "too big"};
  Log(history) << created(0, {1, 2}) << event;
  const Observation seen = history.observe(0);
  EXPECT_TRUE(seen.is_infeasible);
  EXPECT_TRUE(std::isnan(seen.loss));
  EXPECT_TRUE(seen.losses.empty());
  EXPECT_EQ(history.best(), -1);
}

struct Contradiction {
  const char* name;
  std::vector<EventBody> events;
  const char* what;
};

class HistoryRefuses : public ::testing::TestWithParam<Contradiction> {};

TEST_P(HistoryRefuses, EventsThatContradictTheLog) {
  History history = two_dimensional();
  Log log(history);
  try {
    for (const EventBody& body : GetParam().events) log << body;
    FAIL() << "no error";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.info().code, "history.corrupt");
    EXPECT_EQ(error.info().what, GetParam().what);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HistoryRefuses,
    ::testing::Values(
        Contradiction{"Gap", {created(1, {0, 0})}, "trial numbers are not dense"},
        Contradiction{"Long", {created(0, {0, 0, 0})}, "the point is too long"},
        Contradiction{"Unknown", {finished(0, 1.0)}, "an event names an unknown trial"},
        Contradiction{"Twice",
                      {created(0, {0, 0}), finished(0, 1.0), finished(0, 2.0)},
                      "an event changes a finished trial"},
        Contradiction{
            "Values", {created(0, {0, 0}), TrialFinished{}}, "a complete trial lacks values"},
        Contradiction{
            "Attribute", {Attribute{3, "a", "1"}}, "an attribute names an unknown trial"}),
    [](const auto& contradiction) { return contradiction.param.name; });

TEST(History, RefusesALogWithAGap) {
  History history = two_dimensional();
  EXPECT_THROW(history.apply(2, {.time = 0, .body = Note{"stage", "search"}}), EnvironmentError);
}

}  // namespace
}  // namespace trimtab
