#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/kde_regimes/kde_regimes.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxPoints = 8000;  // n^2 distances are held

const char* name_of(KdeRegime regime) {
  switch (regime) {
    case KdeRegime::Clt:
      return "many points carry it";
    case KdeRegime::HeavyTail:
      return "few points carry it, and which ones is luck";
    default:
      return "it is its nearest neighbour";
  }
}

// What was measured decides; theory is for data that are Gaussian and many.
KdeRegime measured_regime(double effective_points) {
  if (effective_points < 2.0) return KdeRegime::NearestOnly;
  return effective_points < 10.0 ? KdeRegime::HeavyTail : KdeRegime::Clt;
}

bool is_number_column(const std::vector<std::string>& cells) {
  double value = 0.0;
  return std::all_of(cells.begin(), cells.end(), [&](const std::string& cell) {
    return parse_double(cell, value) && std::isfinite(value);
  });
}

std::vector<std::string> columns_of(const DataTable& table, const OptionValues& options) {
  const std::string asked = options.text("columns");
  std::vector<std::string> names;
  if (!asked.empty()) {
    for (const std::string_view name : split(asked, ',')) names.emplace_back(trim(name));
    return names;
  }
  for (std::size_t i = 0; i < table.names.size(); ++i) {
    if (table.names[i] != options.text("by") && is_number_column(table.columns[i])) {
      names.push_back(table.names[i]);
    }
  }
  return names;
}

// All rows, or the share with the smallest values of the column `by`: what a tree-structured Parzen
// estimator calls good. Rows without a value are never among them.
std::vector<std::size_t> rows_of(const DataTable& table, const OptionValues& options) {
  std::vector<std::size_t> rows(table.num_rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (options.text("by").empty()) return rows;
  const double sign = options.text("best") == "largest" ? -1.0 : 1.0;
  std::vector<double> keys = table.numbers(options.text("by"));
  std::erase_if(rows, [&](std::size_t row) { return std::isnan(keys[row]); });
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::size_t a, std::size_t b) { return sign * keys[a] < sign * keys[b]; });
  const double share = options.number("share") * static_cast<double>(rows.size());
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(std::ceil(share))));
  return rows;
}

Eigen::MatrixXd points_of(const DataTable& table, const std::vector<std::string>& columns,
                          const std::vector<std::size_t>& rows) {
  Eigen::MatrixXd points(static_cast<Eigen::Index>(rows.size()),
                         static_cast<Eigen::Index>(columns.size()));
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const std::vector<double> values = table.numbers(columns[j]);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      points(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = values[rows[i]];
    }
  }
  return points;
}

// Far too narrow bandwidths have likelihoods that would flatten the rest: those far below are left
// out.
Figure likelihood_figure(const KdeDiagnosis& found) {
  constexpr double kFarBelow = 20.0;  // nats per point
  FigureSeries curve = {.name = "log likelihood"};
  const double floor = std::min(found.log_likelihood, found.best_log_likelihood) - kFarBelow;
  for (const auto& [bandwidth, likelihood] : found.likelihoods) {
    if (likelihood < floor) continue;
    curve.x.push_back(bandwidth);
    curve.y.push_back(likelihood);
  }
  FigureSeries used = {.name = "bandwidth asked about",
                       .mark = Mark::Rules,
                       .x = {found.bandwidth},
                       .emphasis = Emphasis::Strong};
  FigureSeries glass = {
      .name = "nearest neighbour alone, below", .mark = Mark::Rules, .x = {found.regimes.glass}};
  FigureSeries heavy = {
      .name = "heavy tails, below", .mark = Mark::Rules, .x = {found.regimes.clt}};
  return {.title = "How well each bandwidth foretells a point that is left out",
          .caption = fmt::format("The top is the best bandwidth, {}. Left of the first limit the "
                                 "estimate is its nearest neighbour, by theory for Gaussian data.",
                                 format_short(found.best_bandwidth, 3)),
          .x = {.name = "bandwidth (deviations)", .is_log = true},
          .y = {.name = "log likelihood of a point left out"},
          .series = {std::move(curve), std::move(glass), std::move(heavy), std::move(used)}};
}

AnalysisResult describe(const KdeDiagnosis& found) {
  AnalysisResult result;
  result.verdict = fmt::format(
      "at bandwidth {} the density of {} points: {} (effectively {} of them, at a typical one that "
      "is left out)",
      format_short(found.bandwidth, 3), found.num_points,
      name_of(measured_regime(found.effective_points)), format_short(found.effective_points, 2));
  result.lines = {
      fmt::format("{} columns, effective dimension {}", found.dimensions,
                  format_short(found.effective_dimension, 3)),
      fmt::format(
          "by theory, of Gaussian data: nearest neighbour below {}, heavy tails up to {}; here {}",
          format_short(found.regimes.glass, 3), format_short(found.regimes.clt, 3),
          name_of(found.regime)),
      fmt::format("best bandwidth with each point left out: {} (log likelihood {}, here {})",
                  format_short(found.best_bandwidth, 3), format_short(found.best_log_likelihood),
                  format_short(found.log_likelihood))};
  result.data = Json({{"points", found.num_points},
                      {"columns", found.dimensions},
                      {"effective_dimension", found.effective_dimension},
                      {"glass", found.regimes.glass},
                      {"clt", found.regimes.clt},
                      {"bandwidth", found.bandwidth},
                      {"regime", found.regime == KdeRegime::Clt         ? "clt"
                                 : found.regime == KdeRegime::HeavyTail ? "heavy_tail"
                                                                        : "nearest_only"},
                      {"is_nearest_only", found.effective_points < 2.0},
                      {"effective_points", found.effective_points},
                      {"log_likelihood", found.log_likelihood},
                      {"best_bandwidth", found.best_bandwidth},
                      {"best_log_likelihood", found.best_log_likelihood}})
                    .dump();
  result.figures = {likelihood_figure(found)};
  return result;
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const std::vector<std::size_t> rows = rows_of(table, options);
  if (rows.size() > kMaxPoints) {
    throw UserError({.code = "kde_regimes.data",
                     .what = "too many points for all their distances",
                     .where = table.source,
                     .got = std::to_string(rows.size()),
                     .expected = "at most " + std::to_string(kMaxPoints),
                     .hint = "take a sample of the rows"});
  }
  return describe(diagnose_kde(points_of(table, columns_of(table, options), rows),
                               options.number("bandwidth")));
}

}  // namespace

AnalysisEntry kde_regimes_entry() {
  return {
      .info = {.name = "kde_regimes",
               .purpose = "is this kernel density estimate more than its nearest neighbour?",
               .source = "Biroli and Mezard 2024, Kernel density estimators in large dimensions",
               .options = {{.name = "columns",
                            .default_value = std::string(),
                            .purpose = "the coordinates, with commas; none = all of numbers"},
                           {.name = "by",
                            .default_value = std::string(),
                            .purpose = "keep only the best rows by this column"},
                           {.name = "best",
                            .default_value = std::string("smallest"),
                            .purpose = "which values of `by` are the best",
                            .choices = {"smallest", "largest"}},
                           {.name = "share",
                            .default_value = 0.1,
                            .purpose = "how many of the rows those are",
                            .low = 0.0,
                            .high = 1.0},
                           {.name = "bandwidth",
                            .default_value = 0.0,
                            .purpose = "in deviations of the columns; 0 = Scott's rule",
                            .low = 0.0}}},
      .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(kde_regimes, kde_regimes_entry())
