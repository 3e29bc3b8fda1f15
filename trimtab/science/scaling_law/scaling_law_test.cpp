#include "trimtab/science/scaling_law/scaling_law.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

SweepTask task_of(std::vector<double> losses) {
  std::vector<SweepRun> runs;
  for (const double loss : losses) {
    const double rate = static_cast<double>(runs.size() + 1);
    runs.push_back({1.0, 1.0, rate, 8.0, loss});
  }
  return group_tasks(runs).front();
}

// Bowls around a known law: a unit test of the machinery, no evidence for any law.
std::vector<SweepRun> runs_of(const StepLaw& law) {
  std::vector<SweepRun> runs;
  for (const double n : {1e6, 3e6, 9e6}) {
    for (const double d : {1e8, 5e8}) {
      for (int i = -3; i <= 3; ++i) {
        for (int j = -3; j <= 3; ++j) {
          runs.push_back({n, d, law.learning_rate(n, d) * std::exp2(i), law.batch(d) * std::exp2(j),
                          2.0 + 0.02 * (i * i + j * j + 0.5 * i * j)});
        }
      }
    }
  }
  return runs;
}

TEST(StepLaw, IsFittedToTheRunsNearTheBest) {
  const StepLaw truth = {0.5, -0.7, 0.3, 0.2, 0.55};
  Rng rng(1);
  const std::vector<SweepTask> tasks = group_tasks(runs_of(truth));
  const StepLawFit fit = fit_step_law(tasks, 0.0025, 20, rng);
  EXPECT_EQ(fit.num_kept, 6u);
  EXPECT_NEAR(fit.law.lr_constant, 0.5, 1e-9);
  EXPECT_NEAR(fit.law.lr_parameters, -0.7, 1e-10);
  EXPECT_NEAR(fit.law.lr_tokens, 0.3, 1e-10);
  EXPECT_NEAR(fit.law.batch_tokens, 0.55, 1e-10);
  for (const TaskRegret& regret : regrets_of(fit.law, tasks)) {
    EXPECT_EQ(regret.regret, 0.0);
    EXPECT_EQ(regret.worth_in_trials, 49u);
  }
  EXPECT_TRUE(fit_bowl(tasks.front()).is_convex);
  EXPECT_FALSE(tasks.front().is_censored);
}

TEST(StepLaw, NeedsSizesThatDetermineIt) {
  Rng rng(1);
  const std::vector<SweepRun> runs = {{1e6, 1e8, 0.1, 8, 2.0}, {1e6, 2e8, 0.1, 8, 2.0}};
  EXPECT_THROW(fit_step_law(group_tasks(runs), 0.01, 0, rng), UserError);
}

TEST(StepLaw, ExpectsOfRandomRunsWhatCountingGives) {
  const SweepTask task = task_of({1.0, 1.1, 1.3});
  EXPECT_NEAR(expected_random_regret(task, 1), 0.4 / 3.0, 1e-12);
  // Pairs: {0, .1} -> 0, {0, .3} -> 0, {.1, .3} -> .1.
  EXPECT_NEAR(expected_random_regret(task, 2), 0.1 / 3.0, 1e-12);
  EXPECT_EQ(expected_random_regret(task, 3), 0.0);
  EXPECT_TRUE(task.is_censored);
}

TEST(StepLaw, SeesASaddleAsNoBowl) {
  std::vector<SweepRun> runs;
  for (int i = -2; i <= 2; ++i) {
    for (int j = -2; j <= 2; ++j) {
      runs.push_back({1, 1, std::exp2(i), std::exp2(j), 2.0 + 0.001 * (i * i - j * j)});
    }
  }
  const Bowl bowl = fit_bowl(group_tasks(runs).front());
  EXPECT_FALSE(bowl.is_convex);
  EXPECT_NEAR(bowl.r_squared, 1.0, 1e-9);
}

TEST(StepLaw, RefusesRunsWithoutSize) {
  EXPECT_THROW(read_sweep(parse_csv("N,D,lr,bs,smooth loss\n1,1,0,1,2\n", "t"), {}), UserError);
  EXPECT_THROW(read_sweep(parse_csv("N,D,lr,bs,smooth loss\n1,1,,1,2\n", "t"), {}), UserError);
}

