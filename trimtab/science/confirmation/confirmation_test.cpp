#include "trimtab/science/confirmation/confirmation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/core/testing/history_builder.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A study that maximises "auc": trial 0 is the default with 0.90, trials 1, 2 reached 0.95, 0.94.
class ConfirmationTest : public ::testing::Test {
 protected:
  ConfirmationTest()
      : builder_(1, {Objective{.name = "auc", .goal = Goal::Maximise, .target = {}}}) {
    spec_.objectives = builder_.history().objectives();
    spec_.validity.confirm_seeds = 4;
    builder_.complete({0.5}, {0.90}, {.purpose = Purpose::Default});
    builder_.complete({0.7}, {0.95}, {});
    builder_.complete({0.2}, {0.94}, {});
  }

  void add_fresh(std::int64_t of_trial, const std::vector<double>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const PointView point = builder_.history().point(of_trial);
      const HistoryBuilder::Details details = {
          .purpose = Purpose::Confirm, .of_trial = of_trial, .seed = 101 + i};
      if (std::isnan(values[i])) {
        builder_.fail({point[0]}, {FailureReason::ExitCode, 1, ""}, details);
      } else {
        builder_.complete({point[0]}, {values[i]}, details);
      }
    }
  }

  Confirmation confirm_now() const { return confirm({spec_, space_, builder_.history()}, 0.05); }
  std::string verdict_now() const { return verdict(confirm_now(), spec_); }
  AnalysisResult analyse(const Json& options = Json::object()) const {
    const AnalysisEntry entry = confirmation_entry();
    return entry.run({spec_, space_, builder_.history()},
                     OptionValues(entry.info, options, "confirmation"));
  }

  StudySpec spec_;
  Space space_;
  HistoryBuilder builder_;
};

TEST_F(ConfirmationTest, ShowsAClearWinnerWithTheHandComputedInterval) {
  add_fresh(0, {0.90, 0.91, 0.89, 0.90});
  add_fresh(1, {0.93, 0.95, 0.91, 0.93});
  const Confirmation result = confirm_now();
  EXPECT_EQ(result.conclusion, Conclusion::Better);
  EXPECT_EQ(result.winner, 1);
  // Differences 0.03, 0.04, 0.02, 0.03: mean 0.03, deviation sqrt(2/3)/100, t(0.975, 3) = 3.182446.
  const Comparison& against = result.find(1)->against_default;
  const double half = 3.182446 * std::sqrt(2.0 / 3.0) / 100.0 / 2.0;
  EXPECT_NEAR(against.improvement, 0.03, 1e-12);
  EXPECT_NEAR(against.interval.low, 0.03 - half, 1e-8);
  EXPECT_NEAR(against.interval.high, 0.03 + half, 1e-8);
  EXPECT_EQ(against.p_wilcoxon, 2.0 / 16.0);
  EXPECT_EQ(verdict_now(),
            "trial 1 is better than the default: auc higher by 0.03 (95 % interval 0.017 to 0.043, "
            "4 paired "
            "fresh seeds, p = 0.0052)");
}

TEST_F(ConfirmationTest, MeasuresHowMuchTheSearchValueFlattered) {
  add_fresh(0, {0.90, 0.90, 0.90, 0.90});
  add_fresh(1, {0.93, 0.95, 0.91, 0.93});
  const Confirmation result = confirm_now();
  EXPECT_NEAR(result.find(1)->optimism, 0.95 - 0.93, 1e-12);
  EXPECT_NEAR(result.find(0)->optimism, 0.0, 1e-12);
}

TEST_F(ConfirmationTest, PicksTheBestFreshMeanAndAdjustsForThePick) {
  add_fresh(0, {0.90, 0.91, 0.89, 0.90});
  add_fresh(1, {0.91, 0.90, 0.92, 0.91});
  add_fresh(2, {0.93, 0.95, 0.91, 0.93});
  const Confirmation result = confirm_now();
  EXPECT_EQ(result.winner, 2);
  const Comparison& against = result.find(2)->against_default;
  EXPECT_NEAR(against.p_t_holm, 2.0 * against.p_t, 1e-15);
  EXPECT_THAT(verdict_now(),
              HasSubstr("for the best of 2, 4 paired fresh seeds, adjusted p = 0.01"));
}

