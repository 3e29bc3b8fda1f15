#include "trimtab/exchange/optuna_sqlite/read_database.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/exchange/optuna_sqlite/database.hpp"
#include "trimtab/exchange/optuna_sqlite/trimtab_attributes.hpp"
#include "trimtab/optuna/file_time.hpp"

namespace trimtab::exchange {
namespace {

using optuna::AttributeMap;
using optuna::StoredStudy;
using optuna::StoredTrial;
using optuna::ZoneRule;

constexpr std::int64_t kSchema = 12;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

[[noreturn]] void refuse(const std::string& code, const std::string& what, const std::string& where,
                         std::string got, std::string expected, std::string hint = "") {
  throw UserError({.code = code,
                   .what = what,
                   .where = where,
                   .got = std::move(got),
                   .expected = std::move(expected),
                   .hint = std::move(hint)});
}

void require_schema(const Database& database) {
  Statement rows(database, "SELECT schema_version FROM version_info");
  const std::int64_t schema = rows.next() ? rows.integer(0) : 0;
  if (schema == kSchema) return;
  refuse("import.schema", "the database has another schema of Optuna's", database.path(),
         std::to_string(schema), std::to_string(kSchema),
         "optuna storage upgrade --storage sqlite:///" + database.path());
}

// "5.0.0" and later write UTC.
ZoneRule zone_rule(const Database& database, const ReadOptions& options) {
  if (!options.times.empty()) return options.times == "utc" ? ZoneRule::Utc : ZoneRule::Local;
  Statement rows(database, "SELECT library_version FROM version_info");
  const std::string version(rows.next() ? rows.text(0) : "");
  long long major = 0;
  const bool is_read = parse_int(version.substr(0, version.find('.')), major);
  return is_read && major < 5 ? ZoneRule::Local : ZoneRule::Utc;
}

// Reads the rows of one study.
class StudyReader {
 public:
  StudyReader(const Database& database, std::int64_t id, std::string name, ZoneRule rule)
      : database_(database), id_(id), rule_(rule) {
    study_.name = std::move(name);
  }

  StoredStudy read() {
    read_directions();
    read_attributes("study_user_attributes", study_.user_attributes);
    read_attributes("study_system_attributes", study_.system_attributes);
    read_trials();
    read_parameters();
    read_values();
    read_reports();
    read_trial_attributes("trial_user_attributes", &StoredTrial::user_attributes);
    read_trial_attributes("trial_system_attributes", &StoredTrial::system_attributes);
    return std::move(study_);
  }

  bool has_gaps() const { return has_gaps_; }

 private:
  std::string where(std::int64_t trial) const {
    return database_.path() + ", study " + quote(study_.name) + ", trial_id " +
           std::to_string(trial);
  }

  void read_directions() {
    Statement rows(database_,
                   "SELECT direction FROM study_directions WHERE study_id = ?1 ORDER BY objective");
    rows.bind(1, id_);
    while (rows.next()) {
      const std::string direction(rows.text(0));
      if (direction != "MINIMIZE" && direction != "MAXIMIZE") {
        refuse("import.direction", "the study has no direction",
               database_.path() + ", study " + quote(study_.name), direction,
               "MINIMIZE or MAXIMIZE");
      }
      study_.directions.push_back(direction == "MINIMIZE" ? Goal::Minimise : Goal::Maximise);
    }
  }

  void read_attributes(const std::string& table, AttributeMap& attributes) {
    Statement rows(database_, "SELECT key, value_json FROM " + table + " WHERE study_id = ?1");
    rows.bind(1, id_);
    while (rows.next()) add_attribute(attributes, rows.text(0), value_of(rows, 1));
  }

  // What an export of ours has added is no part of the study.
  static void add_attribute(AttributeMap& attributes, std::string_view key, std::string value) {
    if (key.starts_with(kOwnPrefix)) return;
    attributes.insert_or_assign(std::string(key), std::move(value));
  }

  static std::string value_of(const Statement& rows, int column) {
    return rows.is_null(column) ? "null" : std::string(rows.text(column));
  }

  std::optional<Timestamp> time_of(const Statement& rows, int column, std::int64_t trial) const {
    if (rows.is_null(column)) return std::nullopt;
    const std::optional<Timestamp> time = optuna::parse_file_time(rows.text(column), rule_);
    if (time) return time;
    refuse("import.time", "a time cannot be read", where(trial), quote(rows.text(column)),
           "YYYY-MM-DD HH:MM:SS.ffffff");
  }

  TrialState state_of(const Statement& rows, int column, std::int64_t trial) const {
    constexpr std::string_view kNames[] = {"RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"};
    const std::string_view name = rows.text(column);
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
      if (name == kNames[i]) return static_cast<TrialState>(i);
    }
    refuse("import.state", "there is no such state of a trial", where(trial), quote(name),
           "RUNNING, COMPLETE, PRUNED, FAIL or WAITING");
  }

