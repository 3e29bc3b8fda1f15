#include "trimtab/science/confirmation/confirmation_figures.hpp"

#include <fmt/core.h>

#include <cmath>
#include <map>

#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

// All configurations, the default last.
std::vector<const Finalist*> configurations_of(const Confirmation& confirmation) {
  std::vector<const Finalist*> all;
  for (const Finalist& finalist : confirmation.finalists) all.push_back(&finalist);
  if (confirmation.standard) all.push_back(&*confirmation.standard);
  return all;
}

std::string name_of(const Confirmation& confirmation, const Finalist& finalist) {
  const bool is_default = confirmation.standard && confirmation.standard->trial == finalist.trial;
  return is_default ? "default" : fmt::format("trial {}", finalist.trial);
}

void add(FigureSeries& series, double value, std::size_t row, std::string label) {
  series.x.push_back(value);
  series.y.push_back(static_cast<double>(row));
  series.labels.push_back(std::move(label));
}

Figure runs_figure(const Confirmation& confirmation, const Objective& objective) {
  Figure figure = {.title = "The finalists on fresh seeds",
                   .caption =
                       "Runs on seeds that the search never saw, and what the search "
                       "believed: a diamond beyond the mean flattered.",
                   .x = {.name = objective.name}};
  FigureSeries runs = {.name = "fresh run", .mark = Mark::Points};
  FigureSeries means = {.name = "mean", .mark = Mark::Ticks};
  FigureSeries believed = {.name = "in the search", .mark = Mark::Diamonds};
  believed.emphasis = Emphasis::Strong;
  for (const Finalist* finalist : configurations_of(confirmation)) {
    const std::size_t row = figure.y.categories.size();
    figure.y.categories.push_back(name_of(confirmation, *finalist));
    for (const auto& [seed, value] : finalist->runs) {
      add(runs, value, row, fmt::format("seed {}, {}", seed, format_short(value, 5)));
    }
    add(means, finalist->fresh_mean, row, format_short(finalist->fresh_mean, 5));
    add(believed, finalist->search_value, row, format_short(finalist->search_value, 5));
  }
  if (!runs.x.empty()) figure.series = {std::move(runs), std::move(means), std::move(believed)};
  return figure;
}

Figure improvements_figure(const Confirmation& confirmation, const Objective& objective) {
  Figure figure = {
      .title = "Improvement over the default",
      .caption = fmt::format("Mean over common fresh seeds, with intervals that hold together at "
                             "{} %. One that reaches the line shows no improvement.",
                             format_short(100.0 * (1.0 - confirmation.alpha))),
      .x = {.name = "improvement of " + objective.name}};
  FigureSeries series = {.name = "improvement", .mark = Mark::Points};
  for (const Finalist& finalist : confirmation.finalists) {
    const Comparison& against = finalist.against_default;
    if (against.num_pairs < 2) continue;
    const std::size_t row = figure.y.categories.size();
    figure.y.categories.push_back(name_of(confirmation, finalist));
    add(series, against.improvement, row, format_short(against.improvement));
    series.low.push_back(against.interval.low);
    series.high.push_back(against.interval.high);
  }
  if (series.x.empty()) return figure;
  figure.series = {std::move(series), {.mark = Mark::Rules, .x = {0.0}}};
  figure.series.back().emphasis = Emphasis::Quiet;
  return figure;
}

// Losses of every configuration on the seeds that all of them completed, seed by seed.
std::vector<double> common_losses(const std::vector<const Finalist*>& all,
                                  const Objective& objective) {
  std::map<std::uint64_t, std::vector<double>> by_seed;
  for (const Finalist* finalist : all) {
    for (const auto& [seed, value] : finalist->runs) {
      if (std::isfinite(value)) by_seed[seed].push_back(objective.loss(value));
    }
  }
  std::vector<double> losses;
  for (const auto& [seed, row] : by_seed) {
    if (row.size() == all.size()) losses.insert(losses.end(), row.begin(), row.end());
  }
  return losses;
}

}  // namespace

std::vector<Figure> confirmation_figures(const Confirmation& confirmation,
                                         const Objective& objective) {
  std::vector<Figure> figures;
  for (Figure& figure : std::vector{runs_figure(confirmation, objective),
                                    improvements_figure(confirmation, objective)}) {
    if (!figure.series.empty()) figures.push_back(std::move(figure));
  }
  const std::vector<const Finalist*> all = configurations_of(confirmation);
  const std::vector<double> losses = common_losses(all, objective);
  if (all.size() < 3 || losses.size() < 2 * all.size()) return figures;
  std::vector<std::string> names;
  for (const Finalist* finalist : all) names.push_back(name_of(confirmation, *finalist));
  figures.push_back(
      rank_figure("Mean ranks over the fresh seeds", std::move(names), losses, confirmation.alpha));
  return figures;
}

}  // namespace trimtab
