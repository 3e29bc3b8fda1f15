#include "trimtab/exchange/optuna_journal/replay_journal.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "trimtab/base/text.hpp"
#include "trimtab/exchange/optuna_journal/record.hpp"
#include "trimtab/optuna/distribution.hpp"

namespace trimtab::exchange {
namespace {

using optuna::Distribution;
using optuna::PythonMember;
using optuna::StoredStudy;
using optuna::StoredTrial;

enum Operation : std::int64_t {
  kCreateStudy = 0,
  kDeleteStudy = 1,
  kSetStudyUserAttribute = 2,
  kSetStudySystemAttribute = 3,
  kCreateTrial = 4,
  kSetParameter = 5,
  kSetState = 6,
  kSetReport = 7,
  kSetTrialUserAttribute = 8,
  kSetTrialSystemAttribute = 9,
  kDiscardTrials = 10,
};

void merge(optuna::AttributeMap from, optuna::AttributeMap& into) {
  for (auto& [key, value] : from) into.insert_or_assign(key, std::move(value));
}

bool is_number(const optuna::PythonValue& value) {
  using Type = optuna::PythonValue::Type;
  return value.type == Type::Int || value.type == Type::Float;
}

class Replay {
 public:
  explicit Replay(optuna::ZoneRule rule) : rule_(rule) {}

  void apply(const Record& record) {
    switch (record.integer("op_code")) {
      case kCreateStudy:
        return create_study(record);
      case kDeleteStudy:
        return delete_study(record);
      case kSetStudyUserAttribute:
        return set_study_attributes(record, "user_attr", &StoredStudy::user_attributes);
      case kSetStudySystemAttribute:
        return set_study_attributes(record, "system_attr", &StoredStudy::system_attributes);
      case kCreateTrial:
        return create_trial(record);
      case kSetParameter:
        return set_parameter(record);
      case kSetState:
        return set_state(record);
      case kSetReport:
        return set_report(record);
      case kSetTrialUserAttribute:
        return set_trial_attributes(record, "user_attr", &StoredTrial::user_attributes);
      case kSetTrialSystemAttribute:
        return set_trial_attributes(record, "system_attr", &StoredTrial::system_attributes);
      case kDiscardTrials:
        return discard_trials(record);
      default:
        record.refuse("op_code", "0 to 10");
    }
  }

  ReplayedJournal finish() {
    ReplayedJournal replayed{.num_discarded = static_cast<std::int64_t>(discarded_.size())};
    for (OpenStudy& open : studies_) {
      if (!open.is_deleted) replayed.studies.push_back(std::move(open.study));
    }
    return replayed;
  }

 private:
  struct OpenStudy {
    StoredStudy study;
    bool is_deleted = false;
    std::unordered_map<std::string, Distribution> last_given = {};
    std::unordered_map<std::string, std::string> last_text = {};
  };
  struct Place {
    std::size_t study;
    std::size_t number;
  };

  OpenStudy* find_study(const Record& record) {
    const std::int64_t id = record.integer("study_id");
    if (id < 0 || id >= static_cast<std::int64_t>(studies_.size())) return nullptr;
    OpenStudy& open = studies_[static_cast<std::size_t>(id)];
    return open.is_deleted ? nullptr : &open;
  }

  // The trial that a record changes, while it may change; nullptr = the record does nothing.
  StoredTrial* find_trial(const Record& record, OpenStudy** of = nullptr) {
    const std::int64_t id = record.integer("trial_id");
    if (id < 0 || id >= static_cast<std::int64_t>(trials_.size())) return nullptr;
    const Place place = trials_[static_cast<std::size_t>(id)];
    OpenStudy& open = studies_[place.study];
    if (open.is_deleted) return nullptr;
    StoredTrial& trial = open.study.trials[place.number];
    if (of != nullptr) *of = &open;
    return is_finished(trial.state) ? nullptr : &trial;
  }

  void create_study(const Record& record) {
    const std::string& name = record.text("study_name");
    const bool is_there = std::ranges::any_of(studies_, [&](const OpenStudy& open) {
      return !open.is_deleted && open.study.name == name;
    });
    if (is_there) return;
    OpenStudy& open = studies_.emplace_back();
    open.study.name = name;
    for (const std::int64_t direction : record.integers("directions")) {
      if (direction != 1 && direction != 2) record.refuse("directions", "1 (minimise) or 2");
      open.study.directions.push_back(direction == 1 ? Goal::Minimise : Goal::Maximise);
    }
  }

  void delete_study(const Record& record) {
    OpenStudy* open = find_study(record);
    if (open == nullptr) return;
    open->study = StoredStudy();
    open->is_deleted = true;
  }

  void set_study_attributes(const Record& record, std::string_view key,
                            optuna::AttributeMap StoredStudy::* map) {
    OpenStudy* open = find_study(record);
    if (open != nullptr) merge(record.attributes(key), open->study.*map);
  }

