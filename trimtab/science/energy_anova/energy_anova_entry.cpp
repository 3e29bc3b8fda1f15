#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/distributions.hpp"
#include "trimtab/science/energy_anova/factorial_comparison.hpp"

namespace trimtab {
namespace {

std::vector<std::string> names_of(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string_view part : split(text, ',')) {
    if (!trim(part).empty()) names.emplace_back(trim(part));
  }
  return names;
}

std::string probability_text(double p) {
  if (std::isnan(p)) return "-";
  return p < 1e-4 ? "< 0.0001" : format_short(p, 3);
}

std::string p_text(double p) { return p < 1e-4 ? "p < 0.0001" : "p = " + format_short(p, 2); }

// "cpu_name moves rapl_power (F(4, 78) = 20.1, p < 0.0001 after Holm, partial eta^2 = 0.51)".
std::string sentence(const FactorComparison& factor, const Experiment& experiment,
                     const Anova& table, double alpha) {
  const std::string& name = experiment.factors[factor.factor].name;
  if (std::isnan(factor.row.p)) {
    return fmt::format("{}: nothing can be said, no run is left to measure the noise", name);
  }
  const std::string evidence = fmt::format(
      "F({}, {}) = {}, {} after Holm, partial eta^2 = {}", format_short(factor.row.freedom),
      format_short(table.residual_freedom), format_short(factor.row.f, 3), p_text(factor.p_holm),
      format_short(factor.row.partial_eta_squared, 2));
  if (factor.p_holm <= alpha) return fmt::format("{} matters ({})", name, evidence);
  const std::string needed =
      std::isfinite(factor.needed_per_level)
          ? fmt::format("{:.0f} runs per level would be needed for an effect of the size seen",
                        std::ceil(factor.needed_per_level))
          : "no number of runs would show an effect of the size seen";
  return fmt::format("{} is not shown to matter ({}; {})", name, evidence, needed);
}

std::vector<std::string> table_lines(const Anova& table) {
  std::vector<std::string> lines = {fmt::format("{:<28} {:>5} {:>12} {:>9} {:>9} {:>7}", "term",
                                                "df", "sum sq", "F", "p", "eta^2")};
  for (const AnovaRow& row : table.rows) {
    lines.push_back(fmt::format("{:<28} {:>5} {:>12} {:>9} {:>9} {:>7}", row.name,
                                format_short(row.freedom), format_short(row.sum_of_squares, 5),
                                std::isnan(row.f) ? "-" : format_short(row.f, 4),
                                probability_text(row.p), format_short(row.partial_eta_squared, 2)));
  }
  lines.push_back(fmt::format("{:<28} {:>5} {:>12}", "residuals",
                              format_short(table.residual_freedom),
                              format_short(table.residual_sum_of_squares, 5)));
  return lines;
}

void append_levels(const FactorComparison& factor, const Experiment& experiment,
                   std::vector<std::string>& lines) {
  const std::vector<std::string>& names = experiment.level_names[factor.factor];
  for (std::size_t i = 0; i < names.size(); ++i) {
    lines.push_back(fmt::format(
        "{} = {}: mean {}, sd {}, n = {}", experiment.factors[factor.factor].name, names[i],
        format_short(factor.levels[i].mean), format_short(factor.levels[i].deviation, 3),
        format_short(factor.levels[i].count)));
  }
  if (factor.welch) {
    lines.push_back(fmt::format(
        "  {} less {}: {} [{}, {}], Welch {}", names[1], names[0],
        format_short(factor.welch->difference, 3), format_short(factor.welch->interval.low, 3),
        format_short(factor.welch->interval.high, 3), p_text(factor.welch->p)));
  }
  if (factor.paired) {
    lines.push_back(fmt::format(
        "  the same in pairs: {} [{}, {}], {}", format_short(factor.paired->difference, 3),
        format_short(factor.paired->interval.low, 3), format_short(factor.paired->interval.high, 3),
        p_text(factor.paired->p)));
  }
}

Json row_json(const AnovaRow& row) {
  return {{"term", row.name},
          {"df", row.freedom},
          {"sum_of_squares", row.sum_of_squares},
          {"f", row.f},
          {"p", row.p},
          {"partial_eta_squared", row.partial_eta_squared},
          {"omega_squared", row.omega_squared}};
}

Json factor_json(const FactorComparison& factor, const Experiment& experiment) {
  const std::vector<std::string>& names = experiment.level_names[factor.factor];
  Json levels = Json::array(), pairs = Json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    levels.push_back({{"level", names[i]},
                      {"n", factor.levels[i].count},
                      {"mean", factor.levels[i].mean},
                      {"deviation", factor.levels[i].deviation}});
  }
  for (const PairwiseComparison& pair : factor.pairs) {
    pairs.push_back({{"first", names[pair.first]},
                     {"second", names[pair.second]},
                     {"difference", pair.difference},
                     {"interval", {pair.interval.low, pair.interval.high}},
                     {"p_tukey", pair.p}});
  }
  Json json = {{"factor", experiment.factors[factor.factor].name},
               {"p", factor.row.p},
               {"p_holm", factor.p_holm},
               {"p_kruskal_wallis", factor.p_kruskal},
               {"needed_per_level", factor.needed_per_level},
               {"levels", std::move(levels)},
               {"pairs", std::move(pairs)}};
  if (factor.welch) json["p_welch"] = factor.welch->p;
  if (factor.paired) json["p_paired"] = factor.paired->p;
  return json;
}

