#include "trimtab/science/capability_dynamics/task_curves.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "capability_dynamics.table",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

struct Score {
  double value = std::numeric_limits<double>::quiet_NaN();
  double error = std::numeric_limits<double>::quiet_NaN();
};

using Curve = std::map<double, Score>;
using Curves = std::map<std::string, std::map<std::string, Curve>>;  // task, configuration

double parameters_of(char unit) {
  switch (std::tolower(static_cast<unsigned char>(unit))) {
    case 'k':
      return 1e3;
    case 'm':
      return 1e6;
    case 'b':
      return 1e9;
    case 't':
      return 1e12;
    default:
      return 0.0;
  }
}

bool is_part_of_number(char c) { return (c >= '0' && c <= '9') || c == '.'; }

Curves curves_of(const DataTable& table, const std::string& metric,
                 const std::vector<std::string>& only) {
  const std::vector<std::string>& models = table.texts("model");
  const std::vector<std::string>& tasks = table.texts("task");
  const std::vector<std::string>& metrics = table.texts("metric");
  const std::vector<double> steps = table.numbers("step");
  const std::vector<double> values = table.numbers("value");
  Curves curves;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_error = metrics[i] == metric + "_stderr";
    if (!is_error && metrics[i] != metric) continue;
    if (!only.empty() && std::find(only.begin(), only.end(), tasks[i]) == only.end()) continue;
    if (!std::isfinite(steps[i]) || !std::isfinite(values[i])) continue;
    Score& score = curves[tasks[i]][models[i]][steps[i]];
    double& place = is_error ? score.error : score.value;
    if (!std::isnan(place)) {
      refuse(table.source, "a score stands in the table twice",
             models[i] + ", " + tasks[i] + ", step " + format_number(steps[i]),
             "one row of each model, step, task and metric");
    }
    if (!is_error && values[i] > 1.0) {
      refuse(table.source, "a score is above 1", tasks[i] + ": " + format_number(values[i]),
             "a metric that is maximised and at most 1");
    }
    place = values[i];
  }
  return curves;
}

// Steps of a curve at which the score is known.
std::set<double> known_steps(const Curve& curve, const std::string& where,
                             const std::string& task) {
  std::set<double> steps;
  for (const auto& [step, score] : curve) {
    if (std::isnan(score.value)) continue;
    if (!(score.error >= 0.0)) {
      refuse(where, "a score has no standard error", task + ", step " + format_number(step),
             "a row METRIC_stderr beside every score");
    }
    steps.insert(step);
  }
  return steps;
}

}  // namespace

std::vector<double> TaskCurves::at(std::size_t task, std::size_t step) const {
  std::vector<double> result;
  for (const std::vector<double>& curve : scores[task]) result.push_back(curve[step]);
  return result;
}

Configuration configuration_of(const std::string& name) {
  for (std::size_t begin = 0; begin < name.size(); ++begin) {
    const bool is_inside = begin > 0 && std::isalnum(static_cast<unsigned char>(name[begin - 1]));
    if (!is_part_of_number(name[begin]) || is_inside) continue;
    std::size_t end = begin;
    while (end < name.size() && is_part_of_number(name[end])) ++end;
    if (end == name.size()) break;
    const bool is_word =
        end + 1 < name.size() && std::isalnum(static_cast<unsigned char>(name[end + 1]));
    double number = 0.0;
    const double unit = parameters_of(name[end]);
    if (unit > 0.0 && !is_word && parse_double(name.substr(begin, end - begin), number) &&
        number > 0.0) {
      return {name, number * unit, name.substr(0, begin) + "#" + name.substr(end + 1)};
    }
    begin = end;
  }
  throw UserError({.code = "capability_dynamics.size",
                   .what = "a model's name does not say its size",
                   .where = "column \"model\"",
                   .got = quote(name),
                   .expected = "a name with parameters, such as base-70m or base-1.4b",
                   .hint = ""});
}

TaskCurves read_task_curves(const DataTable& table, const std::string& metric,
                            const std::vector<std::string>& only) {
  const Curves curves = curves_of(table, metric, only);
  std::set<std::string> names;
  for (const auto& [task, of_task] : curves) {
    for (const auto& [model, curve] : of_task) names.insert(model);
  }
  TaskCurves result;
  for (const std::string& name : names) result.configurations.push_back(configuration_of(name));
  std::stable_sort(result.configurations.begin(), result.configurations.end(),
                   [](const Configuration& a, const Configuration& b) { return a.size < b.size; });
  std::set<double> all, shared;
  for (const auto& [task, of_task] : curves) {
    if (of_task.size() < names.size()) {
      ++result.num_left_out;
      continue;
    }
    for (const auto& [model, curve] : of_task) {
      const std::set<double> known = known_steps(curve, table.source, task);
      if (all.empty()) shared = known;
      all.insert(known.begin(), known.end());
      std::erase_if(shared, [&](double step) { return known.count(step) == 0; });
    }
    result.tasks.push_back(task);
  }
  if (names.size() < 2 || result.tasks.empty() || shared.size() < 3) {
    refuse(table.source, "no curves of the metric " + quote(metric) + " can be compared",
           std::to_string(names.size()) + " models, " + std::to_string(result.tasks.size()) +
               " tasks, " + std::to_string(shared.size()) + " steps that all share",
           "two models or more, a task and three steps that all of them have");
  }
  result.num_left_out += all.size() - shared.size();
  result.steps.assign(shared.begin(), shared.end());
  for (const std::string& task : result.tasks) {
    auto& scores = result.scores.emplace_back();
    auto& errors = result.errors.emplace_back();
    for (const Configuration& each : result.configurations) {
      const Curve& curve = curves.at(task).at(each.name);
      auto& of_score = scores.emplace_back();
      auto& of_error = errors.emplace_back();
      for (const double step : result.steps) {
        of_score.push_back(curve.at(step).value);
        of_error.push_back(curve.at(step).error);
      }
    }
  }
  return result;
}

}  // namespace trimtab
