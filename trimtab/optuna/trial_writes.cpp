#include "trimtab/optuna/trial_writes.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/engine/seeds.hpp"
#include "trimtab/optuna/local_time.hpp"

namespace trimtab::optuna {
namespace {

constexpr std::size_t kMostObjectives = 16;

void say(StudyStep& step, EventBody body) {
  step.events.push_back({.time = step.now, .body = std::move(body)});
}

const LiveTrial& require_open(const StudyPicture& picture, std::int64_t number) {
  if (number < 0 || number >= picture.size()) {
    throw Refusal{CallStatus::NotFound, "there is no such trial"};
  }
  const LiveTrial* trial = picture.live(number);
  if (trial == nullptr) {
    throw Refusal{CallStatus::FailedPrecondition, "the trial has finished and cannot change"};
  }
  return *trial;
}

Attribute make_attribute(std::int64_t number, bool is_system, const std::string& key,
                         const std::string& value) {
  if (is_system) return {number, std::string(kSystemPrefix) + key, value};
  if (key.starts_with(kReserved)) return {number, std::string(kUserPrefix) + key, value};
  return {number, key, value};
}

std::string numbers_text(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) text += (text.empty() ? "" : ", ") + python_float(number);
  return "[" + text + "]";
}

bool has_nan(const std::vector<double>& values) {
  return std::ranges::any_of(values, [](double value) { return std::isnan(value); });
}

// The dimension of the study's space for a parameter, which joins the space when it is new; -1 when
// the space cannot express it.
std::int64_t find_dimension(StudyStep& step, Space& space, const std::string& name,
                            const Distribution& distribution) {
  const std::optional<std::size_t> found = space.find_dimension(name);
  if (found) return static_cast<std::int64_t>(*found);
  const std::string definition = native_definition(distribution);
  if (definition.empty() || space.find_parameter(name) != nullptr) return -1;
  try {
    space = space.with_parameter(name, Json::parse(definition));
  } catch (const UserError&) {
    return -1;
  }
  say(step, SpaceGrown{name, definition});
  return static_cast<std::int64_t>(space.num_dimensions()) - 1;
}

// A value outside of what the space had at first stays out of the native view: samplers rely on it.
bool is_inside(const Space& space, std::int64_t dimension, double value) {
  return space.dimensions()[static_cast<std::size_t>(dimension)].clip(value) == value;
}

void say_parameter(StudyStep& step, Space& space, std::int64_t number,
                   const TrialTemplate::Parameter& parameter) {
  const StudyPicture& picture = step.picture;
  const int given = picture.last_given(parameter.name);
  const bool is_repeated = given >= 0 && picture.entry(given).text == parameter.distribution;
  std::int64_t dimension = parameter.dimension.value_or(-1);
  if (parameter.dimension) {
    // the caller knows
  } else if (const auto index = space.find_dimension(parameter.name); is_repeated && index) {
    dimension = static_cast<std::int64_t>(*index);
  } else if (!is_repeated) {
    const Distribution distribution = parse_distribution(parameter.distribution);
    const int known = picture.known(parameter.name);
    if (known >= 0 && !is_compatible(parse_distribution(picture.entry(known).text), distribution)) {
      throw Refusal{CallStatus::InvalidArgument,
                    "the study has this parameter with an incompatible distribution"};
    }
    dimension = find_dimension(step, space, parameter.name, distribution);
  }
  if (dimension >= 0 && !is_inside(space, dimension, parameter.value)) dimension = -1;
  say(step, ParameterSet{number, dimension, parameter.name, parameter.value,
                         is_repeated ? "" : parameter.distribution});
}

// Events cannot say a complete trial without one number per objective: for Trimtab it has failed,
// for Optuna it is what the client said.
void say_end(StudyStep& step, std::int64_t number, TrialState state, std::vector<double> values,
             std::optional<Timestamp> start, Timestamp time,
             std::map<std::string, double> metrics = {}) {
  if (step.picture.has_holdout() && !values.empty()) {
    throw Refusal{CallStatus::FailedPrecondition,
                  "the study's values go through a reusable holdout, which this protocol cannot"};
  }
  const std::size_t m = step.picture.objectives().size();
  TrialFinished end;
  end.number = number;
  end.outcome.state = state;
  end.outcome.metrics = std::move(metrics);
  const Timestamp begun = start.value_or(time);
  end.outcome.resources.wall_seconds =
      static_cast<double>(std::max(time - begun, Timestamp{0})) / 1e6;
  const bool is_sound = !has_nan(values) && (state == TrialState::Complete ? values.size() == m
                                             : state == TrialState::Pruned ? values.size() <= m
                                                                           : values.empty());
  if (is_sound) {
    end.outcome.values = std::move(values);
  } else {
    say(step, Attribute{number, std::string(kValuesKey), numbers_text(values)});
    if (state == TrialState::Complete) {
      say(step, Attribute{number, std::string(kStateKey), "1"});
      end.outcome.state = TrialState::Failed;
    }
  }
  if (end.outcome.state == TrialState::Failed) {
    const bool is_told = state == TrialState::Failed;
    end.outcome.failure = {is_told ? FailureReason::Interrupted : FailureReason::NoResult, 0,
                           is_told ? "told so by its client" : "completed without its values"};
  }
  step.events.push_back({.time = time, .body = std::move(end)});
}

void say_report(StudyStep& step, std::int64_t number, std::int64_t at, double value) {
  const auto position = static_cast<double>(at);
  if (std::abs(position) > 0x1p53) {
    say(step,
        Attribute{number, std::string(kStepPrefix) + std::to_string(at), numbers_text({value})});
  } else if (step.picture.objectives().size() == 1) {
    say(step, TrialReported{number, {position, value}});
  } else {
    say(step, ObjectivesReported{number, position, {value}});
  }
}

// The time that a template gives; when that does not come out again as it was, its text is kept.
Timestamp say_time(StudyStep& step, std::int64_t number, std::string_view key,
                   const std::string& text, std::optional<Timestamp> given) {
  if (given) return *given;
  const std::optional<Timestamp> time = parse_local_time(text);
  if (time && local_time_text(*time) == text) return *time;
  say(step, Attribute{number, std::string(key), text});
  return step.now;
}

}  // namespace

