#include "trimtab/exchange/optuna_sqlite/trimtab_attributes.hpp"

#include <limits>

#include "trimtab/optuna/python_json.hpp"

namespace trimtab::exchange {
namespace {

// The value that a constraint looks at: an objective's or a metric's.
double constrained_value(const StudySpec& spec, const std::string& name, const Outcome& outcome) {
  for (std::size_t i = 0; i < spec.objectives.size() && i < outcome.values.size(); ++i) {
    if (spec.objectives[i].name == name) return outcome.values[i];
  }
  const auto metric = outcome.metrics.find(name);
  const bool is_there = metric != outcome.metrics.end();
  return is_there ? metric->second : std::numeric_limits<double>::quiet_NaN();
}

bool has_constraints(const optuna::LiveTrial& trial) {
  const auto first = trial.system_attributes.lower_bound("constraints");
  if (first == trial.system_attributes.end()) return false;
  return first->first == "constraints" || first->first.starts_with("constraints:");
}

}  // namespace

std::map<std::string, std::string> trimtab_attributes(const StudySpec& spec, Purpose purpose,
                                                      const TrialFinished& end,
                                                      const optuna::LiveTrial& trial) {
  std::map<std::string, std::string> attributes;
  if (purpose == Purpose::Confirm) attributes["trimtab:purpose"] = R"("confirm")";
  const Failure& failure = end.outcome.failure;
  if (failure.reason != FailureReason::None && trial.state == TrialState::Failed) {
    std::string text(name_of(failure.reason));
    if (!failure.detail.empty()) text += ": " + failure.detail;
    attributes["trimtab:failure"] = optuna::python_quote(text);
  }
  if (end.outcome.state == TrialState::Complete && !has_constraints(trial)) {
    std::string list;
    for (const MetricConstraint& constraint : spec.constraints) {
      const double value = constrained_value(spec, constraint.name, end.outcome);
      list += (list.empty() ? "" : ", ") + optuna::python_float(constraint.violation(value));
    }
    if (!list.empty()) attributes["constraints"] = "[" + list + "]";
  }
  return attributes;
}

std::string metric_names(const StudySpec& spec) {
  std::string list;
  bool has_names = false;
  for (std::size_t i = 0; i < spec.objectives.size(); ++i) {
    const std::string& name = spec.objectives[i].name;
    has_names =
        has_names || name != "value" + (spec.objectives.size() == 1 ? "" : std::to_string(i));
    list += (list.empty() ? "" : ", ") + optuna::python_quote(name);
  }
  return has_names ? "[" + list + "]" : "";
}

}  // namespace trimtab::exchange
