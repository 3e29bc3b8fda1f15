#include "trimtab/pruners/patient/patient.hpp"

#include <gtest/gtest.h>

#include "trimtab/core/registry.hpp"
#include "trimtab/core/testing/told_pruner.hpp"

namespace trimtab {
namespace {

std::vector<bool> answers(ToldPruner<Patient>& told, const std::vector<double>& losses) {
  std::vector<bool> stops;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    stops.push_back(told.report(0, static_cast<double>(i) + 1.0, losses[i]));
  }
  return stops;
}

TEST(Patient, StopsAfterSoManyReportsWithoutAnImprovement) {
  ToldPruner<Patient> told(Json{{"patience", 2}});
  EXPECT_EQ(answers(told, {5, 4, 4, 4, 3, 3.5, 3}),
            (std::vector<bool>{false, false, false, true, false, false, true}));
}

TEST(Patient, CountsImprovementsAboveMinDelta) {
  ToldPruner<Patient> told(Json{{"patience", 2}, {"min_delta", 0.5}});
  EXPECT_EQ(answers(told, {5, 4.9, 4.8, 4.0, 3.9}),
            (std::vector<bool>{false, false, true, false, false}));
}

TEST(Patient, TakesAnImprovementOfAnyObjective) {
  PrunerSetting setting;
  setting.objectives = {{.name = "a"}, {.name = "b"}};
  ToldPruner<Patient> told(Json{{"patience", 1}}, setting);
  EXPECT_FALSE(told.report(0, 1, {1.0, 5.0}));
  EXPECT_FALSE(told.report(0, 2, {2.0, 4.0}));
  EXPECT_TRUE(told.report(0, 3, {2.0, 4.0}));
}

TEST(Patient, AsksAnotherPrunerToAgree) {
  const Registry registry = make_registry();
  AnyPruner pruner = registry.make_pruner(
      {.name = "patient", .options = R"({"patience": 1, "agree": "median"})"}, {}, "test");
  const auto report = [&](std::int64_t trial, double step, double loss) {
    const Progress event{Progress::Kind::Report, trial, step, {&loss, 1}, TrialState::Running};
    pruner.tell({&event, 1});
    return pruner.should_prune(trial, step);
  };
  for (std::int64_t trial = 0; trial < 5; ++trial) {
    report(trial, 1, 2.0);
    report(trial, 2, 1.0);
    const double last = 1.0;
    const Progress end{Progress::Kind::End, trial, 0.0, {&last, 1}, TrialState::Complete};
    pruner.tell({&end, 1});
  }
  report(5, 1, 9.0);
  EXPECT_FALSE(report(5, 2, 8.0));  // worse than the median, but falling
  report(6, 1, 0.5);
  EXPECT_FALSE(report(6, 2, 0.5));  // stalls, but better than the median
  report(7, 1, 9.0);
  EXPECT_TRUE(report(7, 2, 9.0));
}

}  // namespace
}  // namespace trimtab
