#include "trimtab/report/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "trimtab/base/error.hpp"
#include "trimtab/report/detail/text_layout.hpp"
#include "trimtab/report/table.hpp"
#include "trimtab/report/testing/sample_study.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) {
    widest = std::max(widest, num_characters(line));
  }
  return widest;
}

SampleStudy small_study() {
  SampleStudy study;
  study.builder.complete(study.space.from_json({{"kind", "net"}, {"rate", 0.01}, {"units", 8}}),
                         {0.8125}, {.purpose = Purpose::Default});
  study.builder.complete(
      study.space.from_json({{"kind", "tree"}, {"rate", 1.0 / 3.0}, {"units", 9}, {"depth", 3}}),
      {0.9375});
  study.builder.fail(study.space.from_json({{"kind", "net"}, {"rate", 0.5}, {"units", 7}}),
                     {FailureReason::ExitCode, 3, "it broke"});
  return study;
}

TEST(StudySummary, SaysEverythingInAPageOfEightyColumns) {
  const SampleStudy study = small_study();
  EXPECT_EQ(study_summary(study.view(), study.analyses(), {.has_color = false, .width = 80}),
            "sample  maximise auc\n"
            "\n"
            "verdict     not confirmed yet: no finalist has run on a fresh seed\n"
            "\n"
            "best        trial 1: auc 0.9375 (default: auc 0.8125)\n"
            "            rate = 0.333333, units = 9, kind = tree, depth = 3\n"
            "trials      2 complete, 1 failed\n"
            "cost        3.0 s elapsed, 3.0 s of runs, 1.5 s of processor time, peak 1 MB\n"
            "best so far ▁██\n"
            "failures    1 exit code\n"
            "\n"
            "importance  too few complete trials to tell parameters apart (2, at least 10 are\n"
            "            needed)\n");
}

TEST(StudySummary, SaysThatThereIsNothingYet) {
  EXPECT_EQ(study_summary(SampleStudy().view(), {}, {}),
            "sample  maximise auc\n"
            "\n"
            "best        no complete trial yet\n"
            "trials      no trials\n");
}

TEST(StudySummary, FitsEveryWidth) {
  SampleStudy study = small_study();
  study.add_random(30);
  const auto analyses = study.analyses();
  for (int width = 40; width <= 160; width += 8) {
    const std::string text = study_summary(study.view(), analyses, {.width = width});
    EXPECT_LE(widest_line(text), static_cast<std::size_t>(width)) << text;
  }
}

TEST(StudySummary, ColoursOnlyWhenTheTerminalCan) {
  const SampleStudy study = small_study();
  EXPECT_THAT(study_summary(study.view(), {}, {.has_color = false}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(study_summary(study.view(), {}, {.has_color = true}), HasSubstr("\x1b["));
}

TEST(StudySummary, LetsNoNameSteerTheTerminal) {
  SampleStudy study({{.name = "auc\x1b[2J", .goal = Goal::Maximise}});
  study.spec.name = "evil\x1b]0;title\x07\xc2\x9b";
  study.add_random(2);
  const std::string text = study_summary(study.view(), study.analyses(), {});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\x07")));
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
}

TEST(TrialsTable, ShowsTrialsInColumns) {
  EXPECT_EQ(trials_table(small_study().view(), {.limit = 2, .order = "value", .width = 60}),
            "trial  state     purpose     auc   time     rate  units\n"
            "    1  complete  search   0.9375  1.0 s  0.33333      9\n"
            "    0  complete  default  0.8125  1.0 s     0.01      8\n"
            "1 further trial not shown\n"
            "2 columns not shown\n");
}

TEST(TrialsTable, ShowsTheLatestByNumberAndTheLongestByTime) {
  SampleStudy study;
  for (const double seconds : {1.0, 9.0, 4.0}) {
    study.builder.complete(study.space.default_point(), {0.5},
                           {.resources = {.wall_seconds = seconds}});
  }
  EXPECT_THAT(shown_trials(study.view(), {.limit = 2}), testing::ElementsAre(1, 2));
  EXPECT_THAT(shown_trials(study.view(), {.limit = 2, .order = "time"}),
              testing::ElementsAre(1, 2));
  EXPECT_THAT(shown_trials(study.view(), {.limit = 0, .order = "time"}),
              testing::ElementsAre(1, 2, 0));
  EXPECT_THROW(shown_trials(study.view(), {.order = "size"}), UserError);
}

TEST(BestText, GivesExactValues) {
  EXPECT_EQ(best_text(small_study().view()),
            "trial 1  auc = 0.9375\n"
            "rate = 0.3333333333333333\n"
            "units = 9\n"
            "kind = tree\n"
            "depth = 3\n");
  EXPECT_EQ(best_text(SampleStudy().view()), "no complete trial yet\n");
}

TEST(Wrap, BreaksAtSpacesAndKeepsLongWords) {
  EXPECT_THAT(wrap("a bb ccc", 4), testing::ElementsAre("a bb", "ccc"));
  EXPECT_THAT(wrap("abcdefgh i", 4), testing::ElementsAre("abcdefgh", "i"));
}

TEST(Sparkline, SpansFromLowestToHighest) {
  EXPECT_EQ(sparkline({1.0, 2.0, std::nan(""), 1.5}), "▁█ ▅");
  EXPECT_EQ(bar(0.5, 4), "██");
  EXPECT_EQ(bar(1.0 / 32.0, 4), "▏");
}

}  // namespace
}  // namespace trimtab
