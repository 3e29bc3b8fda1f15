#include "trimtab/workloads/tabular_diagnosis/tabular_diagnosis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/workloads/tabular_diagnosis/nested_validation.hpp"

namespace trimtab {
namespace {

using testing::HasSubstr;

// A context that answers like an executor without pruning.
class Context final : public TrialContext {
 public:
  explicit Context(std::uint64_t seed, int last_step = 1000) : seed_(seed), last_step_(last_step) {}
  std::uint64_t seed() const override { return seed_; }
  bool report(double step, double value) override {
    reports.emplace_back(step, value);
    return step < last_step_;
  }
  bool should_stop() const override { return false; }
  std::vector<std::pair<double, double>> reports;

 private:
  std::uint64_t seed_;
  int last_step_;
};

// Two overlapping classes, four features, one of them with gaps; a few rows twice.
std::string small_table(std::uint64_t seed, bool has_signal) {
  Rng rng(seed);
  std::string text = "a,b,c,d,class\n";
  std::string row;
  for (int i = 0; i < 120; ++i) {
    const bool is_second = i >= 60;
    const double shift = has_signal && is_second ? 1.5 : 0.0;
    if (i % 20 != 1) {
      row.clear();
      for (int j = 0; j < 4; ++j) {
        const bool is_missing = j == 3 && rng.below(8) == 0;
        row += (is_missing ? "" : std::to_string(rng.normal() + shift)) + ",";
      }
    }
    text += row + (is_second ? "ill\n" : "healthy\n");
  }
  return text;
}

class TabularDiagnosis : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("trimtab_diagnosis_" + std::to_string(::getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    file_ = (folder_ / "table.csv").string();
    write_file_atomically(file_, small_table(1, true));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Workload make(Json options = Json::object()) const {
    options["table"] = "csv";
    options["data"] = file_;
    const Registry registry = make_registry();
    const WorkloadEntry& entry = registry.workload("tabular_diagnosis");
    return entry.make(OptionValues(entry.info, options, "here"));
  }

  std::filesystem::path folder_;
  std::string file_;
};

// Overwrites a row of a table with something absurd.
void spoil(diagnosis::Table& table, int row) {
  table.x.row(row).setConstant(1e6);
  table.label[static_cast<std::size_t>(row)] = 1 - table.label[static_cast<std::size_t>(row)];
}

diagnosis::NestedScores validate(const diagnosis::Table& table, const diagnosis::Split& outer,
                                 const diagnosis::Configuration& configuration) {
  return diagnosis::nested_validation(table, std::span(&outer, 1), 3, configuration, 5,
                                      [](int, const diagnosis::Scores&) { return true; });
}

TEST_F(TabularDiagnosis, HeldOutCasesNeverTouchTheInnerScores) {
  diagnosis::Table table = diagnosis::parse_table("csv", small_table(1, true), "t");
  const diagnosis::Split outer = diagnosis::outer_splits(table, {}).front();
  std::vector<diagnosis::Configuration> configurations(3);
  configurations[1].learner = diagnosis::NeighbourOptions{};
  configurations[2].preprocessing = {diagnosis::Scaling::Pca, 2};
  for (const diagnosis::Configuration& configuration : configurations) {
    const diagnosis::NestedScores before = validate(table, outer, configuration);
    diagnosis::Table spoilt = table;
    for (const int row : outer.test) spoil(spoilt, row);
    const diagnosis::NestedScores after = validate(spoilt, outer, configuration);
    EXPECT_EQ(before.inner.log_loss, after.inner.log_loss);
    EXPECT_EQ(before.inner.auc, after.inner.auc);
    EXPECT_NE(before.outer.log_loss, after.outer.log_loss);
  }
}

TEST_F(TabularDiagnosis, TestCasesNeverTouchTheFit) {
  diagnosis::Table table = diagnosis::parse_table("csv", small_table(1, true), "t");
  const diagnosis::Split split = diagnosis::outer_splits(table, {}).front();
  diagnosis::Configuration configuration;
  configuration.preprocessing = {diagnosis::Scaling::Pca, 2};
  const auto first_row = [&](const diagnosis::Table& of) {
    diagnosis::Split one = split;
    one.test.resize(1);
    return diagnosis::evaluate(of, one, configuration, 1).log_loss;
  };
  const double before = first_row(table);
  for (std::size_t i = 1; i < split.test.size(); ++i) spoil(table, split.test[i]);
  EXPECT_EQ(before, first_row(table));
  spoil(table, split.train.front());
  EXPECT_NE(before, first_row(table));
}

TEST_F(TabularDiagnosis, IsAFunctionOfPointAndSeedOnAnyThread) {
  const Workload workload = make({{"inner_folds", 2}, {"outer_fold", 1}});
  Rng rng(9);
  std::vector<Point> points;
  std::set<double> algorithms;
  const std::size_t algorithm = *workload.space.find_dimension("algorithm");
  while (algorithms.size() < 7) {
    points.push_back(workload.space.sample(rng));
    if (!algorithms.insert(points.back()[algorithm]).second) points.pop_back();
  }
  std::vector<Metrics> expected(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    Context context(3);
    expected[i] = workload.run(workload.space, points[i], context);
  }
  std::atomic<int> num_equal = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < points.size(); ++i) {
        Context context(3);
        if (workload.run(workload.space, points[i], context) == expected[i]) ++num_equal;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_equal, 4 * static_cast<int>(points.size()));
  Context other(4);
  EXPECT_NE(workload.run(workload.space, points[0], other), expected[0]);
}

TEST_F(TabularDiagnosis, ReportsTheRunningMeanOfTheInnerFolds) {
  const Workload workload = make({{"objective", "auc"}});
  ASSERT_EQ(workload.objectives.size(), 1U);
  EXPECT_EQ(workload.objectives[0].name, "inner_auc");
  EXPECT_EQ(workload.objectives[0].goal, Goal::Maximise);
  Context context(1);
  const Metrics metrics = workload.run(workload.space, workload.space.default_point(), context);
  ASSERT_EQ(context.reports.size(), 5U);
  EXPECT_EQ(context.reports.back().first, 5.0);
  EXPECT_EQ(context.reports.back().second, metrics.at("inner_auc"));
  EXPECT_EQ(metrics.at("optimism"), metrics.at("inner_auc") - metrics.at("outer_auc"));
  EXPECT_GT(metrics.at("inner_auc"), 0.9);
  EXPECT_EQ(metrics.size(), workload.metrics.size());
  for (const auto& [name, value] : metrics) EXPECT_TRUE(workload.metrics.contains(name)) << name;
}

TEST_F(TabularDiagnosis, StopsWhenItIsToldAndThenSaysNothingOfTheHeldOutCases) {
  const Workload workload = make({{"objective", "log_loss"}});
  EXPECT_EQ(workload.objectives[0].goal, Goal::Minimise);
  Context context(1, /*last_step=*/2);
  const Metrics metrics = workload.run(workload.space, workload.space.default_point(), context);
  EXPECT_EQ(context.reports.size(), 2U);
  EXPECT_TRUE(metrics.contains("inner_log_loss"));
  EXPECT_FALSE(metrics.contains("outer_log_loss"));
}

TEST_F(TabularDiagnosis, TakesEachOuterFoldInTurnWhenAsked) {
  double sum = 0.0;
  for (int fold = 0; fold < 5; ++fold) {
    const Workload workload = make({{"outer_fold", fold}});
    Context context(1);
    sum += workload.run(workload.space, workload.space.default_point(), context)
               .at("outer_balanced_accuracy");
  }
  const Workload all = make({{"outer_fold", -1}});
  Context context(1);
  const Metrics metrics = all.run(all.space, all.space.default_point(), context);
  EXPECT_EQ(context.reports.size(), 25U);
  EXPECT_NEAR(metrics.at("outer_balanced_accuracy"), sum / 5.0, 1e-12);
}

TEST_F(TabularDiagnosis, FindsNothingInLabelsOfNoMeaning) {
  // 5 x 24 held-out cases under a null model: the mean of the AUC is 0.5 with deviation 0.053;
  // 6 of them, false alarm 2e-9.
  write_file_atomically(file_, small_table(2, false));
  const Workload workload = make({{"outer_fold", -1}});
  for (const char* algorithm : {"logistic", "forest"}) {
    Context context(1);
    const Point point = workload.space.from_json({{"algorithm", algorithm}});
    EXPECT_NEAR(workload.run(workload.space, point, context).at("outer_auc"), 0.5, 0.32);
  }
}

TEST_F(TabularDiagnosis, DefaultIsLogisticRegressionOnZScores) {
  const Space space = diagnosis::search_space(30);
  const diagnosis::Configuration configuration =
      diagnosis::configuration_of(space, space.default_point(), 30);
  EXPECT_EQ(configuration.preprocessing.scaling, diagnosis::Scaling::ZScore);
  const auto* logistic = std::get_if<diagnosis::LogisticOptions>(&configuration.learner);
  ASSERT_NE(logistic, nullptr);
  EXPECT_EQ(logistic->c, 1.0);
  EXPECT_EQ(logistic->penalty, diagnosis::Penalty::L2);
}

TEST_F(TabularDiagnosis, ReadsEveryParameterOfThePoint) {
  const Space space = diagnosis::search_space(9);
  const auto read = [&](const Json& values) {
    return diagnosis::configuration_of(space, space.from_json(values), 9);
  };
  const auto svm = std::get<diagnosis::SvmOptions>(
      read({{"algorithm", "svm"}, {"svm_c", 3.0}, {"svm_gamma", 0.2}}).learner);
  EXPECT_EQ(svm.c, 3.0);
  EXPECT_EQ(svm.gamma, 0.2);
  const auto tree = std::get<diagnosis::SingleTreeOptions>(
      read({{"algorithm", "tree"}, {"tree_depth", 3}, {"tree_criterion", "entropy"}}).learner);
  EXPECT_EQ(tree.max_depth, 3);
  EXPECT_EQ(tree.criterion, SplitCriterion::Entropy);
  const auto forest = std::get<diagnosis::ForestOptions>(read({{"algorithm", "forest"}}).learner);
  EXPECT_EQ(forest.num_candidates, 3);
  const diagnosis::Configuration pca = read({{"preprocessing", "pca"},
                                             {"components", 2},
                                             {"algorithm", "neighbours"},
                                             {"neighbours_distance", "manhattan"},
                                             {"neighbours_k", 7}});
  EXPECT_EQ(pca.preprocessing.num_components, 2);
  EXPECT_EQ(std::get<diagnosis::NeighbourOptions>(pca.learner).k, 7);
  EXPECT_EQ(std::get<diagnosis::NeighbourOptions>(pca.learner).distance,
            diagnosis::Distance::Manhattan);
}

TEST_F(TabularDiagnosis, FillsAUsersSmallerSpaceWithDefaults) {
  const Space space = Space::parse_text(R"({"algorithm": ["forest"], "forest_trees": [60, 70]})");
  const auto forest = std::get<diagnosis::ForestOptions>(
      diagnosis::configuration_of(space, space.default_point(), 30).learner);
  EXPECT_GE(forest.num_trees, 60);
  EXPECT_EQ(forest.num_candidates, 5);
  const Space wrong = Space::parse_text(R"({"algorithm": ["forrest", "svm"]})");
  EXPECT_THROW(diagnosis::configuration_of(wrong, wrong.default_point(), 30), UserError);
}

TEST_F(TabularDiagnosis, RefusesFoldsThatTheTableCannotFill) {
  const auto refused = [&](const Json& options) {
    try {
      make(options);
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refused({{"outer_fold", 5}}), HasSubstr("-1..4 (outer_folds times repeats)"));
  EXPECT_EQ(refused({{"outer_fold", 9}, {"repeats", 2}}), "accepted");
  EXPECT_THAT(refused({{"outer_folds", 1}}), HasSubstr("outer_folds"));
  EXPECT_THAT(refused({{"objective", "accuracy"}}), HasSubstr("balanced_accuracy"));
  write_file_atomically(file_, "a,class\n1,x\n2,x\n3,y\n4,y\n5,x\n6,y\n");
  EXPECT_THAT(refused({{"outer_folds", 3}, {"inner_folds", 3}}),
              HasSubstr("a class has fewer distinct rows than there are folds"));
}

}  // namespace
}  // namespace trimtab
