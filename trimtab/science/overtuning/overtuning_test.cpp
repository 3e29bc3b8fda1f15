#include "trimtab/science/overtuning/overtuning.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/core/testing/history_builder.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

const double kNone = std::nan("");

AnalysisResult analyse(const DataTable& table, const Json& options) {
  const AnalysisEntry entry = overtuning_entry();
  return entry.run_on_table(table, OptionValues(entry.info, options, "test"));
}

TEST(Overtuning, IsWhatTheWinnerLostAgain) {
  const std::vector<ScoredTrial> trials = {{5, 9}, {6, 1}, {4, 7}, {3, 8}};
  const TuningCourse course = tuning_course(trials);
  ASSERT_EQ(course.incumbents.size(), 3u);
  EXPECT_EQ(course.incumbents[1].trial, 2u);
  EXPECT_EQ(course.incumbents[1].overtuning, 0.0);
  EXPECT_EQ(course.incumbents[2].overtuning, 1.0);
  EXPECT_EQ(course.incumbents[2].relative, 0.5);
  EXPECT_EQ(course.incumbents[2].gap(), 5.0);
  EXPECT_EQ(course.num_trials, 4u);
}

TEST(Overtuning, IsMoreThanOneWhenTheWinnerIsWorseThanTheFirst) {
  EXPECT_EQ(
      tuning_course(std::vector<ScoredTrial>{{5, 9}, {4, 8}, {3, 11}}).incumbents.back().relative,
      3.0);
  EXPECT_TRUE(std::isinf(
      tuning_course(std::vector<ScoredTrial>{{5, 9}, {4, 10}}).incumbents.back().relative));
}

TEST(Overtuning, LeavesOutWhatNobodyLookedAt) {
  const std::vector<ScoredTrial> trials = {{kNone, 1}, {5, 9}, {4, kNone}, {3, kNone}};
  const TuningCourse course = tuning_course(trials);
  EXPECT_EQ(course.num_trials, 3u);
  EXPECT_EQ(course.num_unseen, 2u);
  EXPECT_EQ(course.incumbents.size(), 1u);
  EXPECT_FALSE(course.is_end_seen);
}

TEST(Overtuning, OfAStudyComparesTheFreshRunsOfItsIncumbents) {
  HistoryBuilder builder(1, {Objective{.name = "auc", .goal = Goal::Maximise, .target = {}}});
  builder.complete({0.5}, {0.90}, {.purpose = Purpose::Default});
  builder.complete({0.7}, {0.94}, {});
  builder.complete({0.2}, {0.95}, {});
  StudySpec spec;
  spec.objectives = builder.history().objectives();
  const Space space;
  const AnalysisEntry entry = overtuning_entry();
  const OptionValues options(entry.info, Json::object(), "test");
  EXPECT_THROW(entry.run({spec, space, builder.history()}, options), UserError);
  const auto add = [&](std::int64_t trial, double value, std::uint64_t seed) {
    builder.complete({0.1}, {value},
                     {.purpose = Purpose::Confirm, .of_trial = trial, .seed = seed});
  };
  for (const std::uint64_t seed : {101u, 103u}) {
    const double noise = seed == 101u ? 0.01 : -0.01;
    add(0, 0.90 + noise, seed);
    add(1, 0.94 + noise, seed);
    add(2, 0.92 + noise, seed);
  }
  const AnalysisResult result = entry.run({spec, space, builder.history()}, options);
  EXPECT_THAT(result.verdict, HasSubstr("overtuned by 0.02: an earlier incumbent tested 0.94, the "
                                        "winner 0.92; 50 % of what tuning had gained"));
  EXPECT_THAT(result.verdict, HasSubstr("tuning flatters it by 0.03 ["));
  EXPECT_THAT(result.verdict, HasSubstr("2 fresh seeds"));
  const Json end = Json::parse(result.data)["incumbents"].back();
  EXPECT_EQ(end["trial"], 2);
  EXPECT_NEAR(end["test"].get<double>(), 0.92, 1e-12);
}

