// Observed constraints: in study files, in the history, in the order of trials.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/core/history.hpp"
#include "trimtab/core/rank.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

StudySpec parse(const std::string& constraints) {
  const std::string toml =
      "[study]\nname = \"s\"\nconstraints = " + constraints + "\n[space]\nx = [0.0, 1.0]\n";
  return parse_study(Document::parse(toml, Document::Format::Toml, "t"));
}

std::string code_of(const std::string& constraints) {
  try {
    parse(constraints);
  } catch (const UserError& error) {
    return error.info().code;
  }
  return "";
}

TEST(MetricConstraint, IsReadFromAStudyFileAndWrittenBack) {
  const StudySpec spec = parse(
      R"(["excess", {metric = "memory", at_most = 8e9}, {metric = "recall", at_least = 0.9}])");
  ASSERT_EQ(spec.constraints.size(), 3U);
  EXPECT_EQ(spec.constraints[0], (MetricConstraint{"excess", 0.0, false}));
  EXPECT_EQ(spec.constraints[1], (MetricConstraint{"memory", 8e9, false}));
  EXPECT_EQ(spec.constraints[2], (MetricConstraint{"recall", 0.9, true}));
  EXPECT_EQ(study_from_json(spec.to_json()).constraints, spec.constraints);
}

TEST(MetricConstraint, IsRefusedWithoutMetricOrWithTwoLimits) {
  EXPECT_EQ(code_of("[{at_most = 1.0}]"), "study.constraint");
  EXPECT_EQ(code_of(R"([{metric = "m", at_most = 1.0, at_least = 0.0}])"), "study.constraint");
  EXPECT_EQ(code_of("3"), "study.constraints");
  EXPECT_EQ(code_of(R"([{metric = "m", below = 1.0}])"), "study.unknown_key");
}

TEST(MetricConstraint, MeasuresViolationsInUnitsOfTheLimit) {
  const MetricConstraint memory = {"memory", 4.0, false};
  EXPECT_EQ(memory.violation(6.0), 0.5);
  EXPECT_EQ(memory.violation(2.0), -0.5);
  EXPECT_EQ((MetricConstraint{"recall", 0.5, true}).violation(0.25), 0.5);
  EXPECT_EQ((MetricConstraint{"excess", 0.0, false}).violation(3.0), 3.0);
  EXPECT_TRUE(std::isnan(memory.violation(kNaN)));
}

TrialFinished finished(std::int64_t number, double loss, double memory) {
  TrialFinished event;
  event.number = number;
  event.outcome.values = {loss};
  if (!std::isnan(memory)) event.outcome.metrics["memory"] = memory;
  return event;
}

TEST(ConstrainedHistory, TakesTheBestTrialOfThoseThatKeepTheConstraints) {
  History history(1, {Objective{}}, {{"memory", 4.0, false}});
  Sequence sequence = 0;
  const auto add = [&](EventBody body) { history.apply(++sequence, {.body = std::move(body)}); };
  const double losses[] = {1.0, 3.0, 2.0, 0.5};
  const double memories[] = {5.0, 4.0, 3.0, kNaN};
  for (std::int64_t i = 0; i < 4; ++i) {
    TrialCreated created;
    created.number = i;
    created.point = {0.0};
    add(created);
    add(finished(i, losses[i], memories[i]));
    if (i == 0) {
      EXPECT_EQ(history.best(), -1);
    }
  }
  EXPECT_EQ(history.best(), 2);
  EXPECT_FALSE(history.is_feasible(0));
  EXPECT_TRUE(history.is_feasible(1));
  EXPECT_FALSE(history.is_feasible(3));  // nobody knows
  EXPECT_EQ(history.observe(0).violations[0], 0.25);
}

TEST(ConstrainedHistory, MayConstrainAnObjective) {
  History history(1, {Objective{.name = "score", .goal = Goal::Maximise}}, {{"score", 0.8, true}});
  history.apply(1, {.body = TrialCreated{.point = {0.0}}});
  history.apply(2, {.body = finished(0, 0.4, kNaN)});
  EXPECT_EQ(history.violations(0)[0], 0.5);
  EXPECT_EQ(history.best(), -1);
}

TEST(Rank, PutsViolationsBetweenPrunedAndFailedTrials) {
  const double slightly[] = {0.1, -1.0}, much[] = {0.1, 0.2}, unknown[] = {kNaN};
  const Rank good = rank_of({.loss = 7.0});
  const Rank pruned = rank_of({.state = TrialState::Pruned, .loss = -1.0});
  const Rank near = rank_of({.loss = -5.0, .violations = slightly});
  const Rank far = rank_of({.loss = -9.0, .violations = much});
  const Rank lost = rank_of({.loss = -9.0, .violations = unknown});
  const Rank failed = rank_of({.state = TrialState::Failed, .loss = kNaN});
  EXPECT_LT(good, pruned);
  EXPECT_LT(pruned, near);
  EXPECT_LT(near, far);
  EXPECT_LT(far, lost);
  EXPECT_LT(lost, failed);
}

}  // namespace
}  // namespace trimtab
