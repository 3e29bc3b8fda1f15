#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/statistics/correlation.hpp"
#include "trimtab/science/two_phase_protocol/two_phase_protocol.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& where, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "two_phase_protocol.table",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

// Sum and number of the scores of a configuration in a phase.
struct Mean {
  double sum = 0.0;
  std::size_t count = 0;
  double value() const { return sum / static_cast<double>(count); }
};
using Phases = std::array<Mean, 2>;                       // tune, evaluate
using Configurations = std::map<std::string, Phases>;     // by name
using Divisions = std::map<std::string, Configurations>;  // of the data
using Algorithms = std::map<std::string, Divisions>;

Algorithms read_table(const DataTable& table, const OptionValues& options, double sign) {
  const auto& algorithms = table.texts(options.text("algorithm"));
  const auto& configurations = table.texts(options.text("config"));
  const auto& phases = table.texts(options.text("phase"));
  const std::vector<double> scores = table.numbers(options.text("score"));
  const std::string column = options.text("division");
  const bool has_divisions = !column.empty() || table.has("division");
  const auto& divisions = has_divisions ? table.texts(column.empty() ? "division" : column)
                                        : std::vector<std::string>(table.num_rows());
  Algorithms result;
  for (std::size_t row = 0; row < table.num_rows(); ++row) {
    if (phases[row] != "tune" && phases[row] != "evaluate") {
      refuse("a row is of no phase", fmt::format("{}, row {}", table.source, row + 1),
             quote(phases[row]), "tune or evaluate");
    }
    if (!std::isfinite(scores[row])) continue;
    Mean& mean =
        result[algorithms[row]][divisions[row]][configurations[row]][phases[row] == "tune" ? 0 : 1];
    mean.sum += sign * scores[row];
    ++mean.count;
  }
  if (result.empty()) refuse("no row has a score", table.source, "", "numbers");
  return result;
}

// Configurations that were not run in both scenarios cannot be judged.
PhaseScores scores_of(const Configurations& configurations, const std::string& place) {
  PhaseScores scores;
  for (const auto& [name, phases] : configurations) {
    if (phases[0].count == 0 || phases[1].count == 0) continue;
    scores.tune.push_back(phases[0].value());
    scores.evaluate.push_back(phases[1].value());
  }
  if (scores.tune.empty()) {
    refuse("no configuration was run in both phases", place, "",
           "the same configurations, tuned and evaluated");
  }
  return scores;
}

std::vector<PhaseSummary> judge(const Algorithms& algorithms, const std::string& source) {
  std::vector<PhaseSummary> summaries;
  for (const auto& [name, divisions] : algorithms) {
    std::vector<PhaseResult> results;
    for (const auto& [division, configurations] : divisions) {
      results.push_back(judge_phases(scores_of(configurations, source + ", " + name)));
    }
    summaries.push_back(summarise_phases(name, std::move(results)));
  }
  return summaries;
}

double rank_agreement(const std::vector<PhaseSummary>& summaries) {
  std::vector<double> one, two;
  for (const PhaseSummary& each : summaries) {
    one.push_back(each.single_phase);
    two.push_back(each.two_phase);
  }
  return one.size() < 2 ? std::nan("") : kendall_correlation(one, two).coefficient;
}

std::string best_by(const std::vector<PhaseSummary>& summaries, double PhaseSummary::* score) {
  return std::max_element(
             summaries.begin(), summaries.end(),
             [&](const PhaseSummary& a, const PhaseSummary& b) { return a.*score < b.*score; })
      ->algorithm;
}

std::string interval_text(const PhaseSummary& each) {
  if (std::isnan(each.optimism_interval.low)) return "-";
  const int digits = telling_digits(each.optimism_interval);
  return fmt::format("[{}, {}]", format_short(each.optimism_interval.low, digits),
                     format_short(each.optimism_interval.high, digits));
}

std::string verdict_of(const std::vector<PhaseSummary>& summaries, double tau) {
  std::size_t num_optimistic = 0;
  double largest = 0.0;
  for (const PhaseSummary& each : summaries) {
    if (each.optimism_p <= 0.05) ++num_optimistic;
    largest = std::max(largest, each.optimism);
  }
  std::string text =
      fmt::format("tuning where it is judged flatters by up to {}; shown for {} of {} algorithms",
                  format_short(largest, 3), num_optimistic, summaries.size());
  if (summaries.front().divisions.size() < 2) {
    text += " (one division of the data shows nothing)";
  }
  if (summaries.size() < 2) return text;
  const std::string one = best_by(summaries, &PhaseSummary::single_phase);
  const std::string two = best_by(summaries, &PhaseSummary::two_phase);
  text += one == two ? fmt::format("; {} is first either way", one)
                     : fmt::format("; first is {} where it is tuned, {} where it is not", one, two);
  if (!std::isnan(tau)) text += fmt::format(" (tau {})", format_short(tau, 2));
  return text;
}

