#include "trimtab/optuna/study_import.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/optuna/native_space.hpp"
#include "trimtab/optuna/trial_writes.hpp"

namespace trimtab::optuna {
namespace {

constexpr std::string_view kConstraints = "constraints";
constexpr std::string_view kConstraintPrefix = "constraints:";
constexpr std::string_view kMetricNames = "study:metric_names";

bool is_done(const StoredTrial& trial) {
  return trial.state == TrialState::Complete || trial.state == TrialState::Pruned;
}

double number_of(const PythonValue& value) {
  const bool is_number =
      value.type == PythonValue::Type::Int || value.type == PythonValue::Type::Float;
  return is_number ? value.number : std::numeric_limits<double>::quiet_NaN();
}

// A key as part of a metric's name.
std::string plain(std::string_view key) {
  std::string name(key);
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  for (char& c : name) c = is_plain(c) ? c : '_';
  return name;
}

// The constraints of a trial by the names of their metrics; of those that share a name the largest.
std::map<std::string, double> constraints_of(const StoredTrial& trial) {
  std::map<std::string, double> metrics;
  const auto add = [&](const std::string& name, const PythonValue& value) {
    const auto [at, is_new] = metrics.try_emplace(name, number_of(value));
    if (!is_new && !(at->second > number_of(value))) at->second = number_of(value);
  };
  for (auto at = trial.system_attributes.lower_bound(kConstraints);
       at != trial.system_attributes.end() && at->first.starts_with(kConstraints); ++at) {
    const std::optional<PythonValue> value = parse_python_json(at->second);
    if (!value) continue;
    if (at->first.starts_with(kConstraintPrefix)) {
      add("constraint_" + plain(at->first.substr(kConstraintPrefix.size())), *value);
    } else if (at->first == kConstraints) {
      for (std::size_t i = 0; i < value->items.size(); ++i) {
        add("constraint" + std::to_string(i), value->items[i]);
      }
    }
  }
  return metrics;
}

// Whether the trials that ended well have all the same parameters.
bool is_dynamic(const StoredStudy& stored, const NativeSpace& native) {
  bool has_done = false;
  for (const StoredTrial& trial : stored.trials) {
    if (!is_done(trial)) continue;
    has_done = true;
    std::size_t count = 0;
    for (const StoredTrial::Parameter& parameter : trial.parameters) {
      count += native.dimension_of[static_cast<std::size_t>(parameter.entry)] >= 0;
    }
    if (count != native.definitions.size()) return true;
  }
  return !has_done;
}

bool is_study_file(const StudySpec& spec) {
  try {
    StudySpec named = spec;
    named.name = "study";
    study_from_json(named.to_json());
    return true;
  } catch (const UserError&) {
    return false;
  }
}

// What Optuna calls its metrics are the names of the objectives, where a study file can have them.
void name_objectives(const StoredStudy& stored, StudySpec& spec) {
  const auto found = stored.system_attributes.find(kMetricNames);
  if (found == stored.system_attributes.end()) return;
  const std::optional<PythonValue> names = parse_python_json(found->second);
  if (!names || names->items.size() != spec.objectives.size()) return;
  StudySpec renamed = spec;
  for (std::size_t i = 0; i < names->items.size(); ++i) {
    renamed.objectives[i].name = names->items[i].text;
  }
  if (is_study_file(renamed)) spec = std::move(renamed);
}

// A study file has 16 constraints; what is beyond stays a metric alone.
void add_constraints(const StoredStudy& stored, StudySpec& spec) {
  std::set<std::string> names;
  for (const StoredTrial& trial : stored.trials) {
    for (const auto& [name, value] : constraints_of(trial)) names.insert(name);
  }
  for (const std::string& name : names) {
    StudySpec constrained = spec;
    constrained.constraints.push_back({.name = name, .limit = 0.0, .is_at_least = false});
    if (is_study_file(constrained)) spec = std::move(constrained);
  }
}

StudySpec spec_of(const StoredStudy& stored) {
  try {
    return client_spec(stored.directions);
  } catch (const Refusal& refusal) {
    throw UserError({.code = "optuna.directions",
                     .what = refusal.message,
                     .where = "study " + quote(stored.name),
                     .got = std::to_string(stored.directions.size()),
                     .expected = "",
                     .hint = ""});
  }
}

// Builds the log as the server would have, with the same steps.
class LogWriter {
 public:
  LogWriter(const StudyRecord& record, const NativeSpace& native, ImportPlan& plan)
      : picture_(record), native_(native), plan_(plan) {}