StudySpec client_spec(const std::vector<Goal>& directions) {
  if (directions.empty() || directions.size() > kMostObjectives) {
    throw Refusal{CallStatus::InvalidArgument, "a study has 1 to 16 directions"};
  }
  StudySpec spec;
  spec.validity.confirm_top = 0;  // only its clients can run it
  spec.objectives.clear();
  for (std::size_t i = 0; i < directions.size(); ++i) {
    const std::string number = directions.size() == 1 ? "" : std::to_string(i);
    spec.objectives.push_back({.name = "value" + number, .goal = directions[i]});
  }
  return spec;
}

std::string named_spec(StudySpec spec, const std::string& name) {
  spec.name = name;
  try {
    study_from_json(spec.to_json());
  } catch (const UserError&) {
    spec.name = "optuna";  // the name is none for a study file; the storage keeps it all the same
  }
  return spec.to_json().dump();
}

std::int64_t create_trial(StudyStep& step, const TrialTemplate* given) {
  const std::int64_t number = step.picture.size();
  TrialCreated created;
  created.number = number;
  created.purpose = Purpose::Enqueued;
  created.seed = tuning_seed(1, 0);
  created.state = given != nullptr && given->state == TrialState::Waiting ? TrialState::Waiting
                                                                          : TrialState::Running;
  if (created.state == TrialState::Running) created.worker = step.worker;
  say(step, created);
  if (given == nullptr) return number;
  if (created.state == TrialState::Running) {
    const Timestamp start = say_time(step, number, kStartKey, given->start, given->start_time);
    step.events.front().time = start;
  } else if (!given->start.empty() || given->start_time) {
    const std::string text = given->start_time ? local_time_text(*given->start_time) : given->start;
    say(step, Attribute{number, std::string(kStartKey), text});
  }
  Space space = step.picture.space();
  for (const TrialTemplate::Parameter& parameter : given->parameters) {
    say_parameter(step, space, number, parameter);
  }
  for (const auto& [key, value] : given->user_attributes) {
    say(step, make_attribute(number, false, key, value));
  }
  for (const auto& [key, value] : given->system_attributes) {
    say(step, make_attribute(number, true, key, value));
  }
  for (const auto& [at, value] : given->reports) say_report(step, number, at, value);
  if (is_finished(given->state)) {
    const Timestamp complete =
        say_time(step, number, kCompleteKey, given->complete, given->complete_time);
    const std::optional<Timestamp> start =
        given->start_time ? given->start_time : parse_local_time(given->start);
    say_end(step, number, given->state, given->values, start, complete, given->metrics);
  } else if (!given->values.empty()) {
    say(step, Attribute{number, std::string(kValuesKey), numbers_text(given->values)});
  }
  return number;
}

void set_parameter(StudyStep& step, std::int64_t number, const std::string& name, double value,
                   const std::string& distribution) {
  require_open(step.picture, number);
  Space space = step.picture.space();
  say_parameter(step, space, number, {name, value, distribution});
}

bool set_state(StudyStep& step, std::int64_t number, TrialState state,
               const std::vector<double>& values) {
  const LiveTrial& trial = require_open(step.picture, number);
  if (state == TrialState::Running && trial.state != TrialState::Waiting) return false;
  if (is_finished(state)) {
    say_end(step, number, state, values.empty() ? trial.values : values,
            parse_local_time(trial.start), step.now);
    return true;
  }
  if (!values.empty()) say(step, Attribute{number, std::string(kValuesKey), numbers_text(values)});
  if (state != trial.state) {
    const std::int64_t worker = state == TrialState::Running ? step.worker : 0;
    say(step, TrialMoved{number, state, worker});
  }
  return true;
}

void set_report(StudyStep& step, std::int64_t number, std::int64_t at, double value) {
  require_open(step.picture, number);
  say_report(step, number, at, value);
}

void set_attribute(StudyStep& step, std::int64_t number, bool is_system, const std::string& key,
                   const std::string& value) {
  if (number >= 0) require_open(step.picture, number);
  say(step, make_attribute(number, is_system, key, value));
}

}  // namespace trimtab::optuna
