// What reports say of studies whose values in the search are no results.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "trimtab/report/html.hpp"
#include "trimtab/report/table.hpp"
#include "trimtab/report/terminal.hpp"
#include "trimtab/report/testing/sample_study.hpp"

namespace trimtab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Trial 0 looks best in the search, trial 1 where nothing was tuned.
SampleStudy two_phases(bool is_evaluated) {
  SampleStudy study;
  study.spec.validity.scenario = Scenario{.tune = "north", .evaluate = "south"};
  const Point one = study.space.from_json({{"kind", "net"}, {"rate", 0.1}, {"units", 8}});
  const Point other = study.space.from_json({{"kind", "net"}, {"rate", 0.2}, {"units", 9}});
  study.builder.complete(one, {0.987});
  study.builder.complete(other, {0.954});
  if (!is_evaluated) return study;
  for (const auto& [point, of_trial, value] :
       {std::tuple(one, 0, 0.61), std::tuple(other, 1, 0.71), std::tuple(one, 0, 0.63),
        std::tuple(other, 1, 0.75)}) {
    study.builder.complete(point, {value}, {.purpose = Purpose::Confirm, .of_trial = of_trial});
  }
  return study;
}

TEST(SealedData, TheTerminalQuotesOnlyWhatWasNotTuned) {
  const std::string text = study_summary(two_phases(true).view(), {}, {.width = 200});
  EXPECT_THAT(text, HasSubstr("trial 1: auc 0.73 +- 0.028 over 2 fresh runs on \"south\""));
  EXPECT_THAT(text, AllOf(HasSubstr("rate = 0.2"), Not(HasSubstr("0.987"))));
  EXPECT_THAT(text, HasSubstr("tuned on \"north\", evaluated on \"south\""));
}

TEST(SealedData, BeforeTheEvaluationThereIsNoResult) {
  const std::string text = study_summary(two_phases(false).view(), {}, {.width = 200});
  EXPECT_THAT(text, AllOf(HasSubstr("no result yet: nothing was evaluated on \"south\""),
                          Not(HasSubstr("0.987"))));
}

TEST(SealedData, BestIsTheWinnerOfTheFreshRuns) {
  EXPECT_THAT(
      best_text(two_phases(true).view()),
      AllOf(HasSubstr("trial 1: auc 0.73"), HasSubstr("units = 9"), Not(HasSubstr("0.954"))));
}

TEST(SealedData, JsonKeepsTheSearchApartFromTheResult) {
  const Json json = study_json(two_phases(true).view(), {});
  EXPECT_FALSE(json["best"].contains("values"));
  EXPECT_EQ(json["best"]["tuning_values"]["auc"], 0.987);
  EXPECT_EQ(json["result"]["trial"], 1);
  EXPECT_NEAR(json["result"]["mean"].get<double>(), 0.73, 1e-12);
  EXPECT_EQ(json["result"]["fresh_runs"], 2);
  EXPECT_TRUE(study_json(two_phases(false).view(), {})["result"].is_null());
  SampleStudy plain;
  plain.builder.complete(plain.space.default_point(), {0.5});
  EXPECT_FALSE(study_json(plain.view(), {}).contains("result"));
}

TEST(SealedData, ThePageShowsTheFreshMeanAndTheProtocol) {
  const std::string page = html_report(two_phases(true).view(), {});
  EXPECT_THAT(page, AllOf(HasSubstr("<b>0.73</b><span>auc where nothing was tuned, trial 1"),
                          HasSubstr("evaluated on &quot;south&quot;"),
                          Not(HasSubstr("best auc in the search"))));
}

TEST(Protocol, TheLedgerOfTheHoldoutIsShown) {
  SampleStudy study;
  study.spec.validity.holdout =
      Holdout{.metric = "held", .items = 100, .threshold = 0.4, .noise = 0.025, .budget = 7};
  study.builder.complete(study.space.default_point(), {0.5});
  study.builder.append(HoldoutAsked{0, true, 0.0});
  study.builder.append(HoldoutAsked{0, false, 0.0});
  EXPECT_THAT(study_summary(study.view(), {}, {.width = 200}),
              HasSubstr("asked 2 times, spoke 1 of 7 times; threshold 0.4, Laplace noise 0.025"));
}

TEST(Protocol, WhatOtherStudiesDidWithTheDataIsShown) {
  SampleStudy study;
  study.builder.append(Note{"data", "10 % of the rows that judge here were tuned on by study a"});
  EXPECT_THAT(study_summary(study.view(), {}, {.width = 200}), HasSubstr("tuned on by study a"));
}

}  // namespace
}  // namespace trimtab
