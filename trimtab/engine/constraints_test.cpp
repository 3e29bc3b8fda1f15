// Known constraints are never violated, observed ones decide who is best.

#include <gtest/gtest.h>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/stages.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {
namespace {

StudySpec constrained(std::int64_t trials) {
  StudySpec spec;
  spec.name = "constrained";
  spec.budget.trials = trials;
  spec.constraints = {{"memory", 4.0, false}};
  spec.space_definition = R"({"x": [0.0, 10.0]})";
  spec.sampler = {.name = "random", .options = "{}"};
  spec.validity.confirm_top = 3;
  return spec;
}

class ConstraintsTest : public ::testing::Test {
 protected:
  Study make(StudySpec spec) { return Study(std::move(spec), registry_, storage_); }
  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
};

TEST_F(ConstraintsTest, FinalistsAndBestKeepObservedConstraints) {
  Study study = make(constrained(40));
  while (const std::optional<Trial> trial = study.ask()) {
    const double x = trial->point[0];
    study.tell(trial->number, {.values = {-x}, .metrics = {{"memory", x}}});
  }
  study.view([](const StudyView& view) {
    ASSERT_GE(view.history.best(), 0);
    EXPECT_LE(view.history.point(view.history.best())[0], 4.0);
    const std::vector<std::int64_t> chosen = finalists(view.spec, view.history);
    EXPECT_EQ(chosen.size(), 3U);
    for (const std::int64_t number : chosen) EXPECT_LE(view.history.point(number)[0], 4.0);
  });
}

TEST_F(ConstraintsTest, ATrialThatNeverReportsAConstraintHasFailed) {
  Study study = make(constrained(1));
  study.tell(study.ask()->number, {.values = {1.0}});
  study.view([](const StudyView& view) {
    EXPECT_EQ(view.history.state(0), TrialState::Failed);
    EXPECT_EQ(view.history.failure(0).detail, "the program never reported memory");
  });
}

TEST_F(ConstraintsTest, AStudyThatExistsKeepsItsConstraints) {
  make(constrained(1));
  StudySpec other = constrained(1);
  other.constraints[0].limit = 5.0;
  try {
    make(other);
    FAIL() << "other constraints were accepted";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "study.changed");
    EXPECT_EQ(error.info().expected, "memory <= 4");
  }
}

TEST_F(ConstraintsTest, AReusedResultKeepsItsConstraints) {
  Study study = make(constrained(10));
  const Trial first = *study.ask();
  study.tell(first.number, {.values = {1.0}, .metrics = {{"memory", 9.0}}});
  const std::int64_t copy = study.enqueue(first.point);
  study.view([&](const StudyView& view) {
    EXPECT_EQ(view.history.state(copy), TrialState::Complete);
    EXPECT_FALSE(view.history.is_feasible(copy));
    EXPECT_EQ(view.history.best(), -1);
  });
}

// Every sampler that takes the space; enumeration, the default and the queue among the ways in.
TEST_F(ConstraintsTest, KnownConstraintsAreNeverViolated) {
  for (const auto& [name, entry] : registry_.samplers()) {
    StudySpec spec = constrained(12);
    spec.name = name;
    spec.constraints.clear();
    spec.sampler.name = name;
    spec.space_definition =
        R"({"a": {"int": [1, 8], "default": 8}, "b": {"int": [1, 8], "default": 8},
            "require": ["a * b <= 12", "8 % a == 0"], "forbid": ["a == 1 and b == 1"]})";
    Study study = make(spec);
    const Space space = study.space();
    EXPECT_THROW(study.enqueue({8.0, 8.0}), UserError) << name;
    while (const std::optional<Trial> trial = study.ask()) {
      EXPECT_TRUE(space.satisfies_constraints(trial->point)) << name;
      study.tell(trial->number, {.values = {-trial->point[0] - trial->point[1]}});
    }
    study.view([&](const StudyView& view) { EXPECT_EQ(view.history.size(), 12) << name; });
  }
}

}  // namespace
}  // namespace trimtab
