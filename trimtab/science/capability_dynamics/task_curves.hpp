#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/core/data_table.hpp"

namespace trimtab {

// Notation in this folder
//   t, c, s   a task, a configuration (a model that was trained), a checkpoint's step
//   score     of a task, maximised; error is its standard error
//   size      parameters of a configuration, read from its name
//   family    a configuration's name without its size: what differs in size alone

struct Configuration {
  std::string name;
  double size = 0.0;   ///< parameters; > 0
  std::string family;  ///< "pythia-#-deduped" of "pythia-1.4b-deduped"
};

/// The scores of every task of every configuration at every checkpoint that all of them share.
struct TaskCurves {
  std::vector<std::string> tasks;             ///< by name
  std::vector<Configuration> configurations;  ///< by size, then by name
  std::vector<double> steps;                  ///< ascending, at least three
  std::size_t num_left_out = 0;               ///< tasks that some configuration lacks, and steps
  std::vector<std::vector<std::vector<double>>> scores;  ///< [t][c][s], as in the table
  std::vector<std::vector<std::vector<double>>> errors;  ///< [t][c][s], >= 0

  std::size_t last() const { return steps.size() - 1; }
  /// Scores of a task at a step's index, by configuration.
  std::vector<double> at(std::size_t task, std::size_t step) const;
};

/// The first number of a name that k, m, b or t follows, as parameters.
///   configuration_of("pythia-1.4b-deduped"): 1.4e9 of the family "pythia-#-deduped" [tested]
/// @throws UserError "capability_dynamics.size" when there is none.
Configuration configuration_of(const std::string& name);

/// Reads a table with a row per score: columns model, step, task, metric, value.
/// @param metric  rows of this metric are scores, of METRIC_stderr their errors.
/// @param only    names of tasks; empty = all that have the metric.
/// @throws UserError "capability_dynamics.table": a score twice, above 1 or without error;
///   fewer than two models, three shared steps or no task. O(rows log rows).
TaskCurves read_task_curves(const DataTable& table, const std::string& metric,
                            const std::vector<std::string>& only);

}  // namespace trimtab