  // Optuna lets two processes give one number twice; here numbers have no gaps and no twins.
  void read_trials() {
    Statement rows(database_,
                   "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials "
                   "WHERE study_id = ?1 ORDER BY number, trial_id");
    rows.bind(1, id_);
    while (rows.next()) {
      const std::int64_t id = rows.integer(0);
      has_gaps_ = has_gaps_ || rows.integer(1) != static_cast<std::int64_t>(study_.trials.size());
      index_of_.emplace(id, study_.trials.size());
      StoredTrial& trial = study_.trials.emplace_back();
      trial.state = state_of(rows, 2, id);
      trial.start = time_of(rows, 3, id);
      trial.complete = time_of(rows, 4, id);
    }
  }

  // Visits the rows of a child table whose first column is trial_id.
  template <typename Take>
  void each_row(const std::string& columns, const std::string& table, const std::string& key,
                const Take& take) {
    Statement rows(database_, "SELECT c.trial_id, " + columns + " FROM " + table +
                                  " c JOIN trials t ON t.trial_id = c.trial_id "
                                  "WHERE t.study_id = ?1 ORDER BY c." +
                                  key);
    rows.bind(1, id_);
    while (rows.next()) {
      const auto found = index_of_.find(rows.integer(0));
      if (found != index_of_.end()) take(study_.trials[found->second], rows);
    }
  }

  void read_parameters() {
    std::string name, distribution;
    each_row("c.param_name, c.param_value, c.distribution_json", "trial_params", "param_id",
             [&](StoredTrial& trial, const Statement& rows) {
               name = rows.text(1);
               distribution = rows.text(3);
               trial.parameters.push_back(
                   {study_.intern(name, distribution), rows.is_null(2) ? kNaN : rows.number(2)});
             });
  }

  double number_of(const Statement& rows, int column) const {
    const std::string_view type = rows.text(column + 1);
    if (type == "FINITE") return rows.is_null(column) ? kNaN : rows.number(column);
    if (type == "INF_POS") return kInfinity;
    if (type == "INF_NEG") return -kInfinity;
    if (type == "NAN") return kNaN;
    refuse("import.value", "there is no such type of a value", where(rows.integer(0)), quote(type),
           "FINITE, INF_POS, INF_NEG or NAN");
  }

  void read_values() {
    each_row("c.objective, c.value, c.value_type", "trial_values", "trial_value_id",
             [&](StoredTrial& trial, const Statement& rows) {
               const std::int64_t objective = rows.integer(1);
               const auto count = static_cast<std::int64_t>(study_.directions.size());
               if (objective < 0 || objective >= count) {
                 refuse("import.value", "a value is of no objective", where(rows.integer(0)),
                        std::to_string(objective), "0 to " + std::to_string(count - 1));
               }
               const auto index = static_cast<std::size_t>(objective);
               if (trial.values.size() <= index) trial.values.resize(index + 1, kNaN);
               trial.values[index] = number_of(rows, 2);
             });
  }

  void read_reports() {
    each_row("c.step, c.intermediate_value, c.intermediate_value_type", "trial_intermediate_values",
             "trial_intermediate_value_id", [&](StoredTrial& trial, const Statement& rows) {
               trial.reports[rows.integer(1)] = number_of(rows, 2);
             });
  }

  void read_trial_attributes(const std::string& table, AttributeMap StoredTrial::* map) {
    each_row("c.key, c.value_json", table, table.substr(0, table.size() - 1) + "_id",
             [&](StoredTrial& trial, const Statement& rows) {
               add_attribute(trial.*map, rows.text(1), value_of(rows, 2));
             });
  }

  const Database& database_;
  std::int64_t id_;
  ZoneRule rule_;
  StoredStudy study_;
  std::unordered_map<std::int64_t, std::size_t> index_of_;
  bool has_gaps_ = false;
};

}  // namespace

StoredDatabase read_optuna_database(const std::string& path, const ReadOptions& options) {
  Database database(path, Database::Mode::Read);
  const Transaction one_moment(database, Transaction::Kind::Read);
  require_schema(database);
  const ZoneRule rule = zone_rule(database, options);
  StoredDatabase stored;
  std::vector<std::string> names;
  Statement rows(database, "SELECT study_id, study_name FROM studies ORDER BY study_id");
  while (rows.next()) {
    const std::string name(rows.text(1));
    names.push_back(name);
    if (!options.study.empty() && name != options.study) continue;
    StudyReader reader(database, rows.integer(0), name, rule);
    stored.studies.push_back(reader.read());
    if (reader.has_gaps()) {
      stored.notes.push_back("numbers of trials of " + quote(name) +
                             " had gaps or twins; they are counted anew");
    }
  }
  if (!options.study.empty() && stored.studies.empty()) {
    refuse("import.study", "the source has no study of this name", path, quote(options.study),
           one_of(names), did_you_mean(options.study, names));
  }
  return stored;
}

}  // namespace trimtab::exchange