std::string released(const char* file) {
  const char* folder = std::getenv("TRIMTAB_DATA");
  if (folder == nullptr) return "";
  const std::string path = std::string(folder) + "/scaling_laws/" + file;
  return std::filesystem::exists(path) ? path : "";
}

// The independent refit of the released runs: 1911 of 17 tasks in the full table, 1270 of 11 in its
// public part. R: lm(log(lr) ~ log(N) + log(D)), lm(log(bs * 2048) ~ log(D)) on r < 0.0025.
struct Refit {
  std::size_t num_runs, num_tasks, num_kept;
  StepLaw law;
  double tolerance;
  double median, mean, largest;  // regret of the published law, per cent
  int num_worth_40;              // tasks on which it is at least worth 40 random runs
};

const Refit kFull = {
    1911,  17,   129, {4.35268285, -0.76622765, 0.19700574, -1.5677126, 0.61252902}, 1e-8, 0.067,
    0.096, 0.31, 10};
const Refit kPart = {1270,
                     11,
                     75,
                     {3.80483501, -0.7412658087, 0.1991090452, -1.718906428, 0.6194345778},
                     1e-8,
                     0.07603062372,
                     0.1046730111,
                     0.3103126176,
                     6};

TEST(StepLaw, RefitsTheReleasedRuns) {
  const std::string path = released("steplaw_dense.csv");
  if (path.empty()) GTEST_SKIP() << "data absent";
  const std::vector<SweepRun> runs = read_sweep(read_data_tables({path}), {});
  const Refit& expected = runs.size() == kFull.num_runs ? kFull : kPart;
  ASSERT_EQ(runs.size(), expected.num_runs);
  const std::vector<SweepTask> tasks = group_tasks(runs);
  EXPECT_EQ(tasks.size(), expected.num_tasks);
  Rng rng(1);
  const StepLawFit fit = fit_step_law(tasks, 0.0025, 0, rng);
  EXPECT_EQ(fit.num_kept, expected.num_kept);
  EXPECT_NEAR(fit.law.lr_constant, expected.law.lr_constant, 1.1 * expected.tolerance);
  EXPECT_NEAR(fit.law.lr_parameters, expected.law.lr_parameters, expected.tolerance);
  EXPECT_NEAR(fit.law.lr_tokens, expected.law.lr_tokens, expected.tolerance);
  EXPECT_NEAR(fit.law.batch_constant, expected.law.batch_constant, 5.0 * expected.tolerance);
  EXPECT_NEAR(fit.law.batch_tokens, expected.law.batch_tokens, expected.tolerance);
  std::vector<double> regrets;
  int num_convex = 0, num_better = 0;
  const std::vector<TaskRegret> published = regrets_of(published_step_law(), tasks);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    regrets.push_back(100.0 * published[i].regret);
    if (fit_bowl(tasks[i]).is_convex) ++num_convex;
    if (published[i].regret <= expected_random_regret(tasks[i], 40)) ++num_better;
  }
  EXPECT_NEAR(quantile(regrets, 0.5), expected.median, 1e-3);
  EXPECT_NEAR(mean(regrets), expected.mean, 1e-3);
  EXPECT_NEAR(*std::max_element(regrets.begin(), regrets.end()), expected.largest, 1e-3);
  EXPECT_EQ(num_convex, static_cast<int>(tasks.size()));
  EXPECT_GE(num_better, expected.num_worth_40);
}

TEST(ScalingLaw, ForecastsTheLargestModelsOfTheReleasedRuns) {
  const std::string path = released("steplaw_dense.csv");
  if (path.empty()) GTEST_SKIP() << "data absent";
  const AnalysisEntry entry = scaling_law_entry();
  const Json options = {{"predict_parameters", 1e9}, {"predict_tokens", 1e11}, {"resamples", 200}};
  const AnalysisResult result =
      entry.run_on_table(read_data_tables({path}), OptionValues(entry.info, options, "test"));
  EXPECT_THAT(result.verdict, HasSubstr("fitted without the largest model"));
  const Json data = Json::parse(result.data);
  EXPECT_LE(data["forecast_regret"]["max"].get<double>(), 0.005);
  EXPECT_GT(data["prediction"]["learning_rate"].get<double>(), 1e-4);
  EXPECT_LT(data["intervals"][1][0].get<double>(), data["law"]["lr"][1].get<double>());
}

}  // namespace
}  // namespace trimtab
