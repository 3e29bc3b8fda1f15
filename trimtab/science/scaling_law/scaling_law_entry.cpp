#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/scaling_law/scaling_figures.hpp"
#include "trimtab/science/scaling_law/scaling_law.hpp"
#include "trimtab/science/scaling_law/step_law_prior.hpp"

namespace trimtab {
namespace {

struct RegretSummary {
  double median = 0.0, mean = 0.0, largest = 0.0, worth = 0.0;
};

RegretSummary summarise(const std::vector<TaskRegret>& regrets) {
  std::vector<double> values, worths;
  for (const TaskRegret& regret : regrets) {
    values.push_back(regret.regret);
    worths.push_back(static_cast<double>(regret.worth_in_trials));
  }
  return {quantile(values, 0.5), mean(values), *std::max_element(values.begin(), values.end()),
          quantile(worths, 0.5)};
}

std::string law_text(const StepLaw& law) {
  return fmt::format("lr = {} N^{} D^{}, batch = {} D^{} tokens",
                     format_short(std::exp(law.lr_constant)), format_short(law.lr_parameters),
                     format_short(law.lr_tokens), format_short(std::exp(law.batch_constant)),
                     format_short(law.batch_tokens));
}

std::string percent(double excess) { return format_short(100.0 * excess, 2) + " %"; }

std::string regret_line(const std::string& name, const RegretSummary& summary) {
  return fmt::format("{:<28} median {:>8}, mean {:>8}, max {:>8}, worth {:.0f} random runs", name,
                     percent(summary.median), percent(summary.mean), percent(summary.largest),
                     summary.worth);
}

Json summary_json(const RegretSummary& summary) {
  return {{"median", summary.median},
          {"mean", summary.mean},
          {"max", summary.largest},
          {"worth_in_trials", summary.worth}};
}

Json law_json(const StepLaw& law) {
  return {{"lr", {law.lr_constant, law.lr_parameters, law.lr_tokens}},
          {"batch", {law.batch_constant, law.batch_tokens}}};
}

SweepColumns columns_of(const OptionValues& options) {
  return {.parameters = options.text("parameters"),
          .tokens = options.text("tokens"),
          .learning_rate = options.text("learning_rate"),
          .batch = options.text("batch"),
          .loss = options.text("loss"),
          .sequence_length = options.number("sequence_length")};
}

// Fit without the largest N, and the regret there: the only number that is a forecast.
std::optional<RegretSummary> forecast(const std::vector<SweepTask>& tasks, double max_excess) {
  const double largest = tasks.back().num_parameters;
  std::vector<SweepTask> smaller, held_out;
  for (const SweepTask& task : tasks) {
    (task.num_parameters < largest ? smaller : held_out).push_back(task);
  }
  Rng rng(1);
  try {
    return summarise(regrets_of(fit_step_law(smaller, max_excess, 0, rng).law, held_out));
  } catch (const UserError&) {
    return std::nullopt;
  }
}

Json tasks_json(const std::vector<SweepTask>& tasks, const std::vector<TaskRegret>& regrets) {
  Json json = Json::array();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const SweepTask& task = tasks[i];
    const Bowl bowl = fit_bowl(task);
    json.push_back({{"parameters", task.num_parameters},
                    {"tokens", task.num_tokens},
                    {"runs", task.runs.size()},
                    {"best_learning_rate", task.runs[task.best].learning_rate},
                    {"best_batch_tokens", task.runs[task.best].batch_tokens},
                    {"is_censored", task.is_censored},
                    {"regret", regrets[i].regret},
                    {"worth_in_trials", regrets[i].worth_in_trials},
                    {"bowl_r_squared", bowl.r_squared},
                    {"bowl_is_convex", bowl.is_convex}});
  }
  return json;
}

// The law at another scale, and as the space of a study there.
void add_prediction(const StepLaw& law, const std::vector<SweepTask>& tasks,
                    const SweepColumns& columns, const OptionValues& options,
                    std::vector<std::string>& lines, Json& json) {
  const double at_n = options.number("predict_parameters"), at_d = options.number("predict_tokens");
  if (at_n <= 0.0 || at_d <= 0.0) return;
  lines.push_back(fmt::format(
      "at N = {}, D = {}: lr {}, batch {} tokens; for a study there:", format_short(at_n),
      format_short(at_d), format_short(law.learning_rate(at_n, at_d)),
      format_short(law.batch(at_d))));
  const StepLawPrior prior = prior_at(tasks, options.number("max_excess"), at_n, at_d);
  const std::string space = space_lines(prior, columns);
  for (const std::string_view line : split(trim(space), '\n')) lines.emplace_back(line);
  json["prediction"] = {{"learning_rate", law.learning_rate(at_n, at_d)},
                        {"batch_tokens", law.batch(at_d)},
                        {"log_learning_rate_deviation", prior.learning_rate.deviation},
                        {"log_batch_deviation", prior.batch_tokens.deviation},
                        {"study_space", space}};
}

AnalysisResult analyse_rates(const DataTable& table, const SweepColumns& columns,
                             const OptionValues& options) {
  const std::vector<SweepTask> tasks = group_tasks(read_sweep(table, columns));
  const double max_excess = options.number("max_excess");
  Rng rng(1, 0, "scaling_law");
  const StepLawFit fit =
      fit_step_law(tasks, max_excess, static_cast<std::size_t>(options.integer("resamples")), rng);
  const std::vector<TaskRegret> regrets = regrets_of(fit.law, tasks);
  const RegretSummary own = summarise(regrets);
  const RegretSummary published = summarise(regrets_of(published_step_law(), tasks));
  const std::optional<RegretSummary> ahead = forecast(tasks, max_excess);
  const auto num_censored = std::count_if(tasks.begin(), tasks.end(),
                                          [](const SweepTask& task) { return task.is_censored; });
  std::size_t num_runs = 0;
  for (const SweepTask& task : tasks) num_runs += task.runs.size();
  AnalysisResult result;
  result.verdict = fmt::format(
      "{}, from {} of {} runs of {} tasks; {}", law_text(fit.law), fit.num_kept, num_runs,
      tasks.size(),
      ahead
          ? fmt::format("fitted without the largest model it loses {} there at most, worth {:.0f} "
                        "random runs",
                        percent(ahead->largest), ahead->worth)
          : "too few sizes to forecast the largest, so nothing says that it holds at another "
            "scale");
  result.lines = {regret_line("this law, on its own tasks", own),
                  regret_line("the published law", published)};
  if (ahead) result.lines.push_back(regret_line("forecast of the largest N", *ahead));
  const double spread = tasks.back().num_parameters / tasks.front().num_parameters;
  if (spread < 1.5) {
    result.lines.push_back(fmt::format(
        "the largest model is only {} times the smallest: the exponent of N is not identified",
        format_short(spread)));
  }
  if (num_censored > 0) {
    result.lines.push_back(
        fmt::format("{} of {} tasks have their best run on the border of the grid", num_censored,
                    tasks.size()));
  }
  Json json = {{"law", law_json(fit.law)},        {"kept", fit.num_kept},
               {"own_regret", summary_json(own)}, {"published_law_regret", summary_json(published)},
               {"censored_tasks", num_censored},  {"tasks", tasks_json(tasks, regrets)}};
  json["forecast_regret"] = ahead ? summary_json(*ahead) : Json();
  Json intervals = Json::array();
  for (const Interval& interval : fit.intervals) intervals.push_back({interval.low, interval.high});
  json["intervals"] = std::move(intervals);
  add_prediction(fit.law, tasks, columns, options, result.lines, json);
  result.data = json.dump();
  result.figures = step_law_figures(fit.law, tasks);
  return result;
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const SweepColumns columns = columns_of(options);
  return options.text("law") == "loss" ? analyse_losses(table, columns, options)
                                       : analyse_rates(table, columns, options);
}

OptionInfo text_option(const char* name, const char* value, const char* purpose) {
  return {.name = name, .default_value = std::string(value), .purpose = purpose};
}

OptionInfo number_option(const char* name, double value, const char* purpose, double low) {
  return {.name = name, .default_value = value, .purpose = purpose, .low = low};
}

std::vector<OptionInfo> options_of_the_analysis() {
  return {{.name = "law",
           .default_value = std::string("step"),
           .purpose = "of the best learning rate and batch size, or of the loss",
           .choices = {"step", "loss"}},
          text_option("parameters", "N", "column of the model sizes"),
          text_option("tokens", "D", "column of the training tokens"),
          text_option("learning_rate", "lr", "column of the learning rates"),
          text_option("batch", "bs", "column of the batch sizes"),
          text_option("loss", "smooth loss", "column of the final losses"),
          number_option("sequence_length", 2048.0, "tokens in one unit of the batch size", 1e-9),
          number_option("max_excess", 0.0025,
                        "step law: runs this close to their task's best are fitted", 1e-9),
          {.name = "form",
           .default_value = std::string("kaplan"),
           .purpose = "loss law: as published, with an irreducible loss, or without batches",
           .choices = {"kaplan", "irreducible", "no_batch"}},
          {.name = "resamples",
           .default_value = std::int64_t{1000},
           .purpose = "for the intervals; 0 = none",
           .low = 0,
           .high = 1e6},
          number_option("predict_parameters", 0.0, "predict at this model size", 0.0),
          number_option("predict_tokens", 0.0, "and this many tokens", 0.0),
          number_option("predict_batch", 0.0, "loss law: and this batch size", 0.0)};
}

}  // namespace

AnalysisEntry scaling_law_entry() {
  return {.info = {.name = "scaling_law",
                   .purpose = "how do the best learning rate, the batch size and the loss change "
                              "with model and data?",
                   .source = "Li et al. 2025, step law; Su et al. 2024, loss law",
                   .options = options_of_the_analysis()},
          .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(scaling_law, scaling_law_entry())