TEST_F(ConfirmationTest, DoesNotClaimWhatTheSpreadHides) {
  add_fresh(0, {0.90, 0.94, 0.88, 0.92});
  add_fresh(1, {0.93, 0.90, 0.92, 0.91});
  EXPECT_EQ(confirm_now().conclusion, Conclusion::NotShown);
  // Mean 0.005, squared deviations 0.0041: half width 3.182446 sqrt(0.0041 / 3) / 2 = 0.0588.
  EXPECT_THAT(verdict_now(), StartsWith("not shown to be better than the default: trial 1 has auc "
                                        "higher by 0.005 (95 % interval -0.054 to 0.064"));
}

TEST_F(ConfirmationTest, SaysThatTheDefaultWon) {
  add_fresh(0, {0.93, 0.94, 0.93, 0.94});
  add_fresh(1, {0.90, 0.91, 0.92, 0.90});
  EXPECT_EQ(confirm_now().conclusion, Conclusion::Default);
  EXPECT_EQ(verdict_now(),
            "not shown to be better: on fresh seeds nothing beat the default configuration, auc "
            "0.935 (4 fresh seeds)");
}

TEST_F(ConfirmationTest, KeepsTheDefaultOnATie) {
  add_fresh(0, {0.90, 0.90, 0.90, 0.90});
  add_fresh(1, {0.90, 0.90, 0.90, 0.90});
  EXPECT_EQ(confirm_now().winner, 0);
}

TEST_F(ConfirmationTest, NoticesAProgramThatIgnoresItsSeed) {
  add_fresh(0, {0.90, 0.90, 0.90, 0.90});
  add_fresh(1, {0.95, 0.95, 0.95, 0.95});
  const Confirmation result = confirm_now();
  EXPECT_TRUE(result.is_deterministic);
  EXPECT_EQ(verdict_now(),
            "trial 1 is better than the default: auc higher by 0.05; every fresh seed gave the "
            "same value, "
            "so the program ignores its seed and the fresh runs only repeat the search (4 paired "
            "runs)");
}

TEST_F(ConfirmationTest, JudgesEqualDifferencesByTheExactRankTest) {
  add_fresh(0, {1.0, 2.0, 3.0, 4.0});
  add_fresh(1, {1.5, 2.5, 3.5, 4.5});
  const Confirmation result = confirm_now();
  EXPECT_FALSE(result.is_deterministic);
  EXPECT_EQ(result.find(1)->against_default.p_t, 0.125);
  EXPECT_EQ(result.conclusion, Conclusion::NotShown);
}

TEST_F(ConfirmationTest, PairsBySeedAndDropsFailures) {
  const double failed = std::nan("");
  add_fresh(0, {0.90, failed, 0.88, 0.91});
  add_fresh(1, {failed, 0.95, 0.93, 0.95});
  const Confirmation result = confirm_now();
  const Comparison& against = result.find(1)->against_default;
  EXPECT_EQ(against.num_pairs, 2);
  EXPECT_NEAR(against.improvement, (0.05 + 0.04) / 2.0, 1e-12);
  EXPECT_EQ(result.find(1)->num_failed, 1);
  EXPECT_EQ(result.find(1)->runs.size(), 3u);
}

TEST_F(ConfirmationTest, NeedsTwoPairs) {
  const double failed = std::nan("");
  add_fresh(0, {0.90, failed, failed, failed});
  add_fresh(1, {0.95, 0.96, 0.97, 0.93});
  EXPECT_EQ(confirm_now().conclusion, Conclusion::TooFew);
  EXPECT_EQ(verdict_now(), "too few paired fresh runs to say anything (1, 3 failed)");
}

TEST_F(ConfirmationTest, SaysSoWhenEveryFreshRunFailed) {
  const double failed = std::nan("");
  add_fresh(0, {failed, failed, failed, failed});
  add_fresh(1, {failed, failed, failed, failed});
  EXPECT_EQ(confirm_now().winner, -1);
  EXPECT_EQ(verdict_now(), "too few paired fresh runs to say anything (0, 8 failed)");
}