  void create_trial(const Record& record) {
    OpenStudy* open = find_study(record);
    if (open == nullptr) return;
    StoredTrial trial;
    if (record.has("state")) trial.state = record.state("state");
    trial.start = record.time_if("datetime_start", rule_);
    trial.complete = record.time_if("datetime_complete", rule_);
    if (record.has("values")) {
      trial.values = record.numbers("values");
    } else if (record.has("value")) {
      trial.values = {record.number("value")};
    }
    if (record.has("user_attrs")) trial.user_attributes = record.attributes("user_attrs");
    if (record.has("system_attrs")) trial.system_attributes = record.attributes("system_attrs");
    if (record.has("params")) add_parameters(record, open->study, trial);
    if (record.has("intermediate_values")) add_reports(record, trial);
    trials_.push_back(
        {static_cast<std::size_t>(open - studies_.data()), open->study.trials.size()});
    open->study.trials.push_back(std::move(trial));
  }

  static void add_parameters(const Record& record, StoredStudy& study, StoredTrial& trial) {
    const std::vector<PythonMember> distributions = record.members("distributions");
    for (const PythonMember& parameter : record.members("params")) {
      const auto found = std::ranges::find(distributions, parameter.key,
                                           [](const PythonMember& m) { return m.key; });
      if (!is_number(parameter.value)) record.refuse("params", "numbers");
      if (found == distributions.end()) record.refuse("distributions", "one for each parameter");
      trial.parameters.push_back(
          {study.intern(parameter.key, found->value.text), parameter.value.number});
    }
  }

  static void add_reports(const Record& record, StoredTrial& trial) {
    for (const PythonMember& report : record.members("intermediate_values")) {
      long long step = 0;
      const bool is_step = parse_int(report.key, step);
      if (!is_step || !is_number(report.value)) {
        record.refuse("intermediate_values", "whole steps with numbers");
      }
      trial.reports[step] = report.value.number;
    }
  }

  // False when the study has the parameter with a distribution that contradicts this one.
  static bool note_distribution(OpenStudy& open, const std::string& name, const std::string& text) {
    const auto last = open.last_text.find(name);
    if (last != open.last_text.end() && last->second == text) return true;
    Distribution distribution = optuna::parse_distribution(text);
    const auto known = open.last_given.find(name);
    if (known != open.last_given.end() && !is_compatible(known->second, distribution)) return false;
    open.last_given.insert_or_assign(name, std::move(distribution));
    open.last_text.insert_or_assign(name, text);
    return true;
  }

  void set_parameter(const Record& record) {
    OpenStudy* open = nullptr;
    StoredTrial* trial = find_trial(record, &open);
    if (trial == nullptr) return;
    const std::string& name = record.text("param_name");
    const std::string& text = record.text("distribution");
    if (!note_distribution(*open, name, text)) return;
    const StoredTrial::Parameter set{open->study.intern(name, text),
                                     record.number("param_value_internal")};
    for (StoredTrial::Parameter& parameter : trial->parameters) {
      const auto entry = static_cast<std::size_t>(parameter.entry);
      if (open->study.entries[entry].name != name) continue;
      parameter = set;
      return;
    }
    trial->parameters.push_back(set);
  }

  void set_state(const Record& record) {
    StoredTrial* trial = find_trial(record);
    if (trial == nullptr) return;
    const TrialState state = record.state("state");
    // Whoever comes second does not get the trial.
    if (state == TrialState::Running && trial->state == TrialState::Running) return;
    if (state == TrialState::Running) trial->start = record.time_if("datetime_start", rule_);
    if (is_finished(state)) trial->complete = record.time_if("datetime_complete", rule_);
    if (record.has("values")) trial->values = record.numbers("values");
    trial->state = state;
  }

  void set_report(const Record& record) {
    StoredTrial* trial = find_trial(record);
    if (trial != nullptr)
      trial->reports[record.integer("step")] = record.number("intermediate_value");
  }

  void set_trial_attributes(const Record& record, std::string_view key,
                            optuna::AttributeMap StoredTrial::* map) {
    StoredTrial* trial = find_trial(record);
    if (trial != nullptr) merge(record.attributes(key), trial->*map);
  }

  // Rustuna frees memory with it. The trials have happened all the same.
  void discard_trials(const Record& record) {
    for (const std::int64_t id : record.integers("trial_ids")) discarded_.insert(id);
  }

  optuna::ZoneRule rule_;
  std::vector<OpenStudy> studies_;  // by id
  std::vector<Place> trials_;       // by id
  std::set<std::int64_t> discarded_;
};

}  // namespace

ReplayedJournal replay_journal(std::string_view bytes, const std::string& file,
                               optuna::ZoneRule rule) {
  Replay replay(rule);
  std::int64_t number = 0;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == bytes.npos) break;
    replay.apply(Record(bytes.substr(0, end), file, ++number));
    bytes.remove_prefix(end + 1);
  }
  ReplayedJournal replayed = replay.finish();
  replayed.is_torn = !bytes.empty();
  return replayed;
}

}  // namespace trimtab::exchange
