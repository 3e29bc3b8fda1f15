// What a study's protocol hands to each run: scenario, split, compute.

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/engine/runner.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"
#include "trimtab/executors/thread/thread_executor.hpp"

namespace trimtab {
namespace {

class ProtocolsTest : public ProcessFixture {
 protected:
  StudySpec line(std::int64_t trials) const {
    StudySpec spec = spec_of("true");
    spec.budget.trials = trials;
    spec.sampler = {.name = "random", .options = "{}"};
    spec.validity.confirm_top = 1;
    spec.validity.confirm_seeds = 3;
    return spec;
  }
  StudySpec dealt(SplitPlan plan, std::int64_t trials = 2) const {
    std::ofstream out(path("table.csv"));
    out << "value,kind\n";
    for (int i = 0; i < 60; ++i) out << i << ",c" << i % 6 << '\n';
    out.close();
    StudySpec spec = line(trials);
    spec.data = {.table = path("table.csv"), .label = "kind", .split = plan};
    spec.validity.tuning_seeds = plan.folds;
    return spec;
  }
  void run(Study& study, const Callable& callable) {
    ThreadExecutor executor(study.space(), callable, "loss", 1);
    run(study, executor);
  }
  void run(Study& study, Executor& executor) {
    std::atomic<int> interrupt{0};
    Runner(study, executor, observer_, {.tick_seconds = 0.005}).run(interrupt);
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
  RunObserver observer_;
};

TEST_F(ProtocolsTest, TheSearchNeverSeesTheScenarioOfTheEvaluation) {
  StudySpec spec = line(4);
  spec.validity.scenario = {"letters A-M", "letters N-Z"};
  Study study(spec, registry_, storage_);
  std::mutex mutex;
  std::map<std::string, int> seen;
  run(study, [&](const Space&, PointView point, TrialContext& context) -> Metrics {
    const std::lock_guard lock(mutex);
    ++seen[(context.seed() % 2 == 0 ? "tuning " : "evaluation ") + context.scenario()];
    return {{"loss", point[0] + (context.scenario() == "letters N-Z" ? 1.0 : 0.0)}};
  });
  EXPECT_EQ(seen,
            (std::map<std::string, int>{{"evaluation letters N-Z", 3}, {"tuning letters A-M", 4}}));
}

TEST_F(ProtocolsTest, AProgramIsToldItsScenarioAndItsRows) {
  StudySpec spec = dealt({.folds = 2, .sealed_share = 0.5}, 1);
  spec.validity.scenario = {"one", "two"};
  spec.program.command =
      "sh -c 'test \"$TRIMTAB_SCENARIO\" = \"$1\" && test \"$TRIMTAB_SPLIT\" = \"$2\" && cat "
      "\"$2\" >> " +
      path("splits") + " && echo loss={x}' sh {trial.scenario} {trial.split}";
  Study study(spec, registry_, storage_);
  run(study, *executor_of(spec));
  std::ifstream file(path("splits"));
  std::vector<Json> splits;
  for (std::string line; std::getline(file, line);) splits.push_back(Json::parse(line));
  ASSERT_EQ(splits.size(), 2u + 3u) << "two folds, then fresh runs of the one finalist";
  EXPECT_EQ(splits[0]["validation"].size(), 15u);
  EXPECT_EQ(splits[0]["train"].size(), 15u);
  EXPECT_NE(splits[0]["validation"], splits[1]["validation"]);
  EXPECT_EQ(splits[2]["validation"].size(), 30u);
  EXPECT_EQ(splits[2], splits[3]) << "the sealed rows are the same for all";
  EXPECT_EQ(splits[0]["table"], path("table.csv"));
}

TEST_F(ProtocolsTest, HiddenClassesReachTheRun) {
  Study study(dealt({.is_by_class = true, .folds = 2, .sealed_share = 0.34}), registry_, storage_);
  run(study, [](const Space&, PointView point, TrialContext& context) -> Metrics {
    const RowSplit& split = *context.split();
    EXPECT_EQ(split.hidden_classes.size(), 2u);
    EXPECT_EQ(split.validation.size(), 20u);
    return {{"loss", point[0]}};
  });
  EXPECT_EQ(study.stage(), Stage::Done);
}

TEST_F(ProtocolsTest, ATrialIsTheMeanOverItsFolds) {
  Study study(dealt({.folds = 5, .sealed_share = 0.0}, 1), registry_, storage_);
  run(study, [](const Space&, PointView, TrialContext& context) -> Metrics {
    double sum = 0.0;
    for (const std::int64_t row : context.split()->validation) sum += static_cast<double>(row);
    return {{"loss", sum / static_cast<double>(context.split()->validation.size())}};
  });
  study.view([](const StudyView& view) {
    EXPECT_NEAR(view.history.value(0), 29.5, 1e-9) << "each row once";
  });
}

double busy(double seconds) {
  double sum = 0.0;
  timespec now{};
  const auto cpu = [&] {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  };
  for (const double end = cpu() + seconds; cpu() < end;) sum += std::sqrt(sum + 1.0);
  return sum;
}

TEST_F(ProtocolsTest, SlowConfigurationsGetFewerSteps) {
  StudySpec spec = line(3);
  spec.space_definition = R"({"x": {"choice": [1, 4], "default": 1}})";
  spec.budget.trials = 2;
  spec.fidelity = Fidelity{.name = "steps", .min = 1.0, .max = 1e6};
  spec.validity.compute_class = ComputeClass{.seconds = 0.2};
  spec.validity.confirm_seeds = 1;
  Study study(spec, registry_, storage_);
  std::map<double, std::vector<double>> given;
  run(study, [&](const Space& space, PointView point, TrialContext& context) -> Metrics {
    const double cost = space.to_json(point)["x"].get<double>();
    busy(0.002 + context.fidelity() * cost * 2e-4);
    given[cost].push_back(context.fidelity());
    return {{"loss", cost + 0.001 * context.fidelity()}};
  });
  study.view([](const StudyView& view) {
    ASSERT_GE(view.history.size(), 3);
    const auto planned = [&](std::int64_t number) {
      return view.history.metrics(number).at("planned_steps");
    };
    EXPECT_NEAR(planned(0), 1000.0, 300.0);
    EXPECT_NEAR(planned(1), 250.0, 75.0);
    EXPECT_TRUE(view.history.metrics(0).contains("load_average"));
    const std::int64_t fresh = 2;
    EXPECT_EQ(view.history.purpose(fresh), Purpose::Confirm);
    EXPECT_EQ(planned(fresh), planned(view.history.of_trial(fresh))) << "measured once";
  });
  EXPECT_EQ(given[1].back(), given[1].end()[-2]) << "trial and fresh run";
}

TEST_F(ProtocolsTest, AProbeThatFailsFailsItsTrial) {
  StudySpec spec = line(2);
  spec.fidelity = Fidelity{.name = "steps", .min = 1.0, .max = 1e6};
  spec.validity.compute_class = ComputeClass{.seconds = 0.2};
  Study study(spec, registry_, storage_);
  run(study, [](const Space&, PointView, TrialContext& context) -> Metrics {
    if (context.fidelity() > 3.0) throw std::runtime_error("too many");
    return {{"loss", 1.0}};
  });
  study.view([](const StudyView& view) {
    EXPECT_EQ(view.history.count(TrialState::Failed), 2);
    EXPECT_EQ(view.history.failure(0).detail, "too many");
  });
}

}  // namespace
}  // namespace trimtab
