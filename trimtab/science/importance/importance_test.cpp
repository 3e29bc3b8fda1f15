#include "trimtab/science/importance/ped_anova.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "trimtab/core/testing/history_builder.hpp"
#include "trimtab/science/importance/importance.hpp"
#include "trimtab/science/importance/marginal.hpp"

namespace trimtab {
namespace {

using ::testing::StartsWith;

Dimension real(std::string name, double low = 0.0, double high = 1.0, bool is_log = false) {
  Dimension dimension;
  dimension.name = std::move(name);
  dimension.low = low;
  dimension.high = high;
  dimension.is_log = is_log;
  return dimension;
}

Dimension categorical(std::string name, std::size_t num_choices) {
  Dimension dimension = real(std::move(name), 0.0, static_cast<double>(num_choices - 1));
  dimension.kind = Kind::Categorical;
  return dimension;
}

// Points that the test owns, and the trials that view them.
struct Sample {
  std::vector<Point> points;
  std::vector<double> losses;

  std::vector<RankedTrial> trials() const {
    std::vector<RankedTrial> all;
    for (std::size_t i = 0; i < points.size(); ++i) all.push_back({points[i], losses[i]});
    return all;
  }
};

std::vector<DimensionImportance> importance_of(const std::vector<Dimension>& dimensions,
                                               const Sample& sample, double quantile = 0.1) {
  Rng rng(3, 0, "importance");
  return dimension_importance(dimensions, sample.trials(), quantile, 100, rng);
}

TEST(Marginal, GivesEveryChoiceACellAndRangesFifty) {
  EXPECT_EQ(Cells(categorical("kernel", 3)).size(), 3u);
  EXPECT_EQ(Cells(real("x")).size(), 50u);
  EXPECT_EQ(Cells(real("x")).cell_of(0.0), 0u);
  EXPECT_EQ(Cells(real("x")).cell_of(1.0), 49u);
  const Dimension logarithmic = real("C", 1e-4, 1e4, true);
  EXPECT_EQ(Cells(logarithmic).cell_of(1.0 + 1e-9), 25u);
}

TEST(Marginal, GivesWholeNumbersCellsByValue) {
  Dimension depth = real("depth", 2, 8);
  depth.kind = Kind::Integer;
  depth.step = 2.0;
  const Cells cells(depth);
  EXPECT_EQ(cells.size(), 4u);
  EXPECT_EQ(cells.cell_of(8.0), 3u);
}

TEST(Marginal, CountsChoicesWithOnePseudoTrial) {
  const std::vector<double> counts = {3.0, 0.0};
  EXPECT_EQ(density(counts, false), (std::vector<double>{3.5 / 4.0, 0.5 / 4.0}));
}

TEST(Marginal, SmoothsRangesIntoDensities) {
  std::vector<double> counts(50, 0.0);
  counts[0] = 4.0;
  counts[49] = 2.0;
  const std::vector<double> smooth = density(counts, true);
  EXPECT_NEAR(std::accumulate(smooth.begin(), smooth.end(), 0.0), 1.0, 1e-12);
  EXPECT_GT(smooth[0], smooth[49]);
  EXPECT_GT(smooth[25], 0.0);
}

TEST(Marginal, MeasuresPearsonsDivergenceByHand) {
  EXPECT_EQ(pearson_divergence(std::vector<double>{1.0, 0.0}, std::vector<double>{0.5, 0.5}), 1.0);
  EXPECT_EQ(pearson_divergence(std::vector<double>{0.2, 0.8}, std::vector<double>{0.2, 0.8}), 0.0);
}

TEST(Importance, GivesTheDecidingChoiceAllOfIt) {
  // loss depends on the first choice alone; every combination equally often.
  Sample sample;
  for (int i = 0; i < 400; ++i) {
    sample.points.push_back({static_cast<double>(i % 4), static_cast<double>((i / 4) % 4)});
    sample.losses.push_back(static_cast<double>(i % 4) + 1e-6 * i);
  }
  const auto found = importance_of({categorical("a", 4), categorical("b", 4)}, sample, 0.25);
  // The best quarter is choice 0: p = (100.25, .25, .25, .25) / 101 against (1/4, 1/4, 1/4, 1/4).
  EXPECT_NEAR(found[0].divergence,
              0.25 * (std::pow(4 * 100.25 / 101 - 1, 2) + 3 * std::pow(1.0 / 101 - 1, 2)), 1e-9);
  EXPECT_TRUE(found[0].is_above_noise);
  EXPECT_FALSE(found[1].is_above_noise);
  EXPECT_EQ(found[1].excess(), 0.0);
}

TEST(Importance, OrdersAdditiveTermsByTheirSize) {
  // n = 1000 uniform points of f = 9 x0 + 3 x1 + 0 x2.
  Sample sample;
  Rng rng(11);
  for (int i = 0; i < 1000; ++i) {
    sample.points.push_back({rng.uniform01(), rng.uniform01(), rng.uniform01()});
    sample.losses.push_back(9 * sample.points.back()[0] + 3 * sample.points.back()[1]);
  }
  const auto found = importance_of({real("x0"), real("x1"), real("x2")}, sample);
  EXPECT_GT(found[0].excess(), 4.0 * found[1].excess());
  EXPECT_GT(found[1].excess(), 4.0 * found[2].excess());
  EXPECT_TRUE(found[1].is_above_noise);
  EXPECT_FALSE(found[2].is_above_noise);
}

TEST(Importance, IsInvariantUnderMonotoneTransformationsOfTheLoss) {
  Sample sample;
  Rng rng(12);
  for (int i = 0; i < 200; ++i) {
    sample.points.push_back({rng.uniform01()});
    sample.losses.push_back(sample.points.back()[0]);
  }
  const auto before = importance_of({real("x")}, sample);
  for (double& loss : sample.losses) loss = std::exp(20.0 * loss);
  EXPECT_EQ(importance_of({real("x")}, sample)[0].divergence, before[0].divergence);
}

TEST(Importance, CountsAConditionalDimensionOnlyWhereTheBestHaveIt) {
  // "degree" is active for kernel 1 only, which is never among the best.
  Sample sample;
  Rng rng(13);
  for (int i = 0; i < 200; ++i) {
    const bool is_poly = i % 2 == 1;
    const double degree = rng.uniform01();
    sample.points.push_back({is_poly ? 1.0 : 0.0, is_poly ? degree : kInactive});
    sample.losses.push_back(is_poly ? 10.0 + degree : rng.uniform01());
  }
  const auto found = importance_of({categorical("kernel", 2), real("degree")}, sample);
  EXPECT_TRUE(found[0].is_above_noise);
  EXPECT_EQ(found[1].divergence, 0.0);
}

TEST(Importance, FindsNothingWhenEveryTrialIsEquallyGood) {
  Sample sample;
  for (int i = 0; i < 50; ++i) {
    sample.points.push_back({i / 50.0});
    sample.losses.push_back(1.0);
  }
  EXPECT_EQ(importance_of({real("x")}, sample)[0].divergence, 0.0);
}

// A sampler narrows both dimensions to a place of its own while losses fall, but only y matters.
TEST(Importance, DoesNotCallTheDriftOfASamplerImportant) {
  const std::vector<Dimension> dimensions = {real("x"), real("y")};
  Sample sample;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Rng rng(5, i, "drift");
    const double width = i < 20 ? 1.0 : 0.15;
    const double x = std::clamp(0.3 + width * (rng.uniform01() - 0.5), 0.0, 1.0);
    const double y = std::clamp(0.7 + width * (rng.uniform01() - 0.5), 0.0, 1.0);
    sample.points.push_back({x, y});
    sample.losses.push_back(std::abs(y - 0.7));
  }
  const std::vector<DimensionImportance> found = importance_of(dimensions, sample);
  EXPECT_FALSE(found[0].is_above_noise);
  EXPECT_TRUE(found[1].is_above_noise);
  EXPECT_GT(found[1].excess(), 10.0 * found[0].excess());
}

TEST(Importance, RarelyCallsNoiseImportant) {
  // Null hypothesis true in 40 studies of 60 trials and 5 dimensions at the 5 % level: more than 9
  // false alarms have probability 2e-5; the seeds are fixed.
  int num_alarms = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Sample sample;
    Rng rng(seed, 0, "noise");
    for (int i = 0; i < 60; ++i) {
      Point point(5);
      for (double& value : point) value = rng.uniform01();
      sample.points.push_back(point);
      sample.losses.push_back(rng.uniform01());
    }
    const std::vector<Dimension> dimensions(5, real("x"));
    const auto found = importance_of(dimensions, sample);
    num_alarms += std::any_of(found.begin(), found.end(),
                              [](const DimensionImportance& each) { return each.is_above_noise; });
  }
  EXPECT_LE(num_alarms, 9);
}

