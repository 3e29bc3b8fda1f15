#include "trimtab/science/hyperparameter_lottery/lottery_figures.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxTasks = 4;

std::string on_task(const std::string& task) { return task.empty() ? "" : " on " + task; }

void add(FigureSeries& series, double x, double y) {
  series.x.push_back(x);
  series.y.push_back(y);
}

// The expected smallest loss of m settings drawn without replacement.
double expected_best(const std::vector<double>& losses, std::size_t m) {
  const PlacedSettings placed = place_settings(std::vector<std::vector<double>>{losses});
  const DrawChances chances = draw_chances(placed.places, placed.losses.size(), m);
  return std::inner_product(placed.losses.begin(), placed.losses.end(), chances[0].begin(), 0.0);
}

Figure spread_figure(const std::string& task, const Lottery& lottery, const Objective& objective) {
  Figure figure = {.title = "Every setting's value" + on_task(task),
                   .caption =
                       "One dot per setting of the algorithm's own hyperparameters, its "
                       "repeats averaged. Rows that overlap are a lottery.",
                   .x = {.name = objective.name}};
  FigureSeries settings = {.name = "setting", .mark = Mark::Points};
  FigureSeries medians = {.name = "median and quartiles", .mark = Mark::Ticks};
  medians.emphasis = Emphasis::Strong;
  for (const SettingSpread& each : lottery.algorithms) {
    const double row = static_cast<double>(figure.y.categories.size());
    figure.y.categories.push_back(each.name);
    for (const double loss : each.losses) add(settings, objective.value(loss), row);
    add(medians, objective.value(each.median), row);
    const double lower = objective.value(each.lower), upper = objective.value(each.upper);
    medians.low.push_back(std::min(lower, upper));
    medians.high.push_back(std::max(lower, upper));
  }
  figure.series = {std::move(settings), std::move(medians)};
  return figure;
}

Figure best_of_figure(const std::string& task, const Lottery& lottery, const Objective& objective) {
  Figure figure = {.title = "The best of some settings" + on_task(task),
                   .caption =
                       "What an algorithm can be expected to give when it keeps the best of "
                       "so many of its settings, drawn at random. Lines that cross change "
                       "the order of the algorithms.",
                   .x = {.name = "settings tried"},
                   .y = {.name = objective.name}};
  for (const SettingSpread& each : lottery.algorithms) {
    FigureSeries series = {.name = each.name};
    for (std::size_t m = 1; m <= lottery.equal_settings; ++m) {
      add(series, static_cast<double>(m), objective.value(expected_best(each.losses, m)));
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

// Losses of the medians, task by task; empty when the tasks do not share their algorithms.
std::vector<double> medians_of(const std::map<std::string, Lottery>& lotteries,
                               std::vector<std::string>& names) {
  std::vector<double> medians;
  for (const auto& [task, lottery] : lotteries) {
    std::vector<std::string> here;
    for (const SettingSpread& each : lottery.algorithms) {
      here.push_back(each.name);
      medians.push_back(each.median);
    }
    if (names.empty()) names = here;
    if (here != names) return {};
  }
  return medians;
}

}  // namespace

std::vector<Figure> lottery_figures(const std::map<std::string, Lottery>& lotteries,
                                    const Objective& objective) {
  std::vector<Figure> figures;
  std::vector<std::string> names;
  const std::vector<double> medians = medians_of(lotteries, names);
  if (lotteries.size() >= 3 && !medians.empty()) {
    figures.push_back(
        rank_figure("Mean ranks of the median settings over the tasks", names, medians));
  }
  std::size_t num_shown = 0;
  for (const auto& [task, lottery] : lotteries) {
    if (++num_shown > kMaxTasks) break;
    figures.push_back(spread_figure(task, lottery, objective));
    figures.push_back(best_of_figure(task, lottery, objective));
  }
  return figures;
}

}  // namespace trimtab
