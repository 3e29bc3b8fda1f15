#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/science/overtuning/overtuning.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxLines = 12;

[[noreturn]] void refuse(const std::string& where, const std::string& what,
                         const std::string& expected, const std::string& hint) {
  throw UserError({.code = "overtuning.scores",
                   .what = what,
                   .where = where,
                   .got = "",
                   .expected = expected,
                   .hint = hint});
}

std::string percent_of(double relative) {
  return std::isinf(relative) ? "more than all"
                              : fmt::format("{} %", format_short(100.0 * relative, 2));
}

// Losses are shown in the user's direction.
std::string end_text(const TuningCourse& course, const Objective& objective) {
  const Incumbent& end = course.incumbents.back();
  if (end.overtuning == 0.0) {
    return fmt::format(
        "no overtuning is seen: the winner is the best of the {} incumbents that "
        "were tested",
        course.incumbents.size());
  }
  const double best = end.test - end.overtuning;
  const std::string fate =
      end.relative > 1.0
          ? "the winner is worse than where tuning began"
          : fmt::format("{} of what tuning had gained was lost again", percent_of(end.relative));
  return fmt::format("overtuned by {}: an earlier incumbent tested {}, the winner {}; {}",
                     format_short(end.overtuning, 3), format_short(objective.value(best)),
                     format_short(objective.value(end.test)), fate);
}

std::vector<std::string> course_lines(const TuningCourse& course, const Objective& objective) {
  std::vector<std::string> lines = {fmt::format("{:>8} {:>12} {:>12} {:>12} {:>14}", "trial",
                                                "tuned", "tested", "overtuning", "of the gain")};
  const std::vector<Incumbent>& all = course.incumbents;
  const std::size_t skipped = all.size() > kMaxLines ? all.size() - kMaxLines : 0;
  if (skipped > 0) lines.push_back(fmt::format("     ... {} earlier incumbents", skipped));
  for (std::size_t i = skipped; i < all.size(); ++i) {
    lines.push_back(fmt::format("{:>8} {:>12} {:>12} {:>12} {:>14}", all[i].trial,
                                format_short(objective.value(all[i].validation), 5),
                                format_short(objective.value(all[i].test), 5),
                                format_short(all[i].overtuning, 3), percent_of(all[i].relative)));
  }
  return lines;
}

Json course_json(const TuningCourse& course, const Objective& objective) {
  Json incumbents = Json::array();
  for (const Incumbent& each : course.incumbents) {
    incumbents.push_back({{"trial", each.trial},
                          {"validation", objective.value(each.validation)},
                          {"test", objective.value(each.test)},
                          {"gap", each.gap()},
                          {"overtuning", each.overtuning},
                          {"relative", std::isinf(each.relative) ? Json() : Json(each.relative)}});
  }
  return {{"trials", course.num_trials},
          {"unseen_incumbents", course.num_unseen},
          {"is_end_seen", course.is_end_seen},
          {"incumbents", std::move(incumbents)}};
}

Figure course_figure(const TuningCourse& course, const Objective& objective,
                     const std::string& axis) {
  Figure figure = {.title = "What tuning saw and what counts",
                   .caption =
                       "Incumbents in the order in which tuning found them. Where the tested "
                       "score turns back while the tuned one goes on, tuning fits its own "
                       "score.",
                   .x = {.name = "trial"},
                   .y = {.name = axis}};
  FigureSeries tuned = {.name = "tuned", .mark = Mark::Steps};
  FigureSeries tested = {.name = "tested", .mark = Mark::Steps, .emphasis = Emphasis::Strong};
  for (const Incumbent& each : course.incumbents) {
    for (FigureSeries* series : {&tuned, &tested}) {
      series->x.push_back(static_cast<double>(each.trial));
    }
    tuned.y.push_back(objective.value(each.validation));
    tested.y.push_back(objective.value(each.test));
  }
  FigureSeries dots = tested;
  dots.is_of_previous = true;
  dots.mark = Mark::Points;
  figure.series = {std::move(tuned), std::move(tested), std::move(dots)};
  return figure;
}

