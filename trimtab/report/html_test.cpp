#include "trimtab/report/html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "trimtab/base/clock.hpp"
#include "trimtab/report/svg/charts.hpp"
#include "trimtab/report/testing/sample_study.hpp"
#include "trimtab/report/testing/sound_page.hpp"

namespace trimtab {
namespace {

// Pages are too long to be printed by a matcher.
bool has(const std::string& page, std::string_view text) {
  return page.find(text) != std::string::npos;
}

std::string page_of(const SampleStudy& study) {
  return html_report(study.view(), study.analyses());
}

// A study with everything that a report can show.
SampleStudy rich_study() {
  SampleStudy study;
  study.builder.complete(study.space.default_point(), {0.8}, {.purpose = Purpose::Default});
  study.add_random(40);
  study.builder.fail(study.space.default_point(), {FailureReason::ExitCode, 3, "it broke"});
  for (int trial = 0; trial < 3; ++trial) {
    std::vector<Report> reports;
    for (int step = 1; step <= 9; ++step) reports.push_back({step * 1.0, 0.5 + 0.04 * step});
    study.builder.complete(study.space.default_point(), {0.86}, {.reports = reports});
  }
  const std::int64_t best = study.builder.history().best();
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const double noise = 0.003 * static_cast<double>(seed) - 0.0075;
    for (const auto& [trial, value] :
         {std::pair(best, 0.9 + noise), std::pair(std::int64_t{0}, 0.8 - noise)}) {
      const PointView point = study.builder.history().point(trial);
      study.builder.complete(Point(point.begin(), point.end()), {value},
                             {.purpose = Purpose::Confirm, .of_trial = trial, .seed = seed});
    }
  }
  return study;
}

TEST(HtmlReport, HasEverySectionAndIsASoundPage) {
  const std::string page = page_of(rich_study());
  expect_sound(page,
               "'Confirmation on fresh seeds' 'Best parameters' Progress Importance "
               "'Parameters one by one' 'Parameters together' 'Learning curves' 'Time line' "
               "Resources Failures 'Search space' Settings Reproduce");
  EXPECT_TRUE(has(page, "is better than the default: auc higher by 0.1"));
  EXPECT_TRUE(has(page, "class=\"best-line\""));
}

TEST(HtmlReport, IsAPureFunctionOfTheStudy) {
  EXPECT_TRUE(page_of(rich_study()) == page_of(rich_study()));
}

TEST(HtmlReport, ShowsTwoObjectivesAsAFront) {
  SampleStudy study({{.name = "error"}, {.name = "seconds"}});
  study.add_random(30);
  expect_sound(page_of(study), "Progress Trade-off");
}

TEST(HtmlReport, SurvivesAStudyWithoutTrials) {
  const std::string page = page_of(SampleStudy());
  expect_sound(page);
  EXPECT_TRUE(has(page, "<b>0</b><span>trials</span>"));
  EXPECT_FALSE(has(page, "<svg"));
}

TEST(HtmlReport, SurvivesOneTrialAndLeavesOutChartsThatShowNothing) {
  SampleStudy study;
  study.add_random(1);
  const std::string page = page_of(study);
  expect_sound(page, "Progress");
  EXPECT_FALSE(has(page, "Parameters one by one"));
}

TEST(HtmlReport, TellsWhyEveryTrialFailed) {
  SampleStudy study;
  for (int i = 0; i < 5; ++i) {
    study.builder.fail(study.space.default_point(), {FailureReason::ExitCode, 3, "no such file"});
  }
  const std::string page = page_of(study);
  expect_sound(page, "Failures");
  EXPECT_TRUE(has(page, "exit code 3</td><td class=\"w\">no such file</td>"));
}

TEST(HtmlReport, DisarmsHostileNames) {
  const std::string hostile = "</title><script>alert(1)</script>\" onload=\"x' & \x1b[31m";
  SampleStudy study({{.name = hostile, .goal = Goal::Maximise}});
  study.spec.name = hostile;
  study.spec.program.command = hostile;
  study.spec.sampler.options = "{\"</pre>\": 1}";
  study.add_random(20);
  study.builder.fail(study.space.default_point(), {FailureReason::Exception, 0, hostile + "\xff"});
  const std::string page = page_of(study);
  expect_sound(page);
  EXPECT_FALSE(has(page, "<script"));
  EXPECT_TRUE(has(page, "&lt;script&gt;"));
}

TEST(HtmlReport, DrawsInfiniteAndNotANumberNowhere) {
  const double infinity = std::numeric_limits<double>::infinity();
  SampleStudy study;
  study.add_random(12);
  for (const double value : {infinity, -infinity, 1e308, -1e308, 5e-324}) {
    study.builder.complete(study.space.default_point(), {value},
                           {.resources = {.wall_seconds = 1.0, .cpu_seconds = infinity},
                            .reports = {{1.0, value}, {2.0, std::nan("")}}});
  }
  expect_sound(page_of(study));
}

TEST(HtmlReport, StaysSmallAndFastWithTenThousandTrials) {
  SampleStudy study;
  study.add_random(10000);
  const auto analyses = study.analyses();
  const Stopwatch stopwatch;
  const std::string page = html_report(study.view(), analyses);
  EXPECT_LT(page.size(), 1'000'000u);
  EXPECT_LT(stopwatch.seconds(), 1.0);  // 30 ms on the machine of the benchmarks
  expect_sound(page);
}

TEST(Charts, DrawTheBestSoFarAsAStaircase) {
  SampleStudy study;
  for (const double value : {0.5, 0.7, 0.6, 0.9}) {
    study.builder.complete(study.space.default_point(), {value});
  }
  const std::string chart = history_chart(study.view(), kScreen);
  const std::size_t begin = chart.find("best-line\" d=\"") + 14;
  const std::string path = chart.substr(begin, chart.find('"', begin) - begin);
  // Up at trials 1 and 3, never down, to the end of the axis.
  EXPECT_EQ(std::count(path.begin(), path.end(), 'V'), 2);
  EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 1);
  EXPECT_THAT(path, testing::EndsWith("H948"));
}

TEST(Charts, AreEmptyWhenThereIsNothingToShow) {
  const SampleStudy study;
  EXPECT_EQ(history_chart(study.view(), kScreen), "");
  EXPECT_EQ(front_chart(study.view(), kScreen), "");
  EXPECT_EQ(curves_chart(study.view(), kScreen), "");
  EXPECT_EQ(timeline_chart(study.view(), kScreen), "");
  EXPECT_EQ(histogram_chart({}, true, "wall time", kTile), "");
  EXPECT_EQ(parallel_chart(study.view(), {}, kScreen), "");
  EXPECT_EQ(slice_chart(study.view(), study.space.parameters()[0], kTile), "");
}

TEST(Charts, GiveEveryTrialThatRunsAtTheSameTimeARowOfItsOwn) {
  SampleStudy study;
  study.builder.start(study.space.default_point(), {});
  study.builder.start(study.space.default_point(), {});
  study.builder.complete(study.space.default_point(), {0.5});
  const std::string chart = timeline_chart(study.view(), kScreen);
  EXPECT_TRUE(has(chart, ">3</text>"));
  EXPECT_FALSE(has(chart, ">4</text>"));
}

}  // namespace
}  // namespace trimtab
