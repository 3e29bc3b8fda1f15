#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/core/data_table.hpp"
#include "trimtab/numerics/statistics/anova.hpp"
#include "trimtab/numerics/statistics/location_tests.hpp"
#include "trimtab/numerics/statistics/multiple_comparisons.hpp"

namespace trimtab {

/// A factorial experiment: what was measured, and under which treatments.
struct Experiment {
  std::string response;         ///< name of the measured column
  std::vector<double> y;        ///< (n)
  std::vector<Factor> factors;  ///< blocks first, then the factors in question
  std::vector<std::vector<std::string>> level_names;  ///< per factor
  std::size_t num_blocks = 0;                         ///< how many of `factors` are blocks
  std::size_t num_dropped = 0;                        ///< rows without a response or a level
};

/// @param factors, blocks  names of columns; their distinct cells are the levels, in order of
/// appearance.
/// @throws UserError when a column is unknown, the response is no number, fewer than 3 rows are
/// left, or a factor has fewer than 2 or more than 60 levels.
Experiment read_experiment(const DataTable& table, const std::string& response,
                           const std::vector<std::string>& factors,
                           const std::vector<std::string>& blocks);

struct LevelSummary {
  double count = 0.0;
  double mean = 0.0;
  double deviation = 0.0;  ///< NaN for one value
};

/// One factor's answer.
struct FactorComparison {
  std::size_t factor = 0;  ///< index into the experiment's factors
  AnovaRow row;            ///< its main effect
  double p_holm = 1.0;     ///< over the main effects in question
  double p_kruskal = 1.0;  ///< Kruskal and Wallis, ignoring the other factors
  std::vector<LevelSummary> levels;
  std::vector<PairwiseComparison> pairs;  ///< Tukey; empty without residual spread
  std::optional<TwoSampleT> welch;        ///< two levels with two values each
  std::optional<PairedT> paired;          ///< two levels, one value each in every block
  /// Runs per level at which an effect of the size seen would be found with power 0.9; infinite
  /// when more than a million.
  double needed_per_level = 0.0;
};

struct FactorialComparison {
  Anova table;
  std::vector<FactorComparison> factors;
};

/// Means, analysis of variance, pairwise comparisons and t tests, as in the paper's comparison of
/// precision, batch size, neurons and epochs by power drawn.
/// Source: Fisher 1925, as the study of carbon footprint and mixed precision applies it: ANOVA of a
/// factorial
///   design, t tests of two levels.
/// Differs: probabilities are adjusted by Holm (main effects) and Tukey (pairs); unequal variances
/// by
///   Welch; pairs by block where the design allows; the runs needed for power 0.9 are stated.
/// @param max_order  of interactions among the factors in question; blocks enter as main effects.
FactorialComparison compare_factorial(const Experiment& experiment, std::size_t max_order,
                                      SumsOfSquares sums, double alpha);

/// The analysis "energy_anova".
AnalysisEntry energy_anova_entry();

}  // namespace trimtab
