#include "trimtab/exchange/optuna_sqlite/trial_rows.hpp"

#include <cmath>
#include <string>

namespace trimtab::exchange {
namespace {

constexpr std::string_view kStates[] = {"RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"};

// Where infinite and missing numbers are said by a type beside an empty column.
void bind_typed(Statement& statement, int parameter, double value) {
  if (std::isfinite(value)) {
    statement.bind_number(parameter, value).bind_text(parameter + 1, "FINITE");
  } else {
    const std::string_view type = std::isnan(value) ? "NAN" : value > 0 ? "INF_POS" : "INF_NEG";
    statement.bind_null(parameter).bind_text(parameter + 1, type);
  }
}

std::string attribute_sql(const std::string& table, const std::string& owner) {
  return "INSERT INTO " + table + " (" + owner +
         ", key, value_json) VALUES (?1, ?2, ?3) ON CONFLICT (" + owner +
         ", key) DO UPDATE SET value_json = excluded.value_json";
}

void run_attribute(Statement& statement, std::int64_t owner, std::string_view key,
                   std::string_view value) {
  statement.bind(1, owner).bind_text(2, key).bind_text(3, value).run();
}

}  // namespace

TrialRows::TrialRows(const Database& database, optuna::ZoneRule rule)
    : rule_(rule),
      trial_(database,
             "INSERT INTO trials (trial_id, number, study_id, state, datetime_start, "
             "datetime_complete) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (trial_id) DO UPDATE "
             "SET state = excluded.state, datetime_start = excluded.datetime_start, "
             "datetime_complete = excluded.datetime_complete"),
      parameter_(database,
                 "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) "
                 "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (trial_id, param_name) DO UPDATE SET "
                 "param_value = excluded.param_value, "
                 "distribution_json = excluded.distribution_json"),
      forget_(database, "DELETE FROM trial_params WHERE trial_id = ?1"),
      value_(database,
             "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES "
             "(?1, ?2, ?3, ?4) ON CONFLICT (trial_id, objective) DO UPDATE SET "
             "value = excluded.value, value_type = excluded.value_type"),
      report_(database,
              "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, "
              "intermediate_value_type) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (trial_id, step) DO "
              "UPDATE SET intermediate_value = excluded.intermediate_value, "
              "intermediate_value_type = excluded.intermediate_value_type"),
      user_(database, attribute_sql("trial_user_attributes", "trial_id")),
      system_(database, attribute_sql("trial_system_attributes", "trial_id")),
      study_user_(database, attribute_sql("study_user_attributes", "study_id")),
      study_system_(database, attribute_sql("study_system_attributes", "study_id")) {}

// A time that was given as a text is read as one; what cannot be read is no time.
void TrialRows::bind_time(int parameter, const std::optional<Timestamp>& time,
                          const std::string& text, std::string& kept) {
  const std::optional<Timestamp> known =
      time ? time : optuna::parse_file_time(text, optuna::ZoneRule::Local);
  if (!known) {
    trial_.bind_null(parameter);
    return;
  }
  kept = optuna::file_time_text(*known, rule_);
  trial_.bind_text(parameter, kept);
}

void TrialRows::write(std::int64_t number, const optuna::LiveTrial& trial,
                      const optuna::StudyPicture& picture) {
  const std::int64_t id = id_of(number);
  std::string start, complete;
  trial_.bind(1, id).bind(2, number).bind(3, kStudy);
  trial_.bind_text(4, kStates[static_cast<std::size_t>(trial.state)]);
  bind_time(5, trial.start_time, trial.start, start);
  bind_time(6, trial.complete_time, trial.complete, complete);
  trial_.run();
  for (const optuna::LiveTrial::Parameter& parameter : trial.parameters) {
    const optuna::StudyPicture::Entry& entry = picture.entry(parameter.entry);
    parameter_.bind(1, id).bind_text(2, entry.name).bind_number(3, parameter.value);
    parameter_.bind_text(4, entry.text).run();
  }
  for (std::size_t i = 0; i < trial.values.size(); ++i) {
    if (std::isnan(trial.values[i])) continue;  // Optuna has no way to say it
    value_.bind(1, id).bind(2, static_cast<std::int64_t>(i));
    bind_typed(value_, 3, trial.values[i]);
    value_.run();
  }
  for (const auto& [step, value] : trial.reports) {
    report_.bind(1, id).bind(2, step);
    bind_typed(report_, 3, value);
    report_.run();
  }
  for (const auto& [key, value] : trial.user_attributes) run_attribute(user_, id, key, value);
  for (const auto& [key, value] : trial.system_attributes) run_attribute(system_, id, key, value);
}

void TrialRows::forget_parameters(std::int64_t number) { forget_.bind(1, id_of(number)).run(); }

void TrialRows::write_attribute(std::int64_t number, bool is_system, std::string_view key,
                                std::string_view value) {
  run_attribute(is_system ? system_ : user_, id_of(number), key, value);
}

void TrialRows::write_study_attribute(bool is_system, std::string_view key,
                                      std::string_view value) {
  run_attribute(is_system ? study_system_ : study_user_, kStudy, key, value);
}

}  // namespace trimtab::exchange
