#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/capability_dynamics/capability_dynamics.hpp"
#include "trimtab/science/capability_dynamics/final_score.hpp"
#include "trimtab/science/capability_dynamics/isotonic_curves.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kShuffles = 999;
constexpr std::size_t kResamples = 1000;
constexpr std::size_t kFewestSizes = 4;  // that a prediction needs

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> items;
  for (const std::string_view part : split(text, ',')) {
    if (!trim(part).empty()) items.emplace_back(trim(part));
  }
  return items;
}

std::map<std::string, double> given_chance(const std::string& text) {
  std::map<std::string, double> chance;
  for (const std::string& item : list_of(text)) {
    const std::size_t at = item.rfind('=');
    double value = 0.0;
    if (at == std::string::npos || !parse_double(item.substr(at + 1), value) || !(value >= 0.0) ||
        !(value < 1.0)) {
      throw UserError({.code = "capability_dynamics.chance",
                       .what = "a chance level cannot be read",
                       .where = "option \"chance\"",
                       .got = quote(item),
                       .expected = "TASK=LEVEL with a level in [0, 1), separated by commas",
                       .hint = ""});
    }
    chance[item.substr(0, at)] = value;
  }
  return chance;
}

std::size_t count(const std::vector<bool>& flags) {
  return static_cast<std::size_t>(std::count(flags.begin(), flags.end(), true));
}

// Everything that the report says.
struct Findings {
  TaskCurves curves;
  std::vector<double> chance;               // [t]
  std::vector<std::vector<bool>> is_above;  // [t][c], at the end
  std::vector<std::size_t> learned;         // tasks
  std::size_t early = 0;                    // index of the step that predictions start from
  Similarity similarity;
  InformativeStep overall;
  std::vector<InformativeStep> informative;  // of learned
  std::vector<FinalPrediction> predictions;  // of learned; empty when there is too little
  std::vector<std::string> names_of_predictors;

  bool is_similarity_known() const { return !std::isnan(similarity.mean); }
  double share_of(std::size_t step) const { return curves.steps[step] / curves.steps.back(); }
};

// Tasks that enough configurations do above chance at a step.
std::vector<std::size_t> learned_at(const TaskCurves& curves, std::span<const double> chance,
                                    std::size_t step, double share) {
  const auto is_above = above_chance(curves, chance, step);
  const double needed = share * static_cast<double>(curves.configurations.size());
  std::vector<std::size_t> tasks;
  for (std::size_t t = 0; t < is_above.size(); ++t) {
    const std::size_t num = count(is_above[t]);
    if (num > 0 && static_cast<double>(num) >= needed) tasks.push_back(t);
  }
  return tasks;
}

void add_predictions(Findings& found, double share) {
  const auto predictors = learned_at(found.curves, found.chance, found.early, share);
  if (predictors.empty() || num_sizes(found.curves) < kFewestSizes) return;
  for (const std::size_t t : predictors) {
    found.names_of_predictors.push_back(found.curves.tasks[t]);
  }
  for (const std::size_t t : found.learned) {
    found.predictions.push_back(predict_final_scores(found.curves, t, predictors, found.early));
  }
}

Findings find(const DataTable& table, const OptionValues& options) {
  Findings found;
  found.curves = read_task_curves(table, options.text("metric"), list_of(options.text("tasks")));
  const TaskCurves& curves = found.curves;
  found.chance = chance_levels(curves, given_chance(options.text("chance")));
  found.is_above = above_chance(curves, found.chance, curves.last());
  const double share = options.number("share");
  found.learned = learned_at(curves, found.chance, curves.last(), share);
  while (found.early + 1 < curves.last() &&
         curves.steps[found.early + 1] <= options.number("cut") * curves.steps.back()) {
    ++found.early;
  }
  if (found.learned.empty()) return found;
  Rng rng(1, 0, "capability_dynamics");
  Rng shuffles = rng.derive("shuffles");
  found.similarity = similarity_across_sizes(
      options.text("smooth") == "isotonic" ? isotonic_curves(curves) : curves, found.learned,
      kShuffles, shuffles);
  const double threshold = options.number("tau");
  Rng resamples = rng.derive("resamples");
  found.overall = earliest_informative_step(mean_capability(curves, found.learned, found.chance),
                                            threshold, kResamples, resamples);
  for (const std::size_t t : found.learned) {
    std::vector<std::vector<double>> scores;
    for (std::size_t s = 0; s < curves.steps.size(); ++s) scores.push_back(curves.at(t, s));
    found.informative.push_back(
        earliest_informative_step(scores, threshold, kResamples, resamples));
  }
  add_predictions(found, share);
  return found;
}