  void grow(const std::string& name, const std::string& definition, Timestamp now) {
    events_ = {{.time = now, .body = SpaceGrown{name, definition}}};
    take();
  }

  void add_attributes(const StoredStudy& stored, Timestamp now) {
    StudyStep step{picture_, events_, now, 0};
    for (const auto& [key, value] : stored.user_attributes) {
      set_attribute(step, -1, false, key, value);
    }
    for (const auto& [key, value] : stored.system_attributes) {
      set_attribute(step, -1, true, key, value);
    }
    take();
  }

  void add_trial(const StoredStudy& stored, const StoredTrial& trial, Timestamp now) {
    given_ = {.state = trial.state,
              .values = trial.values,
              .start_time = trial.start,
              .complete_time = trial.complete,
              .user_attributes = trial.user_attributes,
              .system_attributes = trial.system_attributes,
              .reports = trial.reports,
              .metrics = constraints_of(trial)};
    for (const StoredTrial::Parameter& parameter : trial.parameters) {
      const auto index = static_cast<std::size_t>(parameter.entry);
      const StoredStudy::Entry& entry = stored.entries[index];
      given_.parameters.push_back(
          {entry.name, parameter.value, entry.distribution, native_.dimension_of[index]});
    }
    // Nobody here runs it: worker 0.
    StudyStep step{picture_, events_, now, 0};
    create_trial(step, &given_);
    take();
  }

 private:
  void take() {
    for (const Event& event : events_) {
      if (const auto* set = std::get_if<ParameterSet>(&event.body)) {
        plan_.num_foreign += set->dimension < 0;
      }
      picture_.apply(picture_.last_sequence() + 1, event);
      encode(event, plan_.events.emplace_back());
    }
    events_.clear();
  }

  StudyPicture picture_;
  const NativeSpace& native_;
  ImportPlan& plan_;
  std::vector<Event> events_;
  TrialTemplate given_;
};

std::optional<Timestamp> first_time(const StoredStudy& stored) {
  std::optional<Timestamp> first;
  for (const StoredTrial& trial : stored.trials) {
    for (const std::optional<Timestamp>& time : {trial.start, trial.complete}) {
      if (time && (!first || *time < *first)) first = time;
    }
  }
  return first;
}

}  // namespace

ImportPlan plan_import(const StoredStudy& stored, const std::string& name, Timestamp fallback) {
  const NativeSpace native = native_space(stored);
  ImportPlan plan{.num_native = static_cast<std::int64_t>(native.definitions.size()),
                  .is_dynamic = is_dynamic(stored, native),
                  .foreign = native.foreign};
  StudySpec spec = spec_of(stored);
  name_objectives(stored, spec);
  if (!plan.is_dynamic) spec.space_definition = native.space.definition_text();
  add_constraints(stored, spec);
  plan.spec = named_spec(spec, name);
  LogWriter log({.id = 1, .name = name, .spec = plan.spec}, native, plan);
  Timestamp now = first_time(stored).value_or(fallback);
  for (std::size_t i = 0; plan.is_dynamic && i < native.definitions.size(); ++i) {
    log.grow(native.space.dimensions()[i].name, native.definitions[i], now);
  }
  log.add_attributes(stored, now);
  for (const StoredTrial& trial : stored.trials) {
    now = std::max({now, trial.start.value_or(now), trial.complete.value_or(now)});
    log.add_trial(stored, trial, trial.complete ? *trial.complete : trial.start.value_or(now));
  }
  return plan;
}

}  // namespace trimtab::optuna