// Many studies: the gap that each ends with.
Figure gaps_figure(const std::vector<double>& gaps, const std::vector<std::string>& names) {
  FigureSeries series = {.name = "studies", .mark = Mark::Points, .labels = names};
  std::vector<std::size_t> order(gaps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return gaps[a] < gaps[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(gaps[order[i]]);
    series.labels[i] = fmt::format("{}: {}", names[order[i]], format_short(gaps[order[i]], 3));
  }
  return {.title = "How much tuning flatters each winner",
          .caption =
              "Test loss less the loss that tuning saw, smallest first; above the line the "
              "winner is worse than tuning believed.",
          .x = {.name = "studies, by their gap"},
          .y = {.name = "gap"},
          .series = {std::move(series),
                     {.mark = Mark::Rules, .y = {0.0}, .emphasis = Emphasis::Quiet}}};
}

AnalysisResult report_one(const TuningCourse& course, const Objective& objective,
                          const std::string& flattery, const std::string& axis) {
  AnalysisResult result;
  result.verdict = course.is_end_seen ? end_text(course, objective)
                                      : "the winner was never tested, so nothing can be said of it";
  result.verdict += "; " + flattery;
  if (course.num_unseen > 0) {
    result.verdict += fmt::format("; {} of {} incumbents were never tested, more could show",
                                  course.num_unseen, course.num_unseen + course.incumbents.size());
  }
  result.lines = course_lines(course, objective);
  result.data = course_json(course, objective).dump();
  result.figures = {course_figure(course, objective, axis)};
  return result;
}

std::string gap_text(const TuningCourse& course) {
  const double gap = course.incumbents.back().gap();
  return gap > 0.0 ? fmt::format("tuning flatters it by {}", format_short(gap, 3))
                   : fmt::format("it tests {} better than it was tuned", format_short(-gap, 3));
}

// Fresh runs of each trial, as losses.
std::map<std::int64_t, std::vector<double>> fresh_losses(const History& history) {
  std::map<std::int64_t, std::vector<double>> fresh;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.purpose(number) != Purpose::Confirm || history.of_trial(number) < 0) continue;
    if (history.state(number) != TrialState::Complete) continue;
    if (std::isfinite(history.loss(number))) {
      fresh[history.of_trial(number)].push_back(history.loss(number));
    }
  }
  return fresh;
}

AnalysisResult run(const StudyView& study, const OptionValues& options) {
  const History& history = study.history;
  const Objective& objective = history.objectives().front();
  const std::string& metric = options.text("test");
  const auto fresh = fresh_losses(history);
  std::vector<ScoredTrial> trials(static_cast<std::size_t>(history.size()));
  std::vector<std::size_t> order;
  bool is_any_tested = false;
  for (const std::int64_t number : history.finish_order()) {
    if (history.purpose(number) == Purpose::Confirm || !history.is_feasible(number)) continue;
    ScoredTrial trial = {history.loss(number)};
    const auto found = history.metrics(number).find(metric);
    if (!metric.empty() && found != history.metrics(number).end()) {
      trial.test = objective.loss(found->second);
    } else if (const auto runs = fresh.find(number); metric.empty() && runs != fresh.end()) {
      trial.test = mean(runs->second);
    }
    is_any_tested = is_any_tested || !std::isnan(trial.test);
    trials[order.size()] = trial;
    order.push_back(static_cast<std::size_t>(number));
  }
  trials.resize(order.size());
  TuningCourse course = tuning_course(trials);
  if (!is_any_tested || course.incumbents.empty()) {
    refuse("trimtab analyse overtuning", "no incumbent of the study was scored on anything fresh",
           metric.empty() ? "a study with a confirm stage, or --option test=METRIC"
                          : "trials that report the metric " + quote(metric),
           "");
  }
  for (Incumbent& each : course.incumbents) each.trial = order[each.trial];
  std::string flattery = gap_text(course);
  const auto runs = fresh.find(static_cast<std::int64_t>(course.incumbents.back().trial));
  if (metric.empty() && runs != fresh.end() && runs->second.size() >= 2) {
    std::vector<double> gaps;
    for (const double loss : runs->second) {
      gaps.push_back(loss - course.incumbents.back().validation);
    }
    const Interval interval = paired_t_test(gaps).interval;
    flattery += fmt::format(" [{}, {}] ({} fresh seeds)", format_short(interval.low, 3),
                            format_short(interval.high, 3), gaps.size());
  }
  return report_one(course, objective, flattery, objective.name);
}

