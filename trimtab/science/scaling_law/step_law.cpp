#include "trimtab/science/scaling_law/step_law.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr double kBowlExcess = 0.02;

[[noreturn]] void refuse(const std::string& where, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "scaling_law.runs",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

// Coefficients by least squares; empty when the columns do not determine them.
std::vector<double> least_squares(const Eigen::MatrixXd& x, const Eigen::VectorXd& y) {
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> solver(x);
  if (solver.rank() < x.cols()) return {};
  const Eigen::VectorXd solution = solver.solve(y);
  return {solution.begin(), solution.end()};
}

// The five coefficients, or nothing.
std::vector<double> fit_coefficients(std::span<const SweepRun> runs) {
  const auto n = static_cast<Eigen::Index>(runs.size());
  Eigen::MatrixXd of_rate(n, 3), of_batch(n, 2);
  Eigen::VectorXd rate(n), batch(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const SweepRun& run = runs[static_cast<std::size_t>(i)];
    of_rate.row(i) << 1.0, std::log(run.num_parameters), std::log(run.num_tokens);
    of_batch.row(i) << 1.0, std::log(run.num_tokens);
    rate(i) = std::log(run.learning_rate);
    batch(i) = std::log(run.batch_tokens);
  }
  std::vector<double> coefficients = least_squares(of_rate, rate);
  const std::vector<double> more = least_squares(of_batch, batch);
  if (coefficients.empty() || more.empty()) return {};
  coefficients.insert(coefficients.end(), more.begin(), more.end());
  return coefficients;
}

std::vector<Interval> resampled_intervals(const std::vector<SweepRun>& kept,
                                          std::size_t num_resamples, Rng& rng) {
  std::vector<std::vector<double>> draws(5);
  std::vector<SweepRun> resample(kept.size());
  for (std::size_t i = 0; i < num_resamples; ++i) {
    for (SweepRun& run : resample) run = kept[rng.below(kept.size())];
    const std::vector<double> coefficients = fit_coefficients(resample);
    for (std::size_t c = 0; c < coefficients.size(); ++c) draws[c].push_back(coefficients[c]);
  }
  std::vector<Interval> intervals;
  for (const std::vector<double>& values : draws) {
    if (values.empty()) return {};
    intervals.push_back({quantile(values, 0.025), quantile(values, 0.975)});
  }
  return intervals;
}

SweepTask make_task(std::vector<SweepRun> runs) {
  SweepTask task = {
      runs.front().num_parameters, runs.front().num_tokens, std::move(runs), {}, 0, false};
  double low_rate = INFINITY, high_rate = 0.0, low_batch = INFINITY, high_batch = 0.0;
  for (std::size_t i = 0; i < task.runs.size(); ++i) {
    const SweepRun& run = task.runs[i];
    if (run.loss < task.runs[task.best].loss) task.best = i;
    low_rate = std::min(low_rate, run.learning_rate);
    high_rate = std::max(high_rate, run.learning_rate);
    low_batch = std::min(low_batch, run.batch_tokens);
    high_batch = std::max(high_batch, run.batch_tokens);
  }
  const SweepRun& best = task.runs[task.best];
  for (const SweepRun& run : task.runs) task.excess.push_back(run.loss / best.loss - 1.0);
  task.is_censored = best.learning_rate == low_rate || best.learning_rate == high_rate ||
                     best.batch_tokens == low_batch || best.batch_tokens == high_batch;
  return task;
}

std::size_t nearest_run(const SweepTask& task, double rate, double batch) {
  std::size_t nearest = 0;
  double smallest = INFINITY;
  for (std::size_t i = 0; i < task.runs.size(); ++i) {
    const double by_rate = std::log(task.runs[i].learning_rate / rate);
    const double by_batch = std::log(task.runs[i].batch_tokens / batch);
    const double distance = by_rate * by_rate + by_batch * by_batch;
    if (distance < smallest) {
      smallest = distance;
      nearest = i;
    }
  }
  return nearest;
}

}  // namespace

std::vector<SweepRun> read_sweep(const DataTable& table, const SweepColumns& columns) {
  const std::vector<double> parameters = table.numbers(columns.parameters);
  const std::vector<double> tokens = table.numbers(columns.tokens);
  const std::vector<double> rates = table.numbers(columns.learning_rate);
  const std::vector<double> batches = table.numbers(columns.batch);
  const std::vector<double> losses = table.numbers(columns.loss);
  std::vector<SweepRun> runs;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double sum = parameters[i] + tokens[i] + rates[i] + batches[i] + losses[i];
    if (!std::isfinite(sum)) continue;
    for (const double value : {parameters[i], tokens[i], rates[i], batches[i], losses[i]}) {
      if (!(value > 0.0)) {
        refuse(table.source, "sizes, rates and losses must be positive", format_number(value),
               "> 0");
      }
    }
    runs.push_back(
        {parameters[i], tokens[i], rates[i], batches[i] * columns.sequence_length, losses[i]});
  }
  if (runs.empty()) refuse(table.source, "the table has no complete run", "", "at least one");
  return runs;
}

