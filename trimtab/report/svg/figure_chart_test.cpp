#include "trimtab/report/svg/figure_chart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/report/detail/series_drawing.hpp"
#include "trimtab/report/html.hpp"
#include "trimtab/report/testing/sound_page.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

Figure figure_of(std::vector<FigureSeries> series) {
  return {.title = "loss over compute",
          .caption = "It falls.",
          .x = {.name = "compute (h)"},
          .y = {.name = "loss"},
          .series = std::move(series)};
}

void expect_sound_figures(std::vector<Figure> figures) {
  expect_sound(html_analysis({.name = "some_analysis", .purpose = "why?", .source = "us"}, "t.csv",
                             {.verdict = "it is so", .lines = {}, .figures = std::move(figures)}));
}

TEST(FigureChart, PutsPointsWhereTheirNumbersSay) {
  // The air of 4 % on both sides of 0..100 and 0..10 is what the pixels count from.
  const Figure figure =
      figure_of({{.mark = Mark::Points, .x = {0.0, 50.0, 100.0}, .y = {0.0, 5.0, 10.0}}});
  const std::string chart = figure_chart(figure, kScreen);
  const Frame frame(kScreen, Scale::whole(-4.0, 104.0), Scale::whole(-0.4, 10.4), "compute (h)",
                    "loss", "");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(chart,
                HasSubstr("cx=\"" + pixels(frame.x(50.0 * static_cast<double>(i))) + "\" cy=\"" +
                          pixels(frame.y(5.0 * static_cast<double>(i))) + "\""));
  }
  EXPECT_THAT(chart, HasSubstr("<title>compute (h) 50, loss 5</title>"));
}

TEST(FigureChart, SaysWhatItShowsToPeopleWhoDoNotSeeIt) {
  const std::string chart = figure_chart(figure_of({{.x = {1.0, 2.0}, .y = {3.0, 4.0}}}), kScreen);
  EXPECT_THAT(chart, HasSubstr("role=\"img\" aria-label=\"loss over compute\""));
  EXPECT_THAT(chart, HasSubstr("<desc>It falls.</desc>"));
}

TEST(FigureChart, BreaksALineWhereANumberIsMissing) {
  const std::string chart = figure_chart(
      figure_of({{.x = {1.0, 2.0, 3.0, 4.0, 5.0}, .y = {1.0, 2.0, kNan, 4.0, kInfinity}}}),
      kScreen);
  const std::size_t at = chart.find("f-line s0\" d=\"") + 14;
  const std::string path = chart.substr(at, chart.find('"', at) - at);
  EXPECT_EQ(count(path, "M"), 2u);
  EXPECT_EQ(count(path, "L"), 1u);
}

TEST(FigureChart, DrawsStepsThatHoldUntilTheNextX) {
  const std::string chart = figure_chart(
      figure_of({{.mark = Mark::Steps, .x = {0.0, 1.0, 2.0}, .y = {0.0, 1.0, 1.0}}}), kScreen);
  const std::size_t at = chart.find("f-line s0\" d=\"") + 14;
  const std::string path = chart.substr(at, chart.find('"', at) - at);
  EXPECT_EQ(count(path, "H"), 2u);
  EXPECT_EQ(count(path, "V"), 2u);
}

TEST(FigureChart, IsNothingWhenNoPointCanBeDrawn) {
  EXPECT_EQ(figure_chart(figure_of({}), kScreen), "");
  EXPECT_EQ(figure_chart(figure_of({{.x = {}, .y = {}}}), kScreen), "");
  EXPECT_EQ(figure_chart(figure_of({{.x = {1.0, kNan}, .y = {kNan, 1.0}}}), kScreen), "");
  Figure logarithmic = figure_of({{.x = {1.0, 2.0}, .y = {0.0, -1.0}}});
  EXPECT_NE(figure_chart(logarithmic, kScreen), "");
  logarithmic.y.is_log = true;
  EXPECT_EQ(figure_chart(logarithmic, kScreen), "");
}

TEST(FigureChart, SurvivesOnePointAndEqualValuesOfEveryMark) {
  std::vector<Figure> figures;
  for (const Mark mark :
       {Mark::Line, Mark::Steps, Mark::Points, Mark::Diamonds, Mark::Ticks, Mark::Bars}) {
    for (const bool is_log : {false, true}) {
      Figure one = figure_of({{.mark = mark, .x = {2.0}, .y = {5.0}, .low = {4.0}, .high = {6.0}}});
      one.x.is_log = one.y.is_log = is_log;
      EXPECT_NE(figure_chart(one, kScreen), "");
      figures.push_back(one);
      one.series[0].low.clear();
      one.series[0].high.clear();
      one.series[0].x = one.series[0].y = {7.0, 7.0};
      EXPECT_NE(figure_chart(one, kScreen), "");
      figures.push_back(one);
    }
  }
  expect_sound_figures(figures);
}

