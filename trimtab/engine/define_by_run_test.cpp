#include "trimtab/engine/define_by_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

class DefineByRun : public ::testing::Test {
 protected:
  Study make(std::int64_t trials, const std::string& sampler = "auto") {
    StudySpec spec;
    spec.name = "grown";
    spec.budget.trials = trials;
    spec.sampler.name = sampler;
    return Study(spec, registry_, storage_);
  }
  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
};

double layered(LiveTrial& trial) {
  const auto layers = trial.integer("layers", 1, 3);
  double loss = std::abs(std::log10(trial.real("rate", 1e-5, 1e-1, {.is_log = true})) + 3);
  for (int i = 0; i < layers; ++i) {
    const auto units = trial.integer("units" + std::to_string(i), 4, 64);
    loss += std::abs(static_cast<double>(units) - 16.0) / 64.0;
  }
  return loss;
}

TEST_F(DefineByRun, GrowsTheSpaceByWhatTheProgramAsksFor) {
  Study study = make(60);
  optimize(study, layered);
  study.view([](const StudyView& view) {
    EXPECT_EQ(view.space.num_dimensions(), 5u);
    ASSERT_EQ(view.history.size(), 60);
    const auto layers = *view.space.find_dimension("layers");
    for (std::int64_t number = 0; number < view.history.size(); ++number) {
      const PointView point = view.history.point(number);
      for (int i = 0; i < 3; ++i) {  // exactly the units that the run asked for are active
        const auto units = *view.space.find_dimension("units" + std::to_string(i));
        EXPECT_EQ(is_active(point[units]), i < point[layers]) << "trial " << number;
      }
    }
  });
}

TEST_F(DefineByRun, LearnsWhatIsGood) {
  Study study = make(120, "tpe");  // auto would step down on a busy machine
  optimize(study, layered);
  double early = 0.0, late = 0.0;
  study.view([&](const StudyView& view) {
    for (std::int64_t i = 0; i < 40; ++i) {
      early += view.history.value(i) / 40.0;
      late += view.history.value(80 + i) / 40.0;
    }
  });
  EXPECT_LT(late, 0.6 * early);
}

TEST_F(DefineByRun, GivesTheSameValueWhenAskedTwice) {
  Study study = make(5);
  optimize(study, [](LiveTrial& trial) {
    const double x = trial.real("x", 0.0, 1.0);
    EXPECT_EQ(trial.real("x", 0.0, 1.0), x);
    return x;
  });
}

TEST_F(DefineByRun, SharesOneSpaceAmongThreads) {
  Study study = make(80);
  optimize(study, layered, {.num_threads = 4});
  study.view([](const StudyView& view) {
    EXPECT_EQ(view.space.num_dimensions(), 5u);
    EXPECT_EQ(view.history.count(TrialState::Complete), 80);
  });
}

TEST_F(DefineByRun, FindsTheParametersAgainWhenTheStudyIsResumed) {
  {
    Study study = make(20);
    optimize(study, layered);
  }
  Study study = make(40);
  optimize(study, layered);
  study.view([](const StudyView& view) {
    EXPECT_EQ(view.space.num_dimensions(), 5u);
    EXPECT_EQ(view.history.count(TrialState::Complete), 40);
  });
}

TEST_F(DefineByRun, FailsATrialThatThrowsAndGoesOn) {
  Study study = make(30);
  optimize(study, [](LiveTrial& trial) {
    const double x = trial.real("x", 0.0, 1.0);
    if (x > 0.5) throw std::runtime_error("too hot");
    return x;
  });
  study.view([](const StudyView& view) {
    EXPECT_GT(view.history.count(TrialState::Failed), 0);
    EXPECT_GT(view.history.count(TrialState::Complete), 0);
    for (std::int64_t i = 0; i < 30; ++i) {
      if (view.history.state(i) != TrialState::Failed) continue;
      EXPECT_EQ(view.history.failure(i).detail, "too hot");
      EXPECT_GT(view.history.point(i)[0], 0.5);  // what it used is recorded all the same
    }
  });
}

TEST_F(DefineByRun, RefusesAnotherDefinitionOfAName) {
  Study study = make(5);
  try {
    optimize(study, [](LiveTrial& trial) {
      return trial.real("x", 0.0, 1.0) + trial.real("y", 0.0, trial.number() == 2 ? 3.0 : 2.0);
    });
    FAIL() << "nothing was thrown";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "study.parameter_changed");
    EXPECT_EQ(error.info().got, R"({"float":[0.0,3.0]})");
    EXPECT_EQ(error.info().expected, R"({"float":[0.0,2.0]})");
  }
}

}  // namespace
}  // namespace trimtab
