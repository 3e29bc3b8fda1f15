#include "trimtab/science/hyperparameter_lottery/lottery_runs.hpp"

#include <fmt/core.h>

#include <cmath>
#include <set>
#include <tuple>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what, const std::string& got,
                         const std::string& expected, const std::string& hint = "") {
  throw UserError({.code = "hyperparameter_lottery.runs",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = hint});
}

using Settings = std::map<std::string, std::vector<double>>;

// The column that an option names, or one of the default name when the table has it.
const std::vector<std::string>* optional_column(const DataTable& table, const OptionValues& options,
                                                const std::string& name) {
  const std::string& given = options.text(name);
  if (given.empty() && !table.has(name)) return nullptr;
  return &table.texts(given.empty() ? name : given);
}

std::vector<AlgorithmRuns> algorithms_of(const std::map<std::string, Settings>& of_task) {
  std::vector<AlgorithmRuns> algorithms;
  for (const auto& [name, settings] : of_task) {
    AlgorithmRuns& algorithm = algorithms.emplace_back();
    algorithm.name = name;
    for (const auto& [setting, losses] : settings) {
      algorithm.settings.push_back(setting);
      algorithm.runs.push_back(losses);
    }
  }
  return algorithms;
}

LotteryRuns read_runs(const DataTable& table, const OptionValues& options,
                      const Objective& objective) {
  const std::vector<std::string>& names = table.texts(options.text("algorithm"));
  const std::vector<std::string>& settings = table.texts(options.text("setting"));
  const std::vector<double> values = table.numbers(options.text("value"));
  const std::vector<std::string>* task = optional_column(table, options, "task");
  const std::vector<std::string>* seed = optional_column(table, options, "seed");
  LotteryRuns runs;
  std::map<std::string, std::map<std::string, Settings>> cells;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string of_task = task == nullptr ? "" : (*task)[i];
    if (seed != nullptr && !seen.insert({of_task, names[i], settings[i], (*seed)[i]}).second) {
      refuse(fmt::format("{}, row {}", table.source, i + 1),
             "the same setting was run twice with one seed",
             fmt::format("{}, {}, seed {}", names[i], settings[i], (*seed)[i]),
             "one row for each task, algorithm, setting and seed");
    }
    if (!std::isfinite(values[i])) {
      ++runs.num_dropped;
      continue;
    }
    cells[of_task][names[i]][settings[i]].push_back(objective.loss(values[i]));
  }
  for (const auto& [name, of_task] : cells) runs.tasks[name] = algorithms_of(of_task);
  return runs;
}

void check_runs(const LotteryRuns& runs, const DataTable& table) {
  if (runs.tasks.empty()) {
    refuse(table.source, "no run has a value", "", "a row per run with what it found at best");
  }
  for (const auto& [task, algorithms] : runs.tasks) {
    const std::string where = task.empty() ? table.source : table.source + ", task " + quote(task);
    if (algorithms.size() < 2) {
      refuse(where, "there is one algorithm, so nothing is compared", quote(algorithms[0].name),
             "two algorithms at least");
    }
    for (const AlgorithmRuns& each : algorithms) {
      if (each.runs.size() >= 2) continue;
      refuse(where, "an algorithm has one setting, so its spread is unknown", quote(each.name),
             "two settings at least of every algorithm",
             "copies with other seeds may stand for the settings of an algorithm that has none");
    }
  }
}

}  // namespace

LotteryRuns read_lottery_runs(const DataTable& table, const OptionValues& options,
                              const Objective& objective) {
  LotteryRuns runs = read_runs(table, options, objective);
  check_runs(runs, table);
  return runs;
}

}  // namespace trimtab
