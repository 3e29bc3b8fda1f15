#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "trimtab/core/data_table.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

// Notation in this file
//   N   parameters without embeddings      D   training tokens      task   one (N, D)
//   lr  peak learning rate                 B   batch size in tokens
//   excess   loss / smallest loss of the task - 1

/// One training run of a sweep over learning rate and batch size.
struct SweepRun {
  double num_parameters = 0.0;
  double num_tokens = 0.0;
  double learning_rate = 0.0;
  double batch_tokens = 0.0;
  double loss = 0.0;
};

/// Which columns hold what.
struct SweepColumns {
  std::string parameters = "N";
  std::string tokens = "D";
  std::string learning_rate = "lr";
  std::string batch = "bs";
  std::string loss = "smooth loss";
  double sequence_length = 2048.0;  ///< tokens in one unit of `batch`; 1 when it counts tokens
};

/// Rows with a hole are left out. @throws UserError for an unknown column, or "scaling_law.runs"
/// for a value that is not positive.
std::vector<SweepRun> read_sweep(const DataTable& table, const SweepColumns& columns);

/// All runs of one (N, D).
struct SweepTask {
  double num_parameters = 0.0;
  double num_tokens = 0.0;
  std::vector<SweepRun> runs;
  std::vector<double> excess;  ///< (runs), >= 0
  std::size_t best = 0;        ///< index of the smallest loss
  /// The best run has the smallest or largest learning rate or batch size of the task: the optimum
  /// may lie outside of the grid.
  bool is_censored = false;
};

/// Tasks by N, then D.
std::vector<SweepTask> group_tasks(std::span<const SweepRun> runs);

/// The runs whose excess is below a limit, in the order of the tasks.
std::vector<SweepRun> near_best(std::span<const SweepTask> tasks, double max_excess);

/// lr = exp(lr_constant) N^lr_parameters D^lr_tokens; B = exp(batch_constant) D^batch_tokens.
struct StepLaw {
  double lr_constant = 0.0;
  double lr_parameters = 0.0;
  double lr_tokens = 0.0;
  double batch_constant = 0.0;
  double batch_tokens = 0.0;

  double learning_rate(double num_parameters, double num_tokens) const;
  double batch(double num_tokens) const;
};

/// The law as published: lr = 1.79 N^-0.713 D^0.307, B = 0.58 D^0.571.
/// Source: Li et al. 2025, "Predictable scale: part I, step law", equation 1.
StepLaw published_step_law();

struct StepLawFit {
  StepLaw law;
  std::size_t num_kept = 0;              ///< runs close to the best of their task
  std::vector<Interval> intervals = {};  ///< of the five coefficients, in the struct's order
};

/// Least squares of log lr on (1, log N, log D) and of log B on (1, log D), over the runs whose
/// excess is below `max_excess`. Source: Li et al. 2025, section 3, and their fit tool. Differs:
/// intervals are percentiles of resampled kept runs around the fit to all of them, not
///   around the mean of the resamples.
/// @param num_resamples  0 = no intervals.
/// @throws UserError "scaling_law.runs" when the kept runs do not determine the law. O(n
/// num_resamples).
StepLawFit fit_step_law(std::span<const SweepTask> tasks, double max_excess,
                        std::size_t num_resamples, Rng& rng);

/// How a law's single proposal does on a task's grid.
struct TaskRegret {
  std::size_t nearest = 0;  ///< run nearest to the proposal in (log lr, log B)
  double regret = 0.0;      ///< its excess
  /// Random runs (drawn without repeats) whose expected best is as good; at most all of them.
  std::size_t worth_in_trials = 0;
};

std::vector<TaskRegret> regrets_of(const StepLaw& law, std::span<const SweepTask> tasks);

/// Expected smallest excess of m runs drawn without repeats; exact.
/// @param m  in 1..runs. O(runs log runs).
double expected_random_regret(const SweepTask& task, std::size_t m);

/// Is the bowl convex near its bottom? Quadratic in (log lr, log B) of the runs with excess < 2 %.
struct Bowl {
  std::size_t num_runs = 0;
  double r_squared = 0.0;
  bool is_convex = false;  ///< the Hessian is positive definite
};

/// @return num_runs < 7: nothing is fitted.
Bowl fit_bowl(const SweepTask& task);

}  // namespace trimtab
