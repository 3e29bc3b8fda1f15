#include "trimtab/science/reusable_holdout/reusable_holdout.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/reusable_holdout/holdout_figures.hpp"

namespace trimtab {

HoldoutReplay replay_holdout(std::span<const double> train, std::span<const double> holdout,
                             const ThresholdoutOptions& options, const Rng& rng) {
  Thresholdout mechanism(options, rng);
  HoldoutReplay replay;
  double best_naive = -INFINITY, best_told = -INFINITY;
  for (std::size_t row = 0; row < train.size(); ++row) {
    if (!std::isfinite(train[row]) || !std::isfinite(holdout[row])) {
      ++replay.num_left_out;
      continue;
    }
    if (holdout[row] > best_naive) {
      best_naive = holdout[row];
      replay.naive_champion = row;
    }
    if (mechanism.remaining() == 0) {
      replay.is_exhausted = true;
      continue;
    }
    replay.answers.push_back(mechanism.ask(train[row], holdout[row]));
    if (replay.answers.back().value > best_told) {
      best_told = replay.answers.back().value;
      replay.champion = row;
    }
  }
  if (replay.answers.empty()) {
    throw UserError({.code = "holdout.table",
                     .what = "no row has a training and a holdout value",
                     .where = "reusable_holdout",
                     .got = "",
                     .expected = "numbers in both columns",
                     .hint = ""});
  }
  return replay;
}

namespace {

struct Columns {
  std::vector<double> train, holdout, sealed;
};

Columns read_columns(const DataTable& table, const OptionValues& options) {
  if (options.text("train").empty() || options.text("holdout").empty()) {
    throw UserError({.code = "holdout.options",
                     .what = "which columns hold the training and the holdout values?",
                     .where = "trimtab analyse reusable_holdout",
                     .got = "",
                     .expected = "--option train=COLUMN --option holdout=COLUMN",
                     .hint = "the table has " + one_of(table.names)});
  }
  Columns columns = {
      table.numbers(options.text("train")), table.numbers(options.text("holdout")), {}};
  if (!options.text("sealed").empty()) columns.sealed = table.numbers(options.text("sealed"));
  const double scale = options.number("scale") * (options.flag("minimise") ? -1.0 : 1.0);
  for (std::vector<double>* column : {&columns.train, &columns.holdout, &columns.sealed}) {
    for (double& value : *column) value *= scale;
  }
  return columns;
}

std::string champion_text(const Columns& columns, std::size_t row, double claimed, double sign) {
  if (columns.sealed.empty() || std::isnan(columns.sealed[row])) {
    return fmt::format("row {} with {}", row + 1, format_short(sign * claimed));
  }
  return fmt::format("row {} claims {} and has {} on the sealed set (bias {})", row + 1,
                     format_short(sign * claimed), format_short(sign * columns.sealed[row]),
                     format_short(claimed - columns.sealed[row], 2));
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const Columns columns = read_columns(table, options);
  const double unit = 1.0 / std::sqrt(static_cast<double>(options.integer("items")));
  const ThresholdoutOptions setting = {.threshold = options.number("threshold") * unit,
                                       .noise = options.number("noise") * unit,
                                       .budget = options.integer("budget"),
                                       .family = options.text("family") == "gaussian"
                                                     ? HoldoutNoise::Gaussian
                                                     : HoldoutNoise::Laplace};
  const Rng rng(static_cast<std::uint64_t>(options.integer("seed")), 0, "reusable_holdout");
  const HoldoutReplay replay = replay_holdout(columns.train, columns.holdout, setting, rng);
  const auto num_overruns =
      std::count_if(replay.answers.begin(), replay.answers.end(),
                    [](const HoldoutAnswer& answer) { return answer.is_from_holdout; });
  double best_told = -INFINITY;
  for (const HoldoutAnswer& answer : replay.answers) best_told = std::max(best_told, answer.value);
  const double sign = options.flag("minimise") ? -1.0 : 1.0;
  AnalysisResult result;
  result.verdict =
      replay.is_exhausted
          ? fmt::format(
                "the budget of {} is gone after {} of {} queries: the holdout may not "
                "judge the rest",
                setting.budget, replay.answers.size(), columns.train.size() - replay.num_left_out)
          : fmt::format("{} queries spent {} of the budget of {}: the holdout still holds",
                        replay.answers.size(), num_overruns, setting.budget);
  result.lines = {
      fmt::format("threshold {}, noise {}", format_short(setting.threshold),
                  format_short(setting.noise)),
      "asked directly: " + champion_text(columns, replay.naive_champion,
                                         columns.holdout[replay.naive_champion], sign),
      "through the mechanism: " + champion_text(columns, replay.champion, best_told, sign)};
  const Json json = {{"queries", replay.answers.size()}, {"overruns", num_overruns},
                     {"budget", setting.budget},         {"is_exhausted", replay.is_exhausted},
                     {"left_out", replay.num_left_out},  {"threshold", setting.threshold},
                     {"noise", setting.noise},           {"naive_champion", replay.naive_champion},
                     {"champion", replay.champion},      {"champion_reported", sign * best_told}};
  result.data = json.dump();
  result.figures =
      holdout_figures(columns.train, columns.holdout, columns.sealed, replay, setting.budget, sign);
  return result;
}

OptionInfo column_option(const char* name, const char* purpose) {
  return {.name = name, .default_value = std::string(), .purpose = purpose};
}

}  // namespace

AnalysisEntry reusable_holdout_entry() {
  return {
      .info = {.name = "reusable_holdout",
               .purpose = "how often may a sweep ask its holdout, and what would a guarded holdout "
                          "have said?",
               .source = "Dwork et al. 2015, Thresholdout",
               .options = {column_option("train", "column of the training scores"),
                           column_option("holdout", "column of the holdout scores"),
                           column_option("sealed", "column of scores that nobody has looked at"),
                           {.name = "items",
                            .default_value = std::int64_t{1000},
                            .purpose = "holdout items; threshold and noise scale with 1 / sqrt",
                            .low = 1},
                           {.name = "threshold",
                            .default_value = 4.0,
                            .purpose = "in units of 1 / sqrt(items)",
                            .low = 1e-6,
                            .high = 1e6},
                           {.name = "noise",
                            .default_value = 0.25,
                            .purpose = "in units of 1 / sqrt(items)",
                            .low = 1e-6,
                            .high = 1e6},
                           {.name = "budget",
                            .default_value = std::int64_t{50},
                            .purpose = "how often the holdout may answer",
                            .low = 1},
                           {.name = "family",
                            .default_value = std::string("laplace"),
                            .purpose = "of the noise",
                            .choices = {"laplace", "gaussian"}},
                           {.name = "scale",
                            .default_value = 1.0,
                            .purpose = "factor that brings scores into [0, 1]; 0.01 for per cent",
                            .low = 1e-12,
                            .high = 1e12},
                           {.name = "minimise",
                            .default_value = false,
                            .purpose = "smaller scores are better"},
                           {.name = "seed",
                            .default_value = std::int64_t{1},
                            .purpose = "of the replay's noise; a guard in use needs a secret one",
                            .low = 0}}},
      .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(reusable_holdout, reusable_holdout_entry())
