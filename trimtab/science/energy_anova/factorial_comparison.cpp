#include "trimtab/science/energy_anova/factorial_comparison.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/numerics/statistics/rank_tests.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxLevels = 60;

[[noreturn]] void refuse(const DataTable& table, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "energy_anova.design",
                   .what = what,
                   .where = table.source,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

void take_factor(const DataTable& table, const std::string& name,
                 const std::vector<std::size_t>& rows, Experiment& experiment) {
  const std::vector<std::string>& cells = table.texts(name);
  Factor factor = {name, {}, 0};
  std::vector<std::string> names;
  for (const std::size_t row : rows) {
    const auto found = std::find(names.begin(), names.end(), cells[row]);
    factor.levels.push_back(static_cast<std::size_t>(found - names.begin()));
    if (found == names.end()) names.push_back(cells[row]);
  }
  factor.num_levels = names.size();
  if (names.size() < 2 || names.size() > kMaxLevels) {
    refuse(table, fmt::format("column {} cannot be a factor", quote(name)),
           fmt::format("{} levels", names.size()), fmt::format("2 to {} levels", kMaxLevels));
  }
  experiment.factors.push_back(std::move(factor));
  experiment.level_names.push_back(std::move(names));
}

std::vector<std::vector<double>> by_level(const Experiment& experiment, std::size_t f) {
  std::vector<std::vector<double>> samples(experiment.factors[f].num_levels);
  for (std::size_t i = 0; i < experiment.y.size(); ++i) {
    samples[experiment.factors[f].levels[i]].push_back(experiment.y[i]);
  }
  return samples;
}

// Differences, second level less first, of the runs that agree in everything but factor f.
std::optional<PairedT> pair_up(const Experiment& experiment, std::size_t f, double level) {
  std::map<std::vector<std::size_t>, std::vector<std::pair<std::size_t, double>>> cells;
  for (std::size_t i = 0; i < experiment.y.size(); ++i) {
    std::vector<std::size_t> others;
    for (std::size_t g = 0; g < experiment.factors.size(); ++g) {
      if (g != f) others.push_back(experiment.factors[g].levels[i]);
    }
    cells[others].emplace_back(experiment.factors[f].levels[i], experiment.y[i]);
  }
  std::vector<double> differences;
  for (const auto& [others, runs] : cells) {
    if (runs.size() != 2 || runs[0].first == runs[1].first) return std::nullopt;
    const double difference = runs[1].second - runs[0].second;
    differences.push_back(runs[0].first == 0 ? difference : -difference);
  }
  if (differences.size() < 2) return std::nullopt;
  return paired_t_test(differences, level);
}

double needed_runs(const AnovaRow& row, const Anova& table, double num_levels, double alpha) {
  const double effect = std::sqrt(row.sum_of_squares / table.residual_sum_of_squares);
  if (!(effect > 0.0) || !std::isfinite(effect)) return std::numeric_limits<double>::infinity();
  return anova_size(num_levels, effect, 0.9, alpha);
}

FactorComparison compare_levels(const Experiment& experiment, const Anova& table, std::size_t f,
                                double alpha) {
  FactorComparison result;
  result.factor = f;
  for (const AnovaRow& row : table.rows) {
    if (row.term == AnovaTerm{f}) result.row = row;
  }
  const std::vector<std::vector<double>> samples = by_level(experiment, f);
  std::vector<double> means, counts;
  for (const std::vector<double>& sample : samples) {
    const double count = static_cast<double>(sample.size());
    const double deviation = sample.size() < 2 ? std::nan("") : std::sqrt(variance(sample));
    result.levels.push_back({count, mean(sample), deviation});
    means.push_back(result.levels.back().mean);
    counts.push_back(count);
  }
  result.p_kruskal = kruskal_wallis_test(samples).p;
  if (table.residual_freedom > 0.0 && table.residual_sum_of_squares > 0.0) {
    result.pairs =
        tukey_hsd(means, counts, table.residual_mean_square(), table.residual_freedom, 1.0 - alpha);
    result.needed_per_level =
        needed_runs(result.row, table, static_cast<double>(samples.size()), alpha);
  }
  if (samples.size() != 2) return result;
  if (samples[0].size() >= 2 && samples[1].size() >= 2) {
    result.welch = welch_t_test(samples[1], samples[0], 1.0 - alpha);
  }
  result.paired = pair_up(experiment, f, 1.0 - alpha);
  return result;
}

}  // namespace

Experiment read_experiment(const DataTable& table, const std::string& response,
                           const std::vector<std::string>& factors,
                           const std::vector<std::string>& blocks) {
  const std::vector<double> values = table.numbers(response);
  std::vector<std::string> names = blocks;
  names.insert(names.end(), factors.begin(), factors.end());
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < values.size(); ++row) {
    const bool is_whole = std::isfinite(values[row]) &&
                          std::all_of(names.begin(), names.end(), [&](const std::string& name) {
                            return !table.texts(name)[row].empty();
                          });
    if (is_whole) rows.push_back(row);
  }
  Experiment experiment;
  experiment.response = response;
  experiment.num_blocks = blocks.size();
  experiment.num_dropped = values.size() - rows.size();
  if (rows.size() < 3) {
    refuse(table, "too few rows have a response and every level", std::to_string(rows.size()),
           "at least 3");
  }
  for (const std::size_t row : rows) experiment.y.push_back(values[row]);
  for (const std::string& name : names) take_factor(table, name, rows, experiment);
  return experiment;
}

FactorialComparison compare_factorial(const Experiment& experiment, std::size_t max_order,
                                      SumsOfSquares sums, double alpha) {
  std::vector<AnovaTerm> terms;
  for (std::size_t f = 0; f < experiment.num_blocks; ++f) terms.push_back({f});
  const std::size_t num_asked = experiment.factors.size() - experiment.num_blocks;
  for (AnovaTerm term : factorial_terms(num_asked, max_order)) {
    for (std::size_t& f : term) f += experiment.num_blocks;
    terms.push_back(std::move(term));
  }
  FactorialComparison result;
  result.table = anova(experiment.y, experiment.factors, terms, sums);
  std::vector<double> p;
  for (std::size_t f = experiment.num_blocks; f < experiment.factors.size(); ++f) {
    result.factors.push_back(compare_levels(experiment, result.table, f, alpha));
    p.push_back(result.factors.back().row.p);
  }
  p = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) result.factors[i].p_holm = p[i];
  return result;
}

}  // namespace trimtab
