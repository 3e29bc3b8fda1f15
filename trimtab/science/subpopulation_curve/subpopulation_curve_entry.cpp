#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/subpopulation_curve/curve.hpp"

namespace trimtab {
namespace {

std::string p_text(double p) { return p < 1e-4 ? "p < 0.0001" : "p = " + format_short(p, 2); }

std::string bend_text(const CurveFit& fit) {
  return fmt::format("F(1, {}) = {}, {}", fit.num_models - 3, format_short(fit.f, 3),
                     p_text(fit.p));
}

std::string verdict_of(const SubpopulationCurve& curve, double alpha, double destroyed) {
  const CurveFit& asked = curve.declared.num_models > 0 ? curve.declared : curve.all;
  const std::string where =
      curve.declared.num_models > 0 ? "in the declared range" : "over all models";
  const std::string line =
      fmt::format("R^2 of the line {} over {} models", format_short(curve.all.line_r_squared, 2),
                  curve.all.num_models);
  if (asked.p <= alpha) {
    return fmt::format("minority accuracy bends {} with majority accuracy {} ({}; {})",
                       asked.bend > 0.0 ? "upwards" : "downwards", where, bend_text(asked), line);
  }
  if (curve.all.line_r_squared < destroyed) {
    return fmt::format(
        "the linear relation is destroyed, a parabola is not significant {} ({}; {})", where, line,
        bend_text(asked));
  }
  return fmt::format("no bend is shown {}: a straight line will do ({}; {})", where, line,
                     bend_text(asked));
}

Json fit_json(const CurveFit& fit) {
  return {{"models", fit.num_models},
          {"slope", fit.slope},
          {"line_r_squared", fit.line_r_squared},
          {"bend", fit.bend},
          {"parabola_r_squared", fit.parabola_r_squared},
          {"f", fit.f},
          {"p", fit.p},
          {"aic_gain", fit.aic_gain},
          {"bic_gain", fit.bic_gain}};
}

std::string fit_line(const char* name, const CurveFit& fit) {
  if (fit.num_models == 0) return fmt::format("{:<16} too few models", name);
  return fmt::format(
      "{:<16} n = {}, R^2 line {}, parabola {}, bend {}, {}, AIC {:+.1f}, BIC {:+.1f}", name,
      fit.num_models, format_short(fit.line_r_squared, 3), format_short(fit.parabola_r_squared, 3),
      format_short(fit.bend, 3), bend_text(fit), fit.aic_gain, fit.bic_gain);
}

FigureSeries curve_series(const CurveFit& fit, const std::array<double, 3>& coefficients,
                          std::string name, double low, double high) {
  constexpr int kPoints = 60;
  FigureSeries series = {.name = std::move(name)};
  for (int i = 0; i <= kPoints; ++i) {
    series.x.push_back(low + (high - low) * i / kPoints);
    series.y.push_back(CurveFit::value(coefficients, series.x.back() - fit.centre));
  }
  return series;
}

Figure curve_figure(const std::vector<double>& majority, const std::vector<double>& minority,
                    const SubpopulationCurve& curve, const OptionValues& options) {
  const double lowest = options.number("lowest"), declared = options.number("declared");
  FigureSeries models = {.name = "models", .mark = Mark::Points};
  FigureSeries left_out = {.name = "left out", .mark = Mark::Points, .emphasis = Emphasis::Quiet};
  for (std::size_t i = 0; i < majority.size(); ++i) {
    FigureSeries& series = majority[i] >= lowest ? models : left_out;
    series.x.push_back(majority[i]);
    series.y.push_back(minority[i]);
  }
  const auto [low, high] = std::minmax_element(models.x.begin(), models.x.end());
  FigureSeries line = curve_series(curve.all, curve.all.line, "line", *low, *high);
  FigureSeries parabola = curve_series(curve.all, curve.all.parabola, "parabola", *low, *high);
  parabola.emphasis = Emphasis::Strong;
  Figure figure = {
      .title = "Accuracy on the minority over accuracy on the majority",
      .caption = fmt::format("One dot per model. The bend is asked for to the right of {}, fixed "
                             "beforehand.",
                             format_short(declared)),
      .x = {.name = "accuracy on the majority, " + options.text("majority")},
      .y = {.name = "accuracy on the minority, " + options.text("minority")}};
  if (!left_out.x.empty()) figure.series.push_back(std::move(left_out));
  figure.series.push_back(std::move(models));
  figure.series.push_back(std::move(line));
  figure.series.push_back(std::move(parabola));
  figure.series.push_back({.name = "declared from", .mark = Mark::Rules, .x = {declared}});
  figure.series.back().emphasis = Emphasis::Quiet;
  return figure;
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  if (options.text("majority").empty() || options.text("minority").empty()) {
    throw UserError({.code = "subpopulation_curve.options",
                     .what = "which columns hold the accuracies of the two groups?",
                     .where = "trimtab analyse subpopulation_curve",
                     .got = "",
                     .expected = "--option majority=COLUMN --option minority=COLUMN",
                     .hint = "the table has " + one_of(table.names)});
  }
  const std::vector<double> majority = table.numbers(options.text("majority"));
  const std::vector<double> minority = table.numbers(options.text("minority"));
  const SubpopulationCurve curve =
      analyse_curve(majority, minority,
                    {.lowest = options.number("lowest"), .declared = options.number("declared")});
  AnalysisResult result;
  result.verdict = verdict_of(curve, options.number("alpha"), 0.3);
  result.lines = {fit_line("all models", curve.all), fit_line("probit scale", curve.probit),
                  fit_line("declared range", curve.declared),
                  fmt::format("Spearman {}, {}; {} models left out",
                              format_short(curve.spearman.coefficient, 3), p_text(curve.spearman.p),
                              curve.num_left_out)};
  result.data = Json({{"all", fit_json(curve.all)},
                      {"probit", fit_json(curve.probit)},
                      {"declared", fit_json(curve.declared)},
                      {"spearman", curve.spearman.coefficient},
                      {"spearman_p", curve.spearman.p},
                      {"left_out", curve.num_left_out}})
                    .dump();
  result.figures = {curve_figure(majority, minority, curve, options)};
  return result;
}

OptionInfo share(const char* name, double value, const char* purpose) {
  return {.name = name, .default_value = value, .purpose = purpose, .low = 0.0, .high = 1.0};
}

}  // namespace

AnalysisEntry subpopulation_curve_entry() {
  return {.info = {.name = "subpopulation_curve",
                   .purpose = "does accuracy on a minority follow accuracy on the majority in a "
                              "straight line?",
                   .source = "Mao et al. 2023, accuracy on the curve",
                   .options = {{.name = "majority",
                                .default_value = std::string(),
                                .purpose = "column of the accuracies on the majority group"},
                               {.name = "minority",
                                .default_value = std::string(),
                                .purpose = "column of the accuracies on the minority group"},
                               share("lowest", 0.55, "models below this majority accuracy are out"),
                               share("declared", 0.85,
                                     "a bend is asked for above this; fix it beforehand"),
                               share("alpha", 0.05, "chance of a false bend")}},
          .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(subpopulation_curve, subpopulation_curve_entry())