class ImportanceAnalysis : public ::testing::Test {
 protected:
  AnalysisResult analyse(const History& history, const std::string& method = "ped_anova") const {
    const AnalysisEntry entry = importance_entry();
    return entry.run({spec_, space_, history},
                     OptionValues(entry.info, Json{{"method", method}}, "importance"));
  }

  StudySpec spec_;
  Space space_ = SpaceBuilder()
                     .real("rate", 1e-4, 1.0, {.is_log = true})
                     .subset("features", {"a", "b"}, 0, 2)
                     .categorical("kernel", {"rbf", "poly"})
                     .build();
};

TEST_F(ImportanceAnalysis, SharesAmongParametersNotDimensions) {
  HistoryBuilder builder(4, {Objective{.name = "auc", .goal = Goal::Maximise, .target = {}}});
  Rng rng(21);
  for (int i = 0; i < 300; ++i) {
    const Point point = space_.sample(rng);
    builder.complete(point, {5.0 * point[1] + 5.0 * point[2] - std::log10(point[0]) / 4.0}, {});
  }
  const AnalysisResult result = analyse(builder.history());
  const Json data = Json::parse(result.data);
  ASSERT_EQ(data["parameters"].size(), 3u);
  EXPECT_EQ(data["parameters"][0]["name"], "features");
  double sum = 0.0;
  for (const Json& each : data["parameters"]) sum += each["share"].get<double>();
  EXPECT_NEAR(sum, 1.0, 1e-12);
  EXPECT_THAT(result.verdict,
              StartsWith("what separates the best from the rest of 300 trials: features ("));
  EXPECT_EQ(result.lines.size(), 3u);
}

