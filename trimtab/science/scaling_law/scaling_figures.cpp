#include "trimtab/science/scaling_law/scaling_figures.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxSizes = 6;  // that are told apart by colour
constexpr int kCurvePoints = 40;

// At most kMaxSizes of the sizes, evenly spread, first and last among them.
std::vector<double> shown_sizes(const std::vector<double>& all) {
  if (all.size() <= kMaxSizes) return all;
  std::vector<double> shown;
  for (std::size_t i = 0; i < kMaxSizes; ++i) {
    shown.push_back(all[i * (all.size() - 1) / (kMaxSizes - 1)]);
  }
  return shown;
}

std::vector<double> between(double low, double high) {
  std::vector<double> values;
  for (int i = 0; i <= kCurvePoints; ++i) {
    values.push_back(low * std::pow(high / low, static_cast<double>(i) / kCurvePoints));
  }
  return values;
}

// "215M", "1.2G".
std::string count_text(double count) {
  constexpr std::array<const char*, 5> kUnits = {"", "k", "M", "G", "T"};
  std::size_t unit = 0;
  while (count >= 999.5 && unit + 1 < kUnits.size()) {
    count /= 1000.0;
    ++unit;
  }
  return fmt::format("{:.3g}{}", count, kUnits[unit]);
}

std::string size_text(double num_parameters) { return "N = " + count_text(num_parameters); }

std::string left_out_text(std::size_t num_sizes) {
  if (num_sizes <= kMaxSizes) return "";
  return fmt::format(" {} of the {} sizes are shown.", kMaxSizes, num_sizes);
}

struct TokenRange {
  double low = 0.0, high = 0.0;
};

TokenRange tokens_of(std::span<const SweepTask> tasks) {
  const auto [low, high] = std::minmax_element(
      tasks.begin(), tasks.end(),
      [](const SweepTask& a, const SweepTask& b) { return a.num_tokens < b.num_tokens; });
  return {low->num_tokens, high->num_tokens};
}

Figure rates_figure(const StepLaw& law, std::span<const SweepTask> tasks) {
  std::vector<double> sizes;
  for (const SweepTask& task : tasks) sizes.push_back(task.num_parameters);
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  Figure figure = {.title = "Best learning rate",
                   .caption =
                       "Dots: the best run of each model size and number of tokens. Lines: "
                       "the law for that size." +
                       left_out_text(sizes.size()),
                   .x = {.name = "training tokens D", .is_log = true},
                   .y = {.name = "learning rate", .is_log = true}};
  const TokenRange range = tokens_of(tasks);
  for (const double size : shown_sizes(sizes)) {
    FigureSeries best = {.name = size_text(size), .mark = Mark::Points};
    for (const SweepTask& task : tasks) {
      if (task.num_parameters != size) continue;
      best.x.push_back(task.num_tokens);
      best.y.push_back(task.runs[task.best].learning_rate);
    }
    FigureSeries line = {.name = best.name + ", the law", .x = between(range.low, range.high)};
    for (const double d : line.x) line.y.push_back(law.learning_rate(size, d));
    line.is_of_previous = true;
    figure.series.push_back(std::move(best));
    figure.series.push_back(std::move(line));
  }
  return figure;
}

Figure batches_figure(const StepLaw& law, std::span<const SweepTask> tasks) {
  FigureSeries best = {.name = "best run of a task", .mark = Mark::Points};
  for (const SweepTask& task : tasks) {
    best.x.push_back(task.num_tokens);
    best.y.push_back(task.runs[task.best].batch_tokens);
    best.labels.push_back(fmt::format("{}, D = {}: {} tokens", size_text(task.num_parameters),
                                      count_text(task.num_tokens), count_text(best.y.back())));
  }
  const TokenRange range = tokens_of(tasks);
  FigureSeries line = {.name = "the law", .x = between(range.low, range.high)};
  for (const double d : line.x) line.y.push_back(law.batch(d));
  line.emphasis = Emphasis::Strong;
  return {.title = "Best batch size",
          .caption = "The law says that the batch grows with the tokens alone, whatever the size.",
          .x = {.name = "training tokens D", .is_log = true},
          .y = {.name = "batch (tokens)", .is_log = true},
          .series = {std::move(line), std::move(best)}};
}