// Courses by the value of a column; one course "" without a column.
std::map<std::string, TuningCourse> courses_of(const DataTable& table, const Objective& objective,
                                               const OptionValues& options) {
  const std::vector<double> validation = table.numbers(options.text("validation"));
  const std::vector<double> test =
      table.numbers(options.text("test").empty() ? "test" : options.text("test"));
  const std::string& by = options.text("study");
  std::map<std::string, std::vector<ScoredTrial>> trials;
  for (std::size_t i = 0; i < validation.size(); ++i) {
    trials[by.empty() ? "" : table.texts(by)[i]].push_back(
        {objective.loss(validation[i]), objective.loss(test[i])});
  }
  std::map<std::string, TuningCourse> courses;
  for (const auto& [name, of_study] : trials) {
    TuningCourse course = tuning_course(of_study);
    if (!course.incumbents.empty()) courses[name] = std::move(course);
  }
  if (courses.empty()) {
    refuse(table.source, "no incumbent has both scores", "rows with validation and test", "");
  }
  return courses;
}

AnalysisResult report_many(const std::map<std::string, TuningCourse>& courses,
                           const Objective& objective) {
  std::size_t num_over = 0, num_worse = 0, num_ended = 0;
  std::vector<double> gaps;
  std::vector<std::string> ended;
  AnalysisResult result;
  Json studies = Json::object();
  for (const auto& [name, course] : courses) {
    studies[name] = course_json(course, objective);
    if (!course.is_end_seen) continue;
    const Incumbent& end = course.incumbents.back();
    ++num_ended;
    if (end.overtuning > 0.0) ++num_over;
    if (end.relative > 1.0) ++num_worse;
    gaps.push_back(end.gap());
    ended.push_back(name);
    result.lines.push_back(fmt::format("{}: {}", name, end_text(course, objective)));
  }
  if (!gaps.empty()) result.figures = {gaps_figure(gaps, ended)};
  if (gaps.empty()) {
    result.verdict = "no winner was ever tested, so nothing can be said";
  } else {
    result.verdict = fmt::format(
        "{} of {} studies end overtuned, {} of them worse than where they began; the winners' test "
        "loss is {} above what tuning saw, on average",
        num_over, num_ended, num_worse, format_short(mean(gaps), 3));
    if (gaps.size() >= 2) {
      const Interval interval = paired_t_test(gaps).interval;
      result.verdict +=
          fmt::format(" [{}, {}]", format_short(interval.low, 3), format_short(interval.high, 3));
    }
  }
  result.data = Json{
      {"studies", std::move(studies)},
      {"ended", num_ended},
      {"overtuned", num_over},
      {"worse_than_first",
       num_worse}}.dump();
  return result;
}

AnalysisResult run_on_table(const DataTable& table, const OptionValues& options) {
  const Objective objective = {
      .name = options.text("validation"),
      .goal = options.text("goal") == "max" ? Goal::Maximise : Goal::Minimise,
      .target = {}};
  const std::map<std::string, TuningCourse> courses = courses_of(table, objective, options);
  if (options.text("study").empty()) {
    const TuningCourse& course = courses.begin()->second;
    return report_one(course, objective, gap_text(course), "score");
  }
  return report_many(courses, objective);
}

}  // namespace

AnalysisEntry overtuning_entry() {
  return {.info = {.name = "overtuning",
                   .purpose = "did tuning go on to improve what counts, or only the score it saw?",
                   .source = "Schneider, Bischl and Feurer 2025, overtuning",
                   .options = {{.name = "validation",
                                .default_value = std::string("validation"),
                                .purpose = "table: column of the scores that the tuner saw"},
                               {.name = "test",
                                .default_value = std::string(),
                                .purpose = "column (\"test\" unless given) or metric of the fresh "
                                           "scores; studies: the fresh runs unless given"},
                               {.name = "goal",
                                .default_value = std::string("min"),
                                .purpose = "table: direction of the scores",
                                .choices = {"min", "max"}},
                               {.name = "study",
                                .default_value = std::string(),
                                .purpose = "table: column that tells studies apart"}}},
          .run = run,
          .run_on_table = run_on_table};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(overtuning, overtuning_entry())