TEST(Overtuning, OfAStudyReadsAMetricOfEveryTrial) {
  HistoryBuilder builder(1, {Objective{}});
  builder.complete({0.5}, {3.0}, {.metrics = {{"held_out", 3.5}}});
  builder.complete({0.7}, {2.0}, {.metrics = {{"held_out", 3.75}}});
  const Space space;
  const StudySpec spec;
  const AnalysisEntry entry = overtuning_entry();
  const AnalysisResult result = entry.run({spec, space, builder.history()},
                                          OptionValues(entry.info, {{"test", "held_out"}}, "test"));
  EXPECT_THAT(result.verdict, HasSubstr("worse than where tuning began"));
}

TEST(Overtuning, CountsOverManyStudies) {
  const DataTable table =
      parse_csv("run,validation,test\na,5,9\na,4,8\nb,5,9\nb,4,7\nb,3,8\nc,5,9\nc,4,10\n", "t.csv");
  const AnalysisResult result = analyse(table, {{"study", "run"}});
  EXPECT_THAT(result.verdict, HasSubstr("2 of 3 studies end overtuned, 1 of them worse"));
  EXPECT_THROW(analyse(parse_csv("validation,test\n1,\n", "t"), Json::object()), UserError);
}

// Noise in validation alone: where tuning has nothing left to gain, it overtunes more.
TEST(Overtuning, GrowsWithTheNoiseOfValidation) {
  const auto mean_overtuning = [](double noise) {
    double sum = 0.0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      Rng rng(seed);
      std::vector<ScoredTrial> trials;
      for (int i = 0; i < 50; ++i) {
        const double loss = rng.uniform01();
        trials.push_back({loss + noise * rng.normal(), loss});
      }
      sum += tuning_course(trials).incumbents.back().overtuning;
    }
    return sum / 200.0;
  };
  EXPECT_EQ(mean_overtuning(0.0), 0.0);
  EXPECT_GT(mean_overtuning(1.0), mean_overtuning(0.1));
}

TEST(Overtuning, OfTheSweepBehindModelSoups) {
  const char* folder = std::getenv("TRIMTAB_DATA");
  const std::string path =
      folder == nullptr ? "" : std::string(folder) + "/model_soups/individual_model_results.jsonl";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "data absent";
  std::ifstream file(path);
  std::string csv = "held out,ImageNet,ImageNetA\n", line;
  while (std::getline(file, line)) {
    const Json row = Json::parse(line);
    csv += row["ImageNet2p"].dump() + "," + row["ImageNet"].dump() + "," + row["ImageNetA"].dump() +
           "\n";
  }
  const DataTable table = parse_csv(csv, "sweep");
  const Json options = {{"validation", "held out"}, {"goal", "max"}, {"test", "ImageNet"}};
  EXPECT_THAT(analyse(table, options).verdict, HasSubstr("no overtuning is seen"));
  Json shifted = options;
  shifted["test"] = "ImageNetA";
  const AnalysisResult result = analyse(table, shifted);
  EXPECT_THAT(result.verdict, HasSubstr("worse than where tuning began"));
  EXPECT_EQ(Json::parse(result.data)["incumbents"].back()["trial"], 43);
}

TEST(Overtuning, OfTenThousandTrialsTakesLessThanASecond) {
  std::string csv = "validation,test\n";
  Rng rng(1);
  for (int i = 0; i < 10000; ++i) {
    const double loss = 1.0 / (1.0 + i) + 1e-6 * rng.normal();
    csv += std::to_string(loss) + "," + std::to_string(loss + 0.01 * rng.normal()) + "\n";
  }
  const DataTable table = parse_csv(csv, "t");
  const auto start = std::chrono::steady_clock::now();
  const AnalysisResult result = analyse(table, Json::object());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  EXPECT_LE(result.lines.size(), 14u);
}

}  // namespace
}  // namespace trimtab