// The median over the configurations in which a task emerges, of the step. NaN: nowhere.
double median_emergence(const Findings& found, std::size_t task) {
  std::vector<double> steps;
  for (std::size_t c = 0; c < found.curves.configurations.size(); ++c) {
    const std::size_t at =
        emergence(found.curves.scores[task][c], found.curves.errors[task][c], found.chance[task]);
    if (at < found.curves.steps.size()) steps.push_back(found.curves.steps[at]);
  }
  return steps.empty() ? std::nan("") : quantile(steps, 0.5);
}

std::vector<double> known(const std::vector<double>& x) {
  std::vector<double> result;
  std::copy_if(x.begin(), x.end(), std::back_inserter(result),
               [](double each) { return !std::isnan(each); });
  return result;
}

std::string rho_text(const std::vector<double>& rho) {
  const std::vector<double> values = known(rho);
  if (values.empty()) return "-";
  return fmt::format("{:.2f} ({:.2f})", quantile(values, 0.5),
                     *std::min_element(values.begin(), values.end()));
}

// Tasks that too few models learned, by name; those that none did, as a count.
void append_other_tasks(const Findings& found, std::vector<std::string>& lines) {
  std::size_t num_flat = 0;
  std::string rare;
  for (std::size_t t = 0; t < found.curves.tasks.size(); ++t) {
    if (std::binary_search(found.learned.begin(), found.learned.end(), t)) continue;
    const std::size_t num = count(found.is_above[t]);
    if (num == 0) ++num_flat;
    if (num > 0) {
      rare += fmt::format("{}{} ({})", rare.empty() ? "" : ", ", found.curves.tasks[t], num);
    }
  }
  if (num_flat > 0) {
    lines.push_back(fmt::format("{} of {} tasks: at chance in every model, no dynamics", num_flat,
                                found.curves.tasks.size()));
  }
  if (!rare.empty()) lines.push_back("above chance in too few models: " + rare);
}

std::vector<std::string> lines_of(const Findings& found) {
  std::vector<std::string> lines = {fmt::format("{:<22} {:>8} {:>8} {:>14} {:>26} {:>17}", "task",
                                                "above", "from", "rho (least)",
                                                "order known from (tau)", "error (as is)")};
  for (std::size_t i = 0; i < found.learned.size(); ++i) {
    const std::size_t t = found.learned[i];
    const InformativeStep& step = found.informative[i];
    const std::string error = found.predictions.empty()
                                  ? "-"
                                  : fmt::format("{:.4f} ({:.4f})", found.predictions[i].error,
                                                found.predictions[i].last_value_error);
    lines.push_back(fmt::format(
        "{:<22} {:>8} {:>8} {:>14} {:>26} {:>17}", found.curves.tasks[t],
        fmt::format("{}/{}", count(found.is_above[t]), found.curves.configurations.size()),
        format_short(median_emergence(found, t), 6), rho_text(found.similarity.rho[i]),
        fmt::format("{} ({:.2f} [{:.2f}, {:.2f}])", format_number(found.curves.steps[step.step]),
                    step.tau, step.interval.low, step.interval.high),
        error));
  }
  append_other_tasks(found, lines);
  return lines;
}

