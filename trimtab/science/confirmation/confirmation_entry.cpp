#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/confirmation/confirmation.hpp"
#include "trimtab/science/confirmation/confirmation_figures.hpp"

namespace trimtab {
namespace {

std::string name_of(Conclusion conclusion) {
  constexpr std::array<std::string_view, 7> kNames = {"absent", "too few", "no default", "default",
                                                      "better", "worse",   "not shown"};
  return std::string(kNames.at(static_cast<std::size_t>(conclusion)));
}

// NaN becomes null when the document is written.
Json interval_json(const Interval& interval) { return Json::array({interval.low, interval.high}); }

Json comparison_json(const Comparison& comparison) {
  return {{"pairs", comparison.num_pairs},
          {"improvement", comparison.improvement},
          {"interval", interval_json(comparison.interval)},
          {"p_t", comparison.p_t},
          {"p_t_holm", comparison.p_t_holm},
          {"p_wilcoxon", comparison.p_wilcoxon},
          {"p_wilcoxon_holm", comparison.p_wilcoxon_holm},
          {"d_z", comparison.effect.d_z},
          {"hedges_g", comparison.effect.hedges_g},
          {"d_z_interval", interval_json(comparison.effect.interval)}};
}

Json finalist_json(const Finalist& finalist, bool is_default) {
  Json runs = Json::array();
  for (const auto& [seed, value] : finalist.runs)
    runs.push_back({{"seed", seed}, {"value", value}});
  Json json = {{"trial", finalist.trial},
               {"is_default", is_default},
               {"search_value", finalist.search_value},
               {"fresh_mean", finalist.fresh_mean},
               {"fresh_deviation", finalist.fresh_deviation},
               {"optimism", finalist.optimism},
               {"mean_wall_seconds", finalist.mean_wall_seconds},
               {"failed", finalist.num_failed},
               {"open", finalist.num_open},
               {"runs", std::move(runs)}};
  if (!is_default) json["against_default"] = comparison_json(finalist.against_default);
  return json;
}

Json cost_json(const History& history) {
  Resources search, fresh;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    Resources& total = history.purpose(number) == Purpose::Confirm ? fresh : search;
    total.wall_seconds += history.resources(number).wall_seconds;
    total.cpu_seconds += history.resources(number).cpu_seconds;
  }
  const std::int64_t num_fresh = history.count(Purpose::Confirm);
  return {
      {"search_trials", history.size() - num_fresh}, {"search_wall_seconds", search.wall_seconds},
      {"search_cpu_seconds", search.cpu_seconds},    {"fresh_runs", num_fresh},
      {"fresh_wall_seconds", fresh.wall_seconds},    {"fresh_cpu_seconds", fresh.cpu_seconds}};
}

std::string text_of(double value, int digits) {
  return value == value ? format_short(value, digits) : "-";
}

std::string improvement_text(const Comparison& against) {
  if (against.num_pairs < 2) return "-";
  const Interval& interval = against.interval;
  const int digits = telling_digits(interval);
  return fmt::format("{} [{}, {}]", text_of(against.improvement, digits),
                     text_of(interval.low, digits), text_of(interval.high, digits));
}

std::vector<std::string> finalist_cells(const Finalist& finalist, bool is_default) {
  const Comparison& against = finalist.against_default;
  return {is_default ? "default" : std::to_string(finalist.trial),
          text_of(finalist.search_value, 4),
          text_of(finalist.fresh_mean, 4),
          text_of(finalist.fresh_deviation, 2),
          text_of(finalist.optimism, 2),
          is_default ? "-" : improvement_text(against),
          is_default ? "-" : text_of(against.p_t_holm, 2),
          is_default ? "-" : text_of(against.effect.d_z, 2)};
}

// Columns as wide as what stands in them. Without any spread the tests have nothing to say.
std::vector<std::string> table_lines(const Confirmation& confirmation) {
  if (confirmation.conclusion == Conclusion::Absent) return {};
  std::vector<std::vector<std::string>> rows = {
      {"trial", "search", "fresh", "sd", "optimism", "improvement", "p", "d_z"}};
  for (const Finalist& finalist : confirmation.finalists) {
    rows.push_back(finalist_cells(finalist, false));
  }
  if (confirmation.standard) rows.push_back(finalist_cells(*confirmation.standard, true));
  const std::size_t num_columns = confirmation.is_deterministic ? 3 : rows.front().size();
  std::vector<std::string> lines(rows.size());
  for (std::size_t column = 0; column < num_columns; ++column) {
    std::size_t width = 0;
    for (const auto& row : rows) width = std::max(width, row[column].size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      lines[i] += fmt::format("{}{:>{}}", column == 0 ? "" : "  ", rows[i][column], width);
    }
  }
  return lines;
}

Json data_json(const Confirmation& confirmation, const StudyView& study) {
  Json finalists = Json::array();
  for (const Finalist& finalist : confirmation.finalists) {
    finalists.push_back(finalist_json(finalist, false));
  }
  if (confirmation.standard) finalists.push_back(finalist_json(*confirmation.standard, true));
  Json data = {{"conclusion", name_of(confirmation.conclusion)},
               {"objective", study.history.objectives().front().name},
               {"alpha", confirmation.alpha},
               {"is_deterministic", confirmation.is_deterministic},
               {"is_partial", confirmation.is_partial}};
  data["winner"] = confirmation.winner < 0 ? Json() : Json(confirmation.winner);
  data["default"] = confirmation.standard ? Json(confirmation.standard->trial) : Json();
  data["finalists"] = std::move(finalists);
  data["cost"] = cost_json(study.history);
  return data;
}

AnalysisResult run(const StudyView& study, const OptionValues& options) {
  const Confirmation confirmation = confirm(study, options.number("alpha"));
  return {.verdict = verdict(confirmation, study.spec),
          .lines = table_lines(confirmation),
          .data = data_json(confirmation, study).dump(),
          .figures = confirmation_figures(confirmation, study.history.objectives().front())};
}

}  // namespace

AnalysisEntry confirmation_entry() {
  return {.info = {.name = "confirmation",
                   .purpose = "is the tuned configuration better than the default on fresh seeds?",
                   .source = "Student 1908 and Wilcoxon 1945, paired by seed; Holm 1979",
                   .options = {{.name = "alpha",
                                .default_value = 0.05,
                                .purpose = "chance of a false \"better\", over all finalists",
                                .low = 1e-6,
                                .high = 0.5}}},
          .run = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(confirmation, confirmation_entry())