TEST_F(ConfirmationTest, AdmitsThatTheDefaultIsMissing) {
  add_fresh(1, {0.94, 0.95, 0.93, 0.94});
  EXPECT_EQ(verdict_now(),
            "the default was not confirmed, so nothing says that tuning helped; trial 1 has auc "
            "0.94 on 4 fresh seeds");
}

TEST_F(ConfirmationTest, FindsTheDefaultByItsPointToo) {
  const std::int64_t twin = builder_.complete({0.5}, {0.90}, {});
  add_fresh(twin, {0.90, 0.90, 0.90, 0.90});
  add_fresh(1, {0.93, 0.95, 0.91, 0.93});
  ASSERT_TRUE(confirm_now().standard.has_value());
  EXPECT_EQ(confirm_now().standard->trial, twin);
}

TEST_F(ConfirmationTest, MarksAnUnfinishedConfirmation) {
  add_fresh(0, {0.90, 0.91, 0.89});
  add_fresh(1, {0.93, 0.95, 0.91});
  EXPECT_TRUE(confirm_now().is_partial);
  EXPECT_THAT(verdict_now(), StartsWith("so far, trial 1 is better than the default"));
}

TEST_F(ConfirmationTest, ExplainsAnAbsentConfirmation) {
  EXPECT_EQ(verdict_now(), "not confirmed yet: no finalist has run on a fresh seed");
  spec_.validity.confirm_top = 0;
  EXPECT_THAT(verdict_now(), StartsWith("not confirmed: the confirm stage is switched off"));
  EXPECT_TRUE(analyse().lines.empty());
}

TEST_F(ConfirmationTest, WritesEverythingAsJson) {
  add_fresh(0, {0.90, 0.91, 0.89, 0.90});
  add_fresh(1, {0.93, 0.95, 0.91, 0.93});
  const AnalysisResult result = analyse();
  const Json data = Json::parse(result.data);
  EXPECT_EQ(data["conclusion"], "better");
  EXPECT_EQ(data["winner"], 1);
  EXPECT_EQ(data["default"], 0);
  EXPECT_EQ(data["finalists"].size(), 2u);
  EXPECT_EQ(data["finalists"][0]["runs"][0], (Json{{"seed", 101}, {"value", 0.93}}));
  EXPECT_EQ(data["finalists"][1]["is_default"], true);
  EXPECT_EQ(data["cost"]["search_trials"], 3);
  EXPECT_EQ(data["cost"]["fresh_wall_seconds"], 8.0);
  ASSERT_EQ(result.lines.size(), 3u);
  EXPECT_THAT(result.lines[1], HasSubstr("0.03 [0.017, 0.043]"));
}

TEST_F(ConfirmationTest, TakesAStricterAlpha) {
  add_fresh(0, {0.90, 0.91, 0.89, 0.90});
  add_fresh(1, {0.93, 0.95, 0.91, 0.93});
  const AnalysisResult result = analyse({{"alpha", 0.001}});
  EXPECT_THAT(result.verdict, StartsWith("not shown to be better"));
  EXPECT_THAT(result.verdict, HasSubstr("99.9 % interval"));
}

TEST_F(ConfirmationTest, MinimisesLossesJustAsWell) {
  HistoryBuilder builder(1, {Objective{}});
  builder.complete({0.5}, {1.0}, {.purpose = Purpose::Default});
  builder.complete({0.7}, {0.5}, {});
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const double noise = 0.01 * static_cast<double>(seed);
    builder.complete({0.5}, {1.0 + noise},
                     {.purpose = Purpose::Confirm, .of_trial = 0, .seed = seed});
    builder.complete({0.7}, {0.6 - noise},
                     {.purpose = Purpose::Confirm, .of_trial = 1, .seed = seed});
  }
  const Confirmation result = confirm({spec_, space_, builder.history()}, 0.05);
  EXPECT_EQ(result.conclusion, Conclusion::Better);
  EXPECT_NEAR(result.find(1)->against_default.improvement, 0.44, 1e-12);
  EXPECT_NEAR(result.find(1)->optimism, 0.08, 1e-12);
}

}  // namespace
}  // namespace trimtab