// Every run, and each level's mean with its own 95 % interval.
Figure levels_figure(const FactorComparison& factor, const Experiment& experiment) {
  const Factor& of_runs = experiment.factors[factor.factor];
  FigureSeries runs = {.name = "run", .mark = Mark::Points, .emphasis = Emphasis::Quiet};
  for (std::size_t i = 0; i < experiment.y.size(); ++i) {
    runs.x.push_back(experiment.y[i]);
    runs.y.push_back(static_cast<double>(of_runs.levels[i]));
  }
  FigureSeries means = {.name = "mean, 95 %", .mark = Mark::Points};
  for (std::size_t i = 0; i < factor.levels.size(); ++i) {
    const LevelSummary& level = factor.levels[i];
    const double half = level.count >= 2.0 ? student_t_quantile(0.975, level.count - 1.0) *
                                                 level.deviation / std::sqrt(level.count)
                                           : std::nan("");
    means.x.push_back(level.mean);
    means.y.push_back(static_cast<double>(i));
    means.low.push_back(level.mean - half);
    means.high.push_back(level.mean + half);
  }
  return {.title = fmt::format("{} by {}", experiment.response, of_runs.name),
          .caption =
              "Intervals of single levels; the tests of the verdict come after taking the "
              "other columns out.",
          .x = {.name = experiment.response},
          .y = {.categories = experiment.level_names[factor.factor]},
          .series = {std::move(runs), std::move(means)}};
}

AnalysisResult run(const DataTable& data, const OptionValues& options) {
  const std::vector<std::string> factors = names_of(options.text("factors"));
  if (factors.empty() || options.text("response").empty()) {
    throw UserError({.code = "energy_anova.options",
                     .what = "what was measured, and under which treatments?",
                     .where = "trimtab analyse energy_anova",
                     .got = "",
                     .expected = "--option response=COLUMN --option factors=COLUMN,COLUMN",
                     .hint = "the table has " + one_of(data.names)});
  }
  const Experiment experiment =
      read_experiment(data, options.text("response"), factors, names_of(options.text("blocks")));
  const double alpha = options.number("alpha");
  const FactorialComparison comparison = compare_factorial(
      experiment, static_cast<std::size_t>(options.integer("interactions")),
      options.text("sums") == "sequential" ? SumsOfSquares::Sequential : SumsOfSquares::Marginal,
      alpha);
  AnalysisResult result;
  result.lines = table_lines(comparison.table);
  Json rows = Json::array(), each = Json::array();
  for (const AnovaRow& row : comparison.table.rows) rows.push_back(row_json(row));
  result.verdict = experiment.response + ": ";
  for (const FactorComparison& factor : comparison.factors) {
    if (&factor != &comparison.factors.front()) result.verdict += "; ";
    result.verdict += sentence(factor, experiment, comparison.table, alpha);
    append_levels(factor, experiment, result.lines);
    each.push_back(factor_json(factor, experiment));
    result.figures.push_back(levels_figure(factor, experiment));
  }
  const Json json = {{"response", experiment.response},
                     {"runs", experiment.y.size()},
                     {"dropped", experiment.num_dropped},
                     {"alpha", alpha},
                     {"residual_df", comparison.table.residual_freedom},
                     {"residual_sum_of_squares", comparison.table.residual_sum_of_squares},
                     {"anova", std::move(rows)},
                     {"factors", std::move(each)}};
  result.data = json.dump();
  return result;
}

}  // namespace

AnalysisEntry energy_anova_entry() {
  return {
      .info = {.name = "energy_anova",
               .purpose = "does a treatment change what was measured (power, energy, any "
                          "column), and by how much?",
               .source = "Fisher 1925, Tukey 1949, Welch 1947; Holm 1979",
               .options = {{.name = "response",
                            .default_value = std::string(),
                            .purpose = "the column that was measured"},
                           {.name = "factors",
                            .default_value = std::string(),
                            .purpose = "columns of the treatments, separated by commas"},
                           {.name = "blocks",
                            .default_value = std::string(),
                            .purpose = "columns to take out first: machines, days, load levels"},
                           {.name = "interactions",
                            .default_value = std::int64_t{2},
                            .purpose = "factors in an interaction at most; 1 = none",
                            .low = 1,
                            .high = 4},
                           {.name = "sums",
                            .default_value = std::string("marginal"),
                            .purpose = "adjust each term for all others or for earlier ones",
                            .choices = {"marginal", "sequential"}},
                           {.name = "alpha",
                            .default_value = 0.05,
                            .purpose = "chance of a false \"matters\", over all factors",
                            .low = 1e-6,
                            .high = 0.5}}},
      .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(energy_anova, energy_anova_entry())