TEST(FigureChart, SurvivesExtremeAndMissingNumbers) {
  expect_sound_figures({figure_of({{.name = "all that a double can be",
                                    .mark = Mark::Points,
                                    .x = {1e308, -1e308, 5e-324, 1.0, kNan, kInfinity, -kInfinity},
                                    .y = {1e308, 1.0, 2.0, -1e308, 1.0, 1.0, 1.0},
                                    .low = {0.0, kNan, -kInfinity, 0.0, 0.0, 0.0, 0.0},
                                    .high = {1.0, 1.0, kInfinity, 1.0, 1.0, 1.0, 1.0}},
                                   {.mark = Mark::Rules, .y = {kNan, kInfinity, 1.5}}}),
                        figure_of({{.mark = Mark::Bars, .x = {1.0, 2.0}, .y = {-1e299, 1e299}}}),
                        figure_of({{.x = {1.0, 1.0 + 1e-15}, .y = {1e9, 1e9 + 1e-6}}})});
}

TEST(FigureChart, ThinsLongSeriesAndKeepsTheirExtremes) {
  FigureSeries series = {.mark = Mark::Points};
  for (int i = 0; i < 100'000; ++i) {
    series.x.push_back(i);
    series.y.push_back(i == 77'777 ? 1000.0 : i == 12'345 ? -1000.0 : i % 7);
  }
  const std::vector<std::size_t> drawn = drawn_points(series, 2500);
  EXPECT_LE(drawn.size(), 2504u);
  for (const std::size_t i : {0u, 12'345u, 77'777u, 99'999u})
    EXPECT_THAT(drawn, ::testing::Contains(i));
  EXPECT_EQ(drawn, drawn_points(series, 2500));
  EXPECT_LT(figure_chart(figure_of({series}), kScreen).size(), 60'000u);
  series.mark = Mark::Line;
  EXPECT_LT(figure_chart(figure_of({series}), kScreen).size(), 20'000u);
}

TEST(FigureChart, DisarmsHostileNames) {
  const std::string hostile = "</svg><script>alert(1)</script>\" onload=\"x' & \x1b[31m\xff";
  Figure figure = figure_of(
      {{.name = hostile, .mark = Mark::Points, .x = {1.0}, .y = {2.0}, .labels = {hostile}},
       {.name = hostile, .x = {1.0, 3.0}, .y = {2.0, 1.0}}});
  figure.title = figure.caption = figure.x.name = figure.y.name = hostile;
  const std::string chart = figure_chart(figure, kPhone);
  EXPECT_THAT(chart, Not(HasSubstr("<script")));
  expect_sound_figures({figure});
}

TEST(FigureChart, LaysBarsDownWithWhatIsWrittenAtTheirEnds) {
  Figure figure =
      figure_of({{.name = "clear", .mark = Mark::Bars, .x = {0.75}, .y = {0.0}, .labels = {"75 %"}},
                 {.name = "pale",
                  .mark = Mark::Bars,
                  .x = {0.25},
                  .y = {1.0},
                  .emphasis = Emphasis::Quiet,
                  .labels = {"25 %"}}});
  figure.y = {.categories = {"first", "second"}};
  const std::string chart = figure_chart(figure, kScreen);
  EXPECT_THAT(chart, HasSubstr(">75 %</text>"));
  EXPECT_THAT(chart, HasSubstr("f-bar quiet"));
  EXPECT_LT(chart.find(">second</text>"), chart.find(">first</text>"));  // drawn from the bottom
  // Each series has its own row, so that the bars need not share one.
  const auto height_of = [&](std::string_view css) {
    const std::size_t bar =
        chart.find("rect class=\"" + std::string(css) + "\"", chart.find("axis"));
    const std::size_t at = chart.find("height=\"", bar) + 8;
    return chart.substr(at, chart.find('"', at) - at);
  };
  EXPECT_EQ(height_of("f-bar s0"), height_of("f-bar quiet"));
  expect_sound_figures({figure});
}

TEST(FigureChart, PutsBarsOfSeveralSeriesSideBySide) {
  Figure figure = figure_of({{.name = "a", .mark = Mark::Bars, .x = {0.0, 1.0}, .y = {1.0, 2.0}},
                             {.name = "b",
                              .mark = Mark::Bars,
                              .x = {0.0, 1.0},
                              .y = {3.0, 1.0},
                              .low = {2.0, 0.5},
                              .high = {4.0, 1.5}}});
  figure.x = {.categories = {"left", "right"}};
  const std::string chart = figure_chart(figure, kScreen);
  EXPECT_EQ(count(chart, "rect class=\"f-bar s0\""), 3u);  // one is in the key
  EXPECT_EQ(count(chart, "f-whisker over"), 2u);
  std::vector<double> lefts;
  for (std::size_t at = chart.find(">right</text>");
       (at = chart.find("<rect", at)) != std::string::npos; ++at) {
    lefts.push_back(std::stod(chart.substr(chart.find("x=\"", at) + 3)));
  }
  std::sort(lefts.begin(), lefts.end());
  EXPECT_EQ(std::adjacent_find(lefts.begin(), lefts.end()), lefts.end());
  expect_sound_figures({figure});
}

TEST(FigureChart, WrapsALongKeyAndCutsLongNames) {
  std::vector<FigureSeries> series;
  for (int i = 0; i < 30; ++i) {
    series.push_back({.name = "a submission with a rather long name, number " + std::to_string(i),
                      .x = {0.0, 1.0},
                      .y = {0.0, 1.0 * i}});
  }
  const Figure figure = figure_of(std::move(series));
  expect_sound_figures({figure});
  EXPECT_THAT(figure_chart(figure, kPhone), HasSubstr("dashed"));
}

TEST(FigureChart, RefusesLengthsThatDiffer) {
  EXPECT_THROW(figure_chart(figure_of({{.x = {1.0, 2.0}, .y = {1.0}}}), kScreen), BugError);
  EXPECT_THROW(figure_chart(figure_of({{.x = {1.0}, .y = {1.0}, .low = {0.0}}}), kScreen),
               BugError);
  EXPECT_THROW(figure_chart(figure_of({{.x = {1.0}, .y = {1.0}, .labels = {"a", "b"}}}), kScreen),
               BugError);
}

RC_GTEST_PROP(FigureChartProperty, IsFiniteAndDeterministic,
              (std::vector<double> x, std::vector<double> y, std::uint8_t mark, bool is_log)) {
  const std::size_t n = std::min(x.size(), y.size());
  x.resize(n);
  y.resize(n);
  Figure figure = figure_of({{.mark = static_cast<Mark>(mark % 6), .x = x, .y = y}});
  figure.y.is_log = is_log;
  const std::string chart = figure_chart(figure, kScreen);
  RC_ASSERT(chart == figure_chart(figure, kScreen));
  RC_ASSERT(chart.find("nan") == std::string::npos);
  RC_ASSERT(chart.find("inf") == std::string::npos);
}

TEST(RankChart, ShowsMethodsAtTheirMeanRanksAndWhoIsNotToldApart) {
  // Three blocks in which a beats b beats c: ranks 1, 2, 3; Nemenyi's difference for k = 3, n = 3
  // is 1.914, so neighbours are not told apart.
  const Figure figure = rank_figure("ranks", {"a", "b", "c"}, {1, 2, 3, 1, 2, 3, 1, 2, 3});
  ASSERT_TRUE(figure.ranks.has_value());
  EXPECT_EQ(figure.ranks->mean_ranks, (std::vector<double>{1.0, 2.0, 3.0}));
  EXPECT_NEAR(figure.ranks->critical_difference, 1.914, 0.001);
  EXPECT_EQ(figure.ranks->cliques, (std::vector<std::vector<std::size_t>>{{0, 1}, {1, 2}}));
  const std::string chart = figure_chart(figure, kScreen);
  EXPECT_EQ(count(chart, "<title>not told apart</title>"), 2u);
  EXPECT_THAT(chart, HasSubstr(">critical difference 1.91</text>"));
  EXPECT_THAT(chart, HasSubstr(">a 1</text>"));
  EXPECT_THAT(chart, HasSubstr(">c 3</text>"));
  expect_sound_figures({figure});
}

TEST(RankChart, HasRoomForManyMethodsWithLongNames) {
  std::vector<std::string> names;
  std::vector<double> losses;
  for (int k = 0; k < 21; ++k)
    names.push_back("method of a long name, number " + std::to_string(k));
  for (int i = 0; i < 5; ++i) {
    for (int k = 0; k < 21; ++k) losses.push_back((k * 7 + i * i) % 21);
  }
  const Figure figure = rank_figure("ranks", names, losses);
  expect_sound_figures({figure});
  EXPECT_EQ(count(figure_chart(figure, kPhone), "class=\"name\""), 21u);
}

TEST(FigureJson, HoldsEveryNumberAndNullWhereThereIsNone) {
  const Json json = figure_json(
      figure_of({{.name = "s", .mark = Mark::Points, .x = {1.0, 2.0}, .y = {0.5, kNan}}}));
  EXPECT_EQ(json["series"][0]["mark"], "points");
  EXPECT_EQ(json["series"][0]["x"].dump(), "[1.0,2.0]");
  EXPECT_EQ(json["series"][0]["y"].dump(), "[0.5,null]");
  EXPECT_EQ(json["y"]["name"], "loss");
}

}  // namespace
}  // namespace trimtab