// The batch that most points have; of equally frequent ones the smallest.
double usual_batch(std::span<const LossPoint> points) {
  std::map<double, std::size_t> counts;
  for (const LossPoint& point : points) ++counts[point.batch_tokens];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

std::vector<double> sizes_at(std::span<const LossPoint> points, double batch) {
  std::vector<double> sizes;
  for (const LossPoint& point : points) {
    if (point.batch_tokens == batch) sizes.push_back(point.num_parameters);
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

Figure losses_figure(const LossLaw& law, std::span<const LossPoint> points) {
  const double batch = usual_batch(points);
  const std::vector<double> sizes = sizes_at(points, batch);
  Figure figure = {.title = fmt::format("Loss at a batch of {} tokens", count_text(batch)),
                   .caption =
                       "Dots: runs at their best learning rate, for the batch that most runs have. "
                       "Lines: the law." +
                       left_out_text(sizes.size()),
                   .x = {.name = "training tokens D", .is_log = true},
                   .y = {.name = "loss (nats per token)", .is_log = true}};
  for (const double size : shown_sizes(sizes)) {
    FigureSeries runs = {.name = size_text(size), .mark = Mark::Points};
    for (const LossPoint& point : points) {
      if (point.num_parameters != size || point.batch_tokens != batch) continue;
      runs.x.push_back(point.num_tokens());
      runs.y.push_back(point.loss);
    }
    const auto [low, high] = std::minmax_element(runs.x.begin(), runs.x.end());
    FigureSeries line = {.name = runs.name + ", the law", .x = between(*low, *high)};
    for (const double d : line.x) line.y.push_back(law.loss(size, d / batch, batch));
    line.is_of_previous = true;
    figure.series.push_back(std::move(runs));
    figure.series.push_back(std::move(line));
  }
  return figure;
}

Figure agreement_figure(const LossLaw& law, std::span<const LossPoint> points) {
  FigureSeries runs = {.name = "runs", .mark = Mark::Points};
  for (const LossPoint& point : points) {
    runs.x.push_back(law.loss(point.num_parameters, point.steps, point.batch_tokens));
    runs.y.push_back(point.loss);
    runs.labels.push_back(fmt::format("{}, {} steps of {} tokens: {}",
                                      size_text(point.num_parameters), format_short(point.steps),
                                      count_text(point.batch_tokens), format_short(point.loss)));
  }
  const auto [low, high] = std::minmax_element(runs.x.begin(), runs.x.end());
  FigureSeries equal = {.name = "as predicted", .x = {*low, *high}, .y = {*low, *high}};
  equal.emphasis = Emphasis::Strong;
  return {.title = "What the law says and what came out",
          .caption =
              "Every run that the law was fitted to. Dots above the line were worse than it "
              "says.",
          .x = {.name = "loss by the law", .is_log = true},
          .y = {.name = "loss of the run", .is_log = true},
          .series = {std::move(equal), std::move(runs)}};
}

}  // namespace

std::vector<Figure> step_law_figures(const StepLaw& law, std::span<const SweepTask> tasks) {
  if (tasks.empty()) return {};
  return {rates_figure(law, tasks), batches_figure(law, tasks)};
}

std::vector<Figure> loss_law_figures(const LossLaw& law, std::span<const LossPoint> points) {
  if (points.empty()) return {};
  return {losses_figure(law, points), agreement_figure(law, points)};
}

Figure trajectory_figure(const LossLawFit& fit, double num_parameters, double batch_tokens,
                         std::span<const double> steps) {
  FigureSeries series = {.name = "the law", .x = {steps.begin(), steps.end()}};
  for (const double s : steps) {
    series.y.push_back(fit.law.loss(num_parameters, s, batch_tokens));
    if (fit.resamples.empty()) continue;
    std::vector<double> losses;
    for (const LossLaw& law : fit.resamples) {
      losses.push_back(law.loss(num_parameters, s, batch_tokens));
    }
    series.low.push_back(quantile(losses, 0.025));
    series.high.push_back(quantile(losses, 0.975));
  }
  return {.title = fmt::format("Predicted run: {}, batches of {} tokens", size_text(num_parameters),
                               count_text(batch_tokens)),
          .caption = fit.resamples.empty()
                         ? "The loss at every step, by the law."
                         : "The loss at every step, by the law; the band holds 95 % of the laws "
                           "fitted to resampled runs.",
          .x = {.name = "steps", .is_log = true},
          .y = {.name = "loss (nats per token)", .is_log = true},
          .series = {std::move(series)}};
}

}  // namespace trimtab