TEST_F(ImportanceAnalysis, RanksTheSameParameterFirstByEveryMeasure) {
  HistoryBuilder builder(4, {Objective{}});
  Rng rng(22);
  for (int i = 0; i < 200; ++i) {
    const Point point = space_.sample(rng);
    builder.complete(point, {std::log10(point[0]) + 0.2 * point[3]}, {});
  }
  for (const char* method : {"ped_anova", "fanova", "sobol", "shapley", "ablation"}) {
    const AnalysisResult result = analyse(builder.history(), method);
    const Json data = Json::parse(result.data);
    EXPECT_EQ(data["method"], method);
    EXPECT_EQ(data["parameters"][0]["name"], "rate") << method;
    EXPECT_TRUE(data["parameters"][0]["is_above_noise"].get<bool>()) << method;
    EXPECT_GT(data["parameters"][0]["share"].get<double>(), 0.7) << method;
    EXPECT_NE(result.verdict.find(": rate ("), std::string::npos) << result.verdict;
  }
}

TEST_F(ImportanceAnalysis, SaysWhenTheTrialsDoNotTell) {
  HistoryBuilder builder(4, {Objective{}});
  Rng rng(23);
  for (int i = 0; i < 60; ++i) builder.complete(space_.sample(rng), {rng.normal()}, {});
  EXPECT_EQ(analyse(builder.history(), "fanova").verdict,
            "the 60 trials do not tell: a model of them predicts unseen ones no better than their "
            "mean");
}

TEST_F(ImportanceAnalysis, NeedsTenCompleteTrialsAndIgnoresConfirmRuns) {
  HistoryBuilder builder(4, {Objective{}});
  for (int i = 0; i < 9; ++i) builder.complete(space_.default_point(), {1.0 * i});
  builder.complete(space_.default_point(), {0.0}, {.purpose = Purpose::Confirm, .of_trial = 0});
  EXPECT_EQ(analyse(builder.history()).verdict,
            "too few complete trials to tell parameters apart (9, at least 10 are needed)");
}

TEST_F(ImportanceAnalysis, AdmitsThatNothingStandsOut) {
  HistoryBuilder builder(4, {Objective{}});
  for (int i = 0; i < 20; ++i) builder.complete(space_.default_point(), {1.0 * i});
  EXPECT_EQ(analyse(builder.history()).verdict,
            "no parameter stands out from chance over 20 trials");
}

}  // namespace
}  // namespace trimtab
