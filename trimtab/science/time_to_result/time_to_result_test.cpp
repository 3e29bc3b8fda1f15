#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/science/time_to_result/performance_profile.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

TimesToTarget small() {
  // r of a: 1, 2.01, never; of b: 3, 1, never. Nobody reaches the third workload.
  return read_times(parse_csv("submission,u,v,w\na,10,4.02,\nb,30,2,inf\n", "t"));
}

AnalysisResult analyse(const DataTable& table) {
  const AnalysisEntry entry = time_to_result_entry();
  return entry.run_on_table(table, OptionValues(entry.info, Json::object(), "test"));
}

std::string leaderboard(const char* file) {
  const char* folder = std::getenv("TRIMTAB_DATA");
  if (folder == nullptr) return "";
  const std::string path = std::string(folder) + "/algoperf_leaderboard/" + file;
  return std::filesystem::exists(path) ? path : "";
}

TEST(TimeToResult, IntegratesTheProfileByHand) {
  const std::vector<SubmissionScore> scores = score_submissions(small());
  EXPECT_NEAR(scores[0].exact_score, (1.0 + 1.99 / 3.0) / 3.0, 1e-15);
  EXPECT_NEAR(scores[1].exact_score, (1.0 / 3.0 + 1.0) / 3.0, 1e-15);
  // 100 points at steps of 1/33: r = 2.01 is reached at point 34 of 0..99; the last counts half.
  EXPECT_NEAR(scores[0].score, (1.0 + 65.5 / 99.0) / 3.0, 1e-12);
  EXPECT_EQ(scores[0].num_reached, 2u);
  EXPECT_EQ(scores[0].num_fastest, 1u);
}

TEST(TimeToResult, CutsRatiosAtTheLimit) {
  const std::vector<SubmissionScore> scores = score_submissions(small(), {.ratio_limit = 2.5});
  EXPECT_TRUE(std::isinf(scores[1].ratios[0]));
  EXPECT_NEAR(scores[0].ratios[1], 2.01, 1e-12);
}

TEST(TimeToResult, TakesMediansOverStudiesOfTheFastestTrial) {
  const TimesToTarget data =
      read_times(parse_csv("submission,workload,study,time\n"
                           "a,w,1,5\na,w,1,3\na,w,2,9\na,w,3,inf\nb,w,1,2\nb,w,2,4\n",
                           "t"));
  EXPECT_EQ(data.times[0], 9.0);  // median of 3, 9, never
  EXPECT_EQ(data.times[1], 3.0);
}

TEST(TimeToResult, RefusesTablesThatCompareNothing) {
  EXPECT_THROW(read_times(parse_csv("submission,w\na,1\n", "t")), UserError);
  EXPECT_THROW(read_times(parse_csv("submission,w\na,1\na,2\n", "t")), UserError);
  EXPECT_THROW(read_times(parse_csv("submission,w\na,1\nb,-2\n", "t")), UserError);
  EXPECT_THROW(read_times(parse_csv("name,w\na,1\nb,2\n", "t")), UserError);
}

// The leaderboard of AlgoPerf: 16 submissions on 9 workloads, by wall clock and by steps.
TEST(TimeToResult, ReproducesTheSixteenPublishedScores) {
  const std::string published = leaderboard("leaderboard.csv");
  if (published.empty()) GTEST_SKIP() << "data absent";
  const DataTable board = read_data_tables({published});
  for (const auto& [times, column] : {std::pair("time_to_targets.csv", "score_by_wallclock"),
                                      std::pair("time_to_target_steps.csv", "score_by_steps")}) {
    const TimesToTarget data = read_times(read_data_tables({leaderboard(times)}));
    const std::vector<SubmissionScore> scores = score_submissions(data);
    ASSERT_EQ(scores.size(), 16u);
    for (std::size_t row = 0; row < board.num_rows(); ++row) {
      const auto found = std::find(data.submissions.begin(), data.submissions.end(),
                                   board.texts("submission")[row]);
      ASSERT_NE(found, data.submissions.end());
      const auto s = static_cast<std::size_t>(found - data.submissions.begin());
      EXPECT_NEAR(scores[s].score, board.numbers(column)[row], 1e-12) << *found << " " << column;
    }
  }
}

TEST(TimeToResult, GivesTheExactIntegralBesideTheOfficialNumber) {
  const std::string times = leaderboard("time_to_targets.csv");
  if (times.empty()) GTEST_SKIP() << "data absent";
  const TimesToTarget data = read_times(read_data_tables({times}));
  const std::vector<SubmissionScore> scores = score_submissions(data);
  for (std::size_t s = 0; s < scores.size(); ++s) {
    if (data.submissions[s] != "schedule_free_adamw_v2") continue;
    EXPECT_NEAR(scores[s].exact_score, 0.56757819, 5e-9);
    return;
  }
  FAIL();
}

TEST(TimeToResult, SaysWhenTheLeadDependsOnTheWorkloads) {
  EXPECT_THAT(analyse(parse_csv("submission,u,v,w\na,1,2,1\nb,2,1,2\n", "t")).verdict,
              HasSubstr("a leads, but other workloads could turn it round"));
  EXPECT_THAT(analyse(parse_csv("submission,u,v,w\na,1,1,1\nb,2,3,2\n", "t")).verdict,
              HasSubstr("a reaches results soonest"));
  EXPECT_EQ(analyse(parse_csv("submission,u\na,inf\nb,inf\n", "t")).verdict,
            "nobody reached a target within the limit");
}

TimesToTarget random_times(Rng& rng, std::size_t num_submissions, std::size_t num_workloads) {
  TimesToTarget data;
  for (std::size_t s = 0; s < num_submissions; ++s) data.submissions.push_back(std::to_string(s));
  for (std::size_t w = 0; w < num_workloads; ++w) data.workloads.push_back(std::to_string(w));
  for (std::size_t i = 0; i < num_submissions * num_workloads; ++i) {
    data.times.push_back(rng.bernoulli(0.2) ? std::numeric_limits<double>::infinity()
                                            : rng.uniform(1.0, 9.0));
  }
  return data;
}

RC_GTEST_PROP(TimeToResult, ScoresAreSharesThatIgnoreTheUnitOfAWorkload, ()) {
  Rng rng(*rc::gen::inRange<std::uint64_t>(0, 10000), 0, "profiles");
  TimesToTarget data = random_times(rng, 4, 5);
  const std::vector<SubmissionScore> before = score_submissions(data);
  for (std::size_t s = 0; s < 4; ++s) data.times[s * 5 + 2] *= 1024.0;
  // A submission that never finishes changes nobody.
  data.submissions.push_back("never");
  data.times.insert(data.times.end(), 5, std::numeric_limits<double>::infinity());
  const std::vector<SubmissionScore> after = score_submissions(data);
  for (std::size_t s = 0; s < 4; ++s) {
    RC_ASSERT(before[s].score >= 0.0 && before[s].score <= 1.0 + 1e-12);
    RC_ASSERT(before[s].score == after[s].score);
    RC_ASSERT(std::abs(before[s].score - before[s].exact_score) < 1.0 / 99.0);
  }
}

}  // namespace
}  // namespace trimtab