std::vector<SweepTask> group_tasks(std::span<const SweepRun> runs) {
  std::map<std::pair<double, double>, std::vector<SweepRun>> groups;
  for (const SweepRun& run : runs) groups[{run.num_parameters, run.num_tokens}].push_back(run);
  std::vector<SweepTask> tasks;
  for (auto& [size, of_task] : groups) tasks.push_back(make_task(std::move(of_task)));
  return tasks;
}

std::vector<SweepRun> near_best(std::span<const SweepTask> tasks, double max_excess) {
  std::vector<SweepRun> kept;
  for (const SweepTask& task : tasks) {
    for (std::size_t i = 0; i < task.runs.size(); ++i) {
      if (task.excess[i] < max_excess) kept.push_back(task.runs[i]);
    }
  }
  return kept;
}

double StepLaw::learning_rate(double num_parameters, double num_tokens) const {
  return std::exp(lr_constant + lr_parameters * std::log(num_parameters) +
                  lr_tokens * std::log(num_tokens));
}

double StepLaw::batch(double num_tokens) const {
  return std::exp(batch_constant + batch_tokens * std::log(num_tokens));
}

StepLaw published_step_law() { return {std::log(1.79), -0.713, 0.307, std::log(0.58), 0.571}; }

StepLawFit fit_step_law(std::span<const SweepTask> tasks, double max_excess,
                        std::size_t num_resamples, Rng& rng) {
  const std::vector<SweepRun> kept = near_best(tasks, max_excess);
  const std::vector<double> c = fit_coefficients(kept);
  if (c.empty()) {
    refuse("scaling_law", "the runs do not determine a law",
           std::to_string(tasks.size()) + " tasks",
           "tasks of at least two sizes and two lengths that are not proportional");
  }
  StepLawFit fit = {{c[0], c[1], c[2], c[3], c[4]}, kept.size(), {}};
  if (num_resamples > 0) fit.intervals = resampled_intervals(kept, num_resamples, rng);
  return fit;
}

double expected_random_regret(const SweepTask& task, std::size_t m) {
  std::vector<double> sorted = task.excess;
  std::sort(sorted.begin(), sorted.end());
  const double n = static_cast<double>(sorted.size());
  // P(the best of m is the i-th): the i before it are out, it is in.
  double expected = 0.0, none_before = 1.0;
  const double drawn = static_cast<double>(std::min(m, sorted.size()));
  for (std::size_t i = 0; i < sorted.size() && none_before > 0.0; ++i) {
    const double is_in = std::min(1.0, drawn / (n - static_cast<double>(i)));
    expected += none_before * is_in * sorted[i];
    none_before *= 1.0 - is_in;
  }
  return expected;
}

std::vector<TaskRegret> regrets_of(const StepLaw& law, std::span<const SweepTask> tasks) {
  std::vector<TaskRegret> regrets;
  for (const SweepTask& task : tasks) {
    TaskRegret result;
    result.nearest = nearest_run(task, law.learning_rate(task.num_parameters, task.num_tokens),
                                 law.batch(task.num_tokens));
    result.regret = task.excess[result.nearest];
    result.worth_in_trials = 1;
    while (result.worth_in_trials < task.runs.size() &&
           expected_random_regret(task, result.worth_in_trials) > result.regret) {
      ++result.worth_in_trials;
    }
    regrets.push_back(result);
  }
  return regrets;
}

Bowl fit_bowl(const SweepTask& task) {
  std::vector<const SweepRun*> near;
  for (std::size_t i = 0; i < task.runs.size(); ++i) {
    if (task.excess[i] < kBowlExcess) near.push_back(&task.runs[i]);
  }
  Bowl bowl;
  bowl.num_runs = near.size();
  if (near.size() < 7) return bowl;
  const auto n = static_cast<Eigen::Index>(near.size());
  const SweepRun& best = task.runs[task.best];
  Eigen::MatrixXd x(n, 6);
  Eigen::VectorXd y(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const SweepRun& run = *near[static_cast<std::size_t>(i)];
    const double a = std::log(run.learning_rate / best.learning_rate);
    const double b = std::log(run.batch_tokens / best.batch_tokens);
    x.row(i) << 1.0, a, b, a * a, b * b, a * b;
    y(i) = run.loss;
  }
  const std::vector<double> c = least_squares(x, y);
  if (c.empty()) return bowl;
  const Eigen::VectorXd fitted = x * Eigen::Map<const Eigen::VectorXd>(c.data(), 6);
  bowl.r_squared = 1.0 - (y - fitted).squaredNorm() / (y.array() - y.mean()).matrix().squaredNorm();
  bowl.is_convex = c[3] > 0.0 && 4.0 * c[3] * c[4] > c[5] * c[5];
  return bowl;
}

}  // namespace trimtab