std::string verdict_of(const Findings& found) {
  const TaskCurves& curves = found.curves;
  if (found.learned.empty()) {
    return fmt::format("none of {} tasks ends above chance, so there are no dynamics to compare",
                       curves.tasks.size());
  }
  std::string text =
      fmt::format("{} of {} tasks rise above chance", found.learned.size(), curves.tasks.size());
  text += found.is_similarity_known()
              ? fmt::format(
                    "; neighbouring sizes move {} (mean rho {:.2f}, shuffled tasks {:.2f}, "
                    "p = {})",
                    found.similarity.p < 0.05 ? "alike task by task"
                                              : "no more alike in a "
                                                "task than across tasks",
                    found.similarity.mean, found.similarity.null_mean,
                    format_short(found.similarity.p, 2))
              : "; no two sizes of one family to compare";
  if (found.overall.step == curves.last()) {
    text += "; no earlier step orders the models as the last one does";
  } else {
    text += fmt::format(
        "; a first rung at step {} ({} % of training) orders the models as the end "
        "does (tau {:.2f} [{:.2f}, {:.2f}])",
        format_number(curves.steps[found.overall.step]),
        format_short(100.0 * found.share_of(found.overall.step), 2), found.overall.tau,
        found.overall.interval.low, found.overall.interval.high);
  }
  if (found.predictions.empty()) return text + "; too few sizes or early scores to predict from";
  const auto num_better =
      std::count_if(found.predictions.begin(), found.predictions.end(),
                    [](const FinalPrediction& each) { return each.error < each.last_value_error; });
  return text + fmt::format(
                    "; from step {} the final scores of sizes never seen are predicted "
                    "better than by the scores there in {} of {} tasks",
                    format_number(curves.steps[found.early]), num_better, found.predictions.size());
}

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json learned_json(const Findings& found, std::size_t i) {
  const InformativeStep& step = found.informative[i];
  Json rho = Json::array();
  for (const double each : found.similarity.rho[i]) rho.push_back(number_json(each));
  Json json = {{"rho", std::move(rho)},
               {"informative_step", found.curves.steps[step.step]},
               {"tau", step.tau},
               {"tau_low", number_json(step.interval.low)},
               {"tau_high", number_json(step.interval.high)}};
  if (!found.predictions.empty()) {
    const FinalPrediction& prediction = found.predictions[i];
    json["prediction"] = {{"error", prediction.error},
                          {"last_value_error", prediction.last_value_error},
                          {"r2", number_json(prediction.r2)},
                          {"predicted", prediction.predicted}};
  }
  return json;
}

Json json_of(const Findings& found) {
  const TaskCurves& curves = found.curves;
  Json json = {{"models", Json::array()},
               {"steps", curves.steps},
               {"left_out", curves.num_left_out},
               {"early_step", curves.steps[found.early]},
               {"predictors", found.names_of_predictors},
               {"pairs", Json::array()}};
  for (const Configuration& each : curves.configurations) json["models"].push_back(each.name);
  for (const auto& [small, large] : neighbours_in_size(curves)) {
    json["pairs"].push_back({curves.configurations[small].name, curves.configurations[large].name});
  }
  for (std::size_t t = 0; t < curves.tasks.size(); ++t) {
    Json emerges = Json::array();
    for (std::size_t c = 0; c < curves.configurations.size(); ++c) {
      const std::size_t at = emergence(curves.scores[t][c], curves.errors[t][c], found.chance[t]);
      emerges.push_back(at < curves.steps.size() ? Json(curves.steps[at]) : Json());
    }
    json["tasks"][curves.tasks[t]] = {{"chance", found.chance[t]},
                                      {"above_chance", found.is_above[t]},
                                      {"emerges", std::move(emerges)},
                                      {"has_dynamics", false},
                                      {"final", curves.at(t, curves.last())}};
  }
  for (std::size_t i = 0; i < found.learned.size(); ++i) {
    Json& task = json["tasks"][curves.tasks[found.learned[i]]];
    task.update(learned_json(found, i));
    task["has_dynamics"] = true;
  }
  if (found.learned.empty()) return json;
  json["similarity"] = {{"mean", number_json(found.similarity.mean)},
                        {"shuffled", number_json(found.similarity.null_mean)},
                        {"p", found.similarity.p}};
  json["rung"] = {{"step", curves.steps[found.overall.step]},
                  {"share", found.share_of(found.overall.step)},
                  {"tau", found.overall.tau}};
  return json;
}

constexpr std::size_t kMaxTasks = 6;  // that are told apart by colour

