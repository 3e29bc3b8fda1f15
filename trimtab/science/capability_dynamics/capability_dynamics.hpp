#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/core/analysis.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/science/capability_dynamics/task_curves.hpp"

namespace trimtab {

/// What the score of each task is without the capability: the larger of what is given and the mean
/// over configurations at the first checkpoint (a wrong class prior scores below a fair coin, a
/// lucky one above).
/// @param given  beginnings of tasks' names and their chance; the longest that fits counts.
std::vector<double> chance_levels(const TaskCurves& curves,
                                  const std::map<std::string, double>& given);

/// Is a score above chance? One-sided normal tests at one step, 5 % over all tasks and
/// configurations together (Holm). [t][c]
std::vector<std::vector<bool>> above_chance(const TaskCurves& curves,
                                            std::span<const double> chance, std::size_t step);

/// Index of the first step from which on a curve stays more than three errors above chance;
/// steps.size() when it does not at the end.
///   scores {0, 5, 0, 5, 6}, errors 1, chance 1: 3  [tested]
std::size_t emergence(std::span<const double> scores, std::span<const double> errors,
                      double chance);

struct Similarity {
  std::vector<std::vector<double>> rho;  ///< [t][pair]; NaN where a curve does not vary
  double mean = 0.0;                     ///< over tasks and pairs, NaN left out
  double null_mean = 0.0;                ///< of the same with shuffled tasks
  double p = 1.0;                        ///< (1 + shuffles at least as similar) / (1 + shuffles)
};

/// Neighbours in size within each family, smaller first; indices of configurations.
std::vector<std::pair<std::size_t, std::size_t>> neighbours_in_size(const TaskCurves& curves);

/// Does a task move through training as the same task does at the next size? Spearman's rho of
/// scores over steps, against shuffles of the larger one's tasks.
/// @param tasks  that take part. Cost: O(tasks^2 pairs steps + shuffles tasks pairs).
Similarity similarity_across_sizes(const TaskCurves& curves, std::span<const std::size_t> tasks,
                                   std::size_t num_shuffles, Rng& rng);

struct InformativeStep {
  std::size_t step = 0;  ///< index; last() when only the end itself agrees
  double tau = 1.0;      ///< Kendall's tau-b with the ranks at the end
  Interval interval = {};
};

/// The earliest step whose order of configurations agrees with the last one's.
/// @param scores  [s][c]. @param threshold  of tau. The interval is a bootstrap over
///   configurations, 95 %. Cost: O(steps c^2 + resamples c^2).
InformativeStep earliest_informative_step(const std::vector<std::vector<double>>& scores,
                                          double threshold, std::size_t num_resamples, Rng& rng);

/// Mean over tasks of (score - chance) / (1 - chance). [s][c]
std::vector<std::vector<double>> mean_capability(const TaskCurves& curves,
                                                 std::span<const std::size_t> tasks,
                                                 std::span<const double> chance);

/// The analysis "capability_dynamics".
AnalysisEntry capability_dynamics_entry();

}  // namespace trimtab
