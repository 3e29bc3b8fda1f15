#include <cmath>
#include <limits>

#include "trimtab/report/detail/study_facts.hpp"
#include "trimtab/report/svg/charts.hpp"
#include "trimtab/report/svg/marks.hpp"

namespace trimtab {
namespace {

// A staircase of the best value so far; its steps are few, so nothing is thinned.
std::string staircase(const Frame& frame, const History& history) {
  std::string path;
  double best = std::numeric_limits<double>::infinity();
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.purpose(number) == Purpose::Confirm) continue;
    if (!history.is_feasible(number) || !(history.loss(number) < best)) continue;
    best = history.loss(number);
    const double x = frame.x(static_cast<double>(number));
    const double y = frame.y(history.value(number));
    path += path.empty() ? "M" + pixels(x) + " " + pixels(y) : "H" + pixels(x) + "V" + pixels(y);
  }
  return path.empty() ? path : path + "H" + pixels(frame.right());
}

}  // namespace

std::string history_chart(const StudyView& view, const Format& format) {
  const History& history = view.history;
  const std::vector<std::int64_t> trials = valued_trials(history);
  if (trials.empty()) return "";
  Frame frame(format, Scale::whole(static_cast<double>(trials.back())),
              value_scale(history, trials), "trial", history.objectives().front().name,
              "value of every trial and the best so far");
  const std::vector<std::int64_t> shown = thin(trials, kMaxDots);
  Dots complete("dot", shown.size() <= kMaxTitles), pruned("dot faint", shown.size() <= kMaxTitles);
  for (const std::int64_t number : shown) {
    Dots& dots = history.is_feasible(number) ? complete : pruned;
    dots.add(frame.canvas(), frame.x(static_cast<double>(number)), frame.y(history.value(number)),
             [&] { return trial_title(history, number); });
  }
  pruned.draw(frame.canvas());
  complete.draw(frame.canvas());
  frame.canvas().path(staircase(frame, history), "best-line");
  const std::int64_t best = history.best();
  if (best >= 0) {
    frame.canvas().circle(frame.x(static_cast<double>(best)), frame.y(history.value(best)), 5.0,
                          "ring", trial_title(history, best));
  }
  return frame.take();
}

std::string front_chart(const StudyView& view, const Format& format) {
  const History& history = view.history;
  if (history.num_objectives() < 2) return "";
  const std::vector<std::int64_t> trials = valued_trials(history);
  if (trials.empty()) return "";
  const Objective& second = history.objectives()[1];
  const auto second_value = [&](std::int64_t number) {
    return second.value(history.losses(number)[1]);
  };
  std::vector<double> values;
  for (const std::int64_t number : trials) values.push_back(second_value(number));
  const auto worse = second.goal == Goal::Minimise ? Scale::Worse::High : Scale::Worse::Low;
  Frame frame(format, value_scale(history, trials), Scale::of_values(values, worse),
              history.objectives()[0].name, second.name, "two objectives and their Pareto front");
  const std::vector<std::int64_t> shown = thin(trials, kMaxDots);
  Dots dots("dot", shown.size() <= kMaxTitles), front("dot front", true);
  for (const std::int64_t number : shown) {
    if (std::isnan(second_value(number))) continue;
    dots.add(frame.canvas(), frame.x(history.value(number)), frame.y(second_value(number)),
             [&] { return trial_title(history, number); });
  }
  dots.draw(frame.canvas());
  for (const std::int64_t number : thin(pareto_front(history), kMaxTitles)) {
    front.add(frame.canvas(), frame.x(history.value(number)), frame.y(second_value(number)),
              [&] { return trial_title(history, number); });
  }
  return frame.take();
}

}  // namespace trimtab