// The mean of the models on each learned task, and where a rung may stand.
Figure courses_figure(const Findings& found) {
  const TaskCurves& curves = found.curves;
  Figure figure = {.title = "What is learned, and when",
                   .caption =
                       "The mean of all models on each task that they learned. From the "
                       "line on, the order of the models is the final one.",
                   .x = {.name = "step", .is_log = true},
                   .y = {.name = "mean score"}};
  for (std::size_t i = 0; i < found.learned.size(); ++i) {
    const bool is_named = i < kMaxTasks;
    FigureSeries series = {.name = is_named ? curves.tasks[found.learned[i]] : "",
                           .x = curves.steps,
                           .emphasis = is_named ? Emphasis::Normal : Emphasis::Quiet};
    for (std::size_t s = 0; s < curves.steps.size(); ++s) {
      series.y.push_back(mean(curves.at(found.learned[i], s)));
    }
    figure.series.push_back(std::move(series));
  }
  if (found.learned.size() > kMaxTasks) figure.caption += " Grey: the other tasks.";
  figure.series.push_back({.name = "order known from here",
                           .mark = Mark::Rules,
                           .x = {curves.steps[found.overall.step]},
                           .emphasis = Emphasis::Strong});
  return figure;
}

Figure predictions_figure(const Findings& found) {
  Figure figure = {
      .title = "Final scores of sizes never seen",
      .caption = fmt::format("Root mean square error from step {}: the ridge over all tasks, and "
                             "the score there taken for the final one.",
                             format_number(found.curves.steps[found.early])),
      .x = {.name = "error of the final score"}};
  FigureSeries predicted = {.name = "predicted", .mark = Mark::Bars};
  FigureSeries as_is = {.name = "as it is", .mark = Mark::Bars, .emphasis = Emphasis::Quiet};
  for (std::size_t i = 0; i < found.predictions.size(); ++i) {
    figure.y.categories.push_back(found.curves.tasks[found.learned[i]]);
    for (FigureSeries* series : {&predicted, &as_is}) {
      series->y.push_back(static_cast<double>(i));
      series->x.push_back(series == &predicted ? found.predictions[i].error
                                               : found.predictions[i].last_value_error);
      series->labels.push_back(format_short(series->x.back(), 2));
    }
  }
  figure.series = {std::move(predicted), std::move(as_is)};
  return figure;
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const Findings found = find(table, options);
  AnalysisResult result = {
      .verdict = verdict_of(found), .lines = lines_of(found), .data = json_of(found).dump()};
  if (!found.learned.empty()) result.figures.push_back(courses_figure(found));
  if (!found.predictions.empty()) result.figures.push_back(predictions_figure(found));
  return result;
}

}  // namespace

AnalysisEntry capability_dynamics_entry() {
  return {.info = {.name = "capability_dynamics",
                   .purpose = "which tasks do models learn, alike at every size, and how early is "
                              "the end known?",
                   .source = "Yang et al. 2024, the fine line; standard rank statistics",
                   .options = {{.name = "metric",
                                .default_value = std::string("acc"),
                                .purpose = "rows of this metric are scores, of METRIC_stderr their "
                                           "errors; maximised, at most 1"},
                               {.name = "tasks",
                                .default_value = std::string(),
                                .purpose = "names, separated by commas; all unless given"},
                               {.name = "chance",
                                .default_value = std::string(),
                                .purpose = "TASK=LEVEL, separated by commas; TASK is the beginning "
                                           "of a name. The first checkpoint's mean where larger"},
                               {.name = "share",
                                .default_value = 0.25,
                                .purpose = "of the models that must be above chance for a task to "
                                           "count as learned",
                                .low = 0.0,
                                .high = 1.0},
                               {.name = "smooth",
                                .default_value = std::string("none"),
                                .purpose = "curves of neighbouring sizes before they are compared; "
                                           "isotonic hides that scores fall again",
                                .choices = {"none", "isotonic"}},
                               {.name = "tau",
                                .default_value = 0.8,
                                .purpose = "agreement with the final order that a rung needs",
                                .low = 0.0,
                                .high = 1.0},
                               {.name = "cut",
                                .default_value = 1.0 / 3.0,
                                .purpose = "share of the steps that predictions may see",
                                .low = 0.0,
                                .high = 1.0}}},
          .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(capability_dynamics, capability_dynamics_entry())
