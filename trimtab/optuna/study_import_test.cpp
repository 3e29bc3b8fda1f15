#include "trimtab/optuna/study_import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab::optuna {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kStart = 1'700'000'000'000'000;
constexpr Timestamp kSecond = 1'000'000;

constexpr const char* kUnit =
    R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}})";
constexpr const char* kShapes =
    R"({"name": "CategoricalDistribution", "attributes": {"choices": [[1], [2]]}})";

StoredTrial complete(StoredStudy& study, int index, std::vector<std::string> names) {
  StoredTrial trial{.state = TrialState::Complete,
                    .values = {0.5 * index},
                    .start = kStart + index * kSecond,
                    .complete = kStart + (index + 3) * kSecond};
  for (const std::string& name : names) {
    trial.parameters.push_back({study.intern(name, kUnit), 0.25});
  }
  return trial;
}

StoredStudy two_trials(const std::vector<std::string>& first,
                       const std::vector<std::string>& second) {
  StoredStudy study{.name = "s", .directions = {Goal::Maximise}};
  study.trials.push_back(complete(study, 0, first));
  study.trials.push_back(complete(study, 1, second));
  return study;
}

// The study as the rest of Trimtab opens it.
Study open(const ImportPlan& plan, const Registry& registry) {
  const std::shared_ptr<Storage> storage = registry.open_storage("memory:");
  const StudyRecord record = storage->create_study("s", plan.spec, 0);
  storage->transact(
      record.id, 0, Durability::Disk, [](Sequence, std::string_view) {},
      [&](Sequence) { return plan.events; });
  return Study::open("s", registry, storage);
}

TEST(StudyImport, MakesTheParametersThatEveryTrialHasTheStudysSpace) {
  const Registry registry = make_registry();
  const ImportPlan plan = plan_import(two_trials({"x", "y"}, {"y", "x"}), "s", 0);
  EXPECT_FALSE(plan.is_dynamic);
  const Study study = open(plan, registry);
  EXPECT_EQ(study.spec().space_definition, R"({"x":{"float":[0.0,1.0]},"y":{"float":[0.0,1.0]}})");
  EXPECT_EQ(study.spec().objectives.front().goal, Goal::Maximise);
  study.view([&](const StudyView& view) {
    EXPECT_EQ(view.history.size(), 2);
    EXPECT_EQ(view.history.best(), 1);
    EXPECT_EQ(view.history.value(1), 0.5);
    EXPECT_THAT(view.history.point(0), ElementsAre(0.25, 0.25));
    EXPECT_EQ(view.history.started(1), kStart + kSecond);
    EXPECT_EQ(view.history.finished(1), kStart + 4 * kSecond);
    EXPECT_EQ(view.history.resources(1).wall_seconds, 3.0);
  });
}

TEST(StudyImport, LetsParametersThatSomeTrialsLackBeFoundByTheProgram) {
  const Registry registry = make_registry();
  const ImportPlan plan = plan_import(two_trials({"x"}, {"x", "y"}), "s", 0);
  EXPECT_TRUE(plan.is_dynamic);
  const Study study = open(plan, registry);
  EXPECT_EQ(study.spec().space_definition, "{}");
  EXPECT_EQ(study.space().num_dimensions(), 2u);
  study.view([&](const StudyView& view) {
    EXPECT_TRUE(std::isnan(view.history.point(0)[1]));
    EXPECT_EQ(view.history.point(1)[1], 0.25);
  });
}

TEST(StudyImport, DoesNotMindWhatATrialThatFailedOrRunsLacks) {
  StoredStudy stored = two_trials({"x"}, {"x"});
  stored.trials.push_back({.state = TrialState::Failed, .start = kStart, .complete = kStart});
  stored.trials.push_back({.state = TrialState::Running, .start = kStart});
  stored.trials.push_back({.state = TrialState::Waiting});
  const ImportPlan plan = plan_import(stored, "s", 0);
  EXPECT_FALSE(plan.is_dynamic);
  const Registry registry = make_registry();
  open(plan, registry).view([&](const StudyView& view) {
    EXPECT_EQ(view.history.state(2), TrialState::Failed);
    EXPECT_THAT(view.history.running(), ElementsAre(3));
    EXPECT_THAT(view.history.waiting(), ElementsAre(4));
    EXPECT_EQ(view.history.created(4), kStart + 4 * kSecond) << "as the latest time before it";
  });
}

TEST(StudyImport, KeepsWhatNoSpaceCanSayForOptunaAlone) {
  StoredStudy stored = two_trials({"x"}, {"x"});
  const int shapes = stored.intern("shape", kShapes);
  for (StoredTrial& trial : stored.trials) trial.parameters.push_back({shapes, 1.0});
  const ImportPlan plan = plan_import(stored, "s", 0);
  EXPECT_EQ(plan.num_native, 1);
  EXPECT_EQ(plan.num_foreign, 2);
  EXPECT_THAT(plan.foreign, ElementsAre("shape"));
  EXPECT_FALSE(plan.is_dynamic);
}

TEST(StudyImport, JudgesTrialsByTheirConstraints) {
  StoredStudy stored = two_trials({"x"}, {"x"});
  stored.trials[0].system_attributes["constraints"] = "[-1.0, 0]";
  stored.trials[1].system_attributes["constraints"] = "[-1.0, 0.5]";
  stored.trials[0].system_attributes["constraints:a b"] = "-0.5";
  stored.trials[1].system_attributes["constraints:a b"] = "-0.5";
  const Registry registry = make_registry();
  open(plan_import(stored, "s", 0), registry).view([&](const StudyView& view) {
    EXPECT_EQ(view.spec.constraints.size(), 3u);
    EXPECT_TRUE(view.history.is_feasible(0));
    EXPECT_FALSE(view.history.is_feasible(1));
    EXPECT_EQ(view.history.best(), 0) << "the better one violates a constraint";
    EXPECT_EQ(view.history.metrics(0).at("constraint_a_b"), -0.5);
    EXPECT_EQ(view.history.attributes(1).at("optuna:system:constraints"), "[-1.0, 0.5]");
  });
}

TEST(StudyImport, NamesTheObjectivesAsOptunaNamesItsMetrics) {
  StoredStudy stored{.name = "s", .directions = {Goal::Minimise, Goal::Maximise}};
  stored.system_attributes["study:metric_names"] = R"(["loss", "accuracy"])";
  EXPECT_THAT(plan_import(stored, "s", 0).spec,
              ::testing::HasSubstr(R"({"name":"accuracy","goal":"max")"));
  stored.system_attributes["study:metric_names"] = R"(["same", "same"])";
  EXPECT_THAT(plan_import(stored, "s", 0).spec, ::testing::HasSubstr(R"("name":"value1")"));
}

TEST(StudyImport, GivesTheSamePlanForTheSameStudy) {
  const StoredStudy stored = two_trials({"x"}, {"x", "y"});
  const ImportPlan once = plan_import(stored, "s", 7), twice = plan_import(stored, "s", 7);
  EXPECT_EQ(once.spec, twice.spec);
  EXPECT_EQ(once.events, twice.events);
  EXPECT_THAT(once.events, ::testing::Not(IsEmpty()));
}

TEST(StudyImport, RefusesAStudyWithoutDirections) {
  EXPECT_THROW(plan_import({.name = "s"}, "s", 0), UserError);
}

}  // namespace
}  // namespace trimtab::optuna
