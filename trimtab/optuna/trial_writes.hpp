#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/optuna/study_step.hpp"

namespace trimtab::optuna {

/// The study file of a study that an Optuna client creates: one objective per direction ("value",
/// or "value0", "value1", ...). @throws Refusal when there are none or more than 16.
StudySpec client_spec(const std::vector<Goal>& directions);

/// A study file's JSON text with that name, or with another where it is no name for a study file.
std::string named_spec(StudySpec spec, const std::string& name);

/// What a new trial begins with; the fields of the message Trial.
struct TrialTemplate {
  TrialState state = TrialState::Running;
  std::vector<double> values = {};
  std::string start = {}, complete = {};
  std::optional<Timestamp> start_time = {}, complete_time = {};  ///< instead of the texts
  struct Parameter {
    std::string name;
    double value;
    std::string distribution;
    /// Where in the study's space it belongs, when that is known: then it is not checked. -1 = it
    /// is Optuna's alone.
    std::optional<std::int64_t> dimension = {};
  };
  std::vector<Parameter> parameters = {};
  AttributeMap user_attributes = {}, system_attributes = {};
  std::map<std::int64_t, double> reports = {};
  std::map<std::string, double> metrics = {};  ///< for Trimtab's view alone
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