Figure scores_figure(const std::vector<PhaseSummary>& summaries, double sign) {
  Figure figure = {.title = "Scores in one phase and in two",
                   .caption =
                       "Each division's score where it was tuned on the same data, and where "
                       "it was tuned on others. The way from one to the other is flattery.",
                   .x = {.name = "score"}};
  FigureSeries single = {.name = "single-phase", .mark = Mark::Diamonds};
  FigureSeries two = {.name = "two-phase", .mark = Mark::Points};
  FigureSeries means = {.name = "mean", .mark = Mark::Ticks, .emphasis = Emphasis::Strong};
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    const auto row = static_cast<double>(i);
    figure.y.categories.push_back(summaries[i].algorithm);
    for (const PhaseResult& each : summaries[i].divisions) {
      single.x.push_back(sign * each.single_phase);
      single.y.push_back(row);
      two.x.push_back(sign * each.two_phase);
      two.y.push_back(row);
    }
    means.x.push_back(sign * summaries[i].two_phase);
    means.y.push_back(row);
  }
  figure.series = {std::move(single), std::move(two), std::move(means)};
  return figure;
}

Figure optimism_figure(const std::vector<PhaseSummary>& summaries) {
  Figure figure = {.title = "Optimism",
                   .caption =
                       "How much single-phase scores flatter, with 95 % intervals over the "
                       "divisions. One that reaches 0 shows nothing.",
                   .x = {.name = "optimism", .covers = {0.0}}};
  FigureSeries optimism = {.name = "optimism", .mark = Mark::Points};
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    figure.y.categories.push_back(summaries[i].algorithm);
    optimism.x.push_back(summaries[i].optimism);
    optimism.y.push_back(static_cast<double>(i));
    optimism.low.push_back(summaries[i].optimism_interval.low);
    optimism.high.push_back(summaries[i].optimism_interval.high);
  }
  figure.series = {std::move(optimism)};
  return figure;
}

AnalysisResult run_on_table(const DataTable& table, const OptionValues& options) {
  const double sign = options.text("goal") == "max" ? 1.0 : -1.0;
  const std::vector<PhaseSummary> summaries = judge(read_table(table, options, sign), table.source);
  const double tau = rank_agreement(summaries);
  AnalysisResult result;
  result.verdict = verdict_of(summaries, tau);
  result.figures = {scores_figure(summaries, sign), optimism_figure(summaries)};
  result.lines.push_back(fmt::format("{:<20} {:>9} {:>12} {:>13} {:>9} {:>20} {:>9}", "algorithm",
                                     "divisions", "two-phase", "single-phase", "optimism", "95 %",
                                     "p"));
  Json rows = Json::array();
  for (const PhaseSummary& each : summaries) {
    result.lines.push_back(fmt::format(
        "{:<20} {:>9} {:>12} {:>13} {:>9} {:>20} {:>9}", each.algorithm, each.divisions.size(),
        format_short(sign * each.two_phase, 4), format_short(sign * each.single_phase, 4),
        format_short(each.optimism, 3), interval_text(each), format_short(each.optimism_p, 2)));
    rows.push_back({{"algorithm", each.algorithm},
                    {"divisions", each.divisions.size()},
                    {"two_phase", sign * each.two_phase},
                    {"single_phase", sign * each.single_phase},
                    {"optimism", each.optimism},
                    {"interval", {each.optimism_interval.low, each.optimism_interval.high}},
                    {"p", each.optimism_p}});
  }
  result.data = Json{{"algorithms", std::move(rows)}, {"tau", tau}}.dump();
  return result;
}

OptionInfo column(const char* name, const char* standard, const char* purpose) {
  return {.name = name,
          .default_value = std::string(standard),
          .purpose = std::string("column of ") + purpose};
}

}  // namespace

AnalysisEntry two_phase_protocol_entry() {
  return {.info = {.name = "two_phase_protocol",
                   .purpose = "how much do scores flatter that were tuned where they are judged?",
                   .source = "Cha and Cho 2024, two-phase evaluation",
                   .options = {column("algorithm", "algorithm", "the algorithms"),
                               column("config", "config", "configurations"),
                               column("phase", "phase", "tune or evaluate"),
                               column("score", "score", "scores; repeats are averaged"),
                               column("division", "",
                                      "divisions of the data; \"division\" if there is one"),
                               {.name = "goal",
                                .default_value = std::string("max"),
                                .purpose = "direction of the scores",
                                .choices = {"max", "min"}}}},
          .run_on_table = run_on_table};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(two_phase_protocol, two_phase_protocol_entry())
