#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/server/optuna/desk.hpp"

namespace trimtab::optuna {

/// The study file of a study that an Optuna client creates, JSON text: one objective per direction
/// ("value", or "value0", "value1", ...). @throws Refusal when there are none or more than 16.
std::string spec_of(const std::string& name, const std::vector<Goal>& directions);

/// What a new trial begins with; the fields of the message Trial.
struct TrialTemplate {
  TrialState state = TrialState::Running;
  std::vector<double> values = {};
  std::string start = {}, complete = {};
  struct Parameter {
    std::string name;
    double value;
    std::string distribution;
  };
  std::vector<Parameter> parameters = {};
  AttributeMap user_attributes = {}, system_attributes = {};
  std::map<std::int64_t, double> reports = {};
};

// Each collects the events of one call in `step.events`. Errors: Refusal NotFound for an unknown
// trial, FailedPrecondition for a finished one, InvalidArgument for values that make no sense.

/// @param given  nullptr = a trial that runs from now on. @returns its number.
std::int64_t create_trial(StudyStep& step, const TrialTemplate* given);

void set_parameter(StudyStep& step, std::int64_t number, const std::string& name, double value,
                   const std::string& distribution);

/// @returns false when somebody else runs the trial already: then nothing changes.
bool set_state(StudyStep& step, std::int64_t number, TrialState state,
               const std::vector<double>& values);

void set_report(StudyStep& step, std::int64_t number, std::int64_t at, double value);

/// @param number  -1 = the study.
void set_attribute(StudyStep& step, std::int64_t number, bool is_system, const std::string& key,
                   const std::string& value);

}  // namespace trimtab::optuna
