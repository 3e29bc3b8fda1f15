#include "trimtab/engine/study.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/engine/data_register.hpp"
#include "trimtab/engine/detail/holdout_guard.hpp"
#include "trimtab/engine/detail/study_state.hpp"
#include "trimtab/engine/study_check.hpp"
#include "trimtab/engine/worker_id.hpp"

namespace trimtab {
namespace {

[[noreturn]] void throw_finished(const StudyState& state, std::int64_t number) {
  throw UserError({.code = "study.already_finished",
                   .what = "the trial has already ended",
                   .where = "study " + state.name + ", trial " + std::to_string(number),
                   .got = std::string(name_of(state.history.state(number))),
                   .expected = "running or waiting",
                   .hint = ""});
}

void require_own(const StudyState& state, std::int64_t number) {
  state.require_known(number);
  if (!state.is_lost(number)) return;
  throw UserError(
      {.code = "study.lease_lost",
       .what = "this process has lost the trial: it was silent for longer than its lease, or the "
               "trial was given back to the queue; what it says of it is refused",
       .where = "study " + state.name + ", trial " + std::to_string(number),
       .got = "a result that comes too late; the trial is " +
              std::string(name_of(state.history.state(number))) + " now",
       .expected = "a sign of life within " + format_duration(state.spec.lease_seconds),
       .hint = "the result of whoever runs it now counts; lease in [study] sets the time"});
}

void require_unfinished(const StudyState& state, std::int64_t number) {
  require_own(state, number);
  if (is_finished(state.history.state(number))) throw_finished(state, number);
}

void require_finite(const StudyState& state, std::int64_t number, double step) {
  if (std::isfinite(step)) return;
  throw UserError({.code = "study.step",
                   .what = "the step of a report is not finite",
                   .where = "study " + state.name + ", trial " + std::to_string(number),
                   .got = std::to_string(step),
                   .expected = "a finite number",
                   .hint = ""});
}

// A pruned trial's values are whatever was known; one that is not a number says nothing.
void check_pruned(Outcome& outcome) {
  const bool is_known = std::none_of(outcome.values.begin(), outcome.values.end(),
                                     [](double value) { return std::isnan(value); });
  if (!is_known) outcome.values.clear();
}

// A constraint that was never reported says nothing about the trial.
void check_constraints(const StudyState& state, Outcome& outcome) {
  for (const MetricConstraint& constraint : state.spec.constraints) {
    const bool is_objective =
        std::any_of(state.objectives.begin(), state.objectives.end(),
                    [&](const Objective& objective) { return objective.name == constraint.name; });
    if (is_objective) continue;
    const auto metric = outcome.metrics.find(constraint.name);
    if (metric != outcome.metrics.end() && !std::isnan(metric->second)) continue;
    const bool is_missing = metric == outcome.metrics.end();
    outcome.state = TrialState::Failed;
    outcome.values.clear();
    outcome.failure = {is_missing ? FailureReason::NoResult : FailureReason::NotANumber, 0,
                       is_missing ? "the program never reported " + constraint.name
                                  : constraint.name + " is not a number"};
    return;
  }
}

void check_outcome(const StudyState& state, std::int64_t number, Outcome& outcome) {
  if (outcome.state == TrialState::Pruned) check_pruned(outcome);
  if (outcome.state != TrialState::Complete) return;
  if (outcome.values.size() != state.objectives.size()) {
    throw UserError({.code = "study.num_values",
                     .what = "a complete trial needs one value per objective",
                     .where = "study " + state.name + ", trial " + std::to_string(number),
                     .got = std::to_string(outcome.values.size()),
                     .expected = std::to_string(state.objectives.size()),
                     .hint = ""});
  }
  if (std::any_of(outcome.values.begin(), outcome.values.end(),
                  [](double value) { return std::isnan(value); })) {
    outcome.state = TrialState::Failed;
    outcome.values.clear();
    outcome.failure = {FailureReason::NotANumber, 0, "an objective is not a number"};
    return;
  }
  check_constraints(state, outcome);
}

// Before anything is written.
void check_warm_start(const StudySpec& spec, const Storage& storage) {
  const std::string name = Json::parse(spec.sampler.options).value("warm_start", "");
  if (!name.empty()) EarlierStudy(name, Space::parse_text(spec.space_definition), storage);
}

// Another process may create the study between the look and the creation: then it is opened.
StudyRecord find_or_create(Storage& storage, const std::string& name, const std::string& text,
                           Timestamp now) {
  if (const std::optional<StudyRecord> record = storage.find_study(name)) return *record;
  try {
    return storage.create_study(name, text, now);
  } catch (const UserError& error) {
    const std::optional<StudyRecord> record = storage.find_study(name);
    if (error.info().code != "storage.study_exists" || !record) throw;
    return *record;
  }
}

}  // namespace

struct Study::State : StudyState {
  using StudyState::StudyState;
};

Study::Study(std::unique_ptr<State> state) : state_(std::move(state)) {}
Study::Study(Study&&) noexcept = default;
Study::~Study() = default;

Study::Study(StudySpec spec, const Registry& registry, std::shared_ptr<Storage> storage,
             const Clock& clock, std::int64_t worker) {
  check_against_registry(spec, registry, {});
  check_warm_start(spec, *storage);
  register_data(spec, *storage);
  const std::string text = spec.to_json().dump();
  const StudyRecord record = find_or_create(*storage, spec.name, text, clock.now());
  StudySpec existing = study_from_json(Json::parse(record.spec));
  check_compatible(existing, spec);
  state_ = std::make_unique<State>(std::move(existing), record.id, registry, std::move(storage),
                                   clock, worker);
  refresh();
  if (state_->spec.to_json().dump() != text) {
    note("spec", text);
    refresh();
  }
  note_findings();
}

// What other studies did with this one's data, once each.
void Study::note_findings() {
  std::set<std::string> known;
  for (const auto& [time, note] : state_->history.notes()) {
    if (note.topic == "data") known.insert(note.text);
  }
  for (const std::string& finding : data_findings(state_->spec, *state_->storage)) {
    if (!known.contains(finding)) note("data", finding);
  }
}

Study Study::open(const std::string& name, const Registry& registry,
                  std::shared_ptr<Storage> storage, const Clock& clock, std::int64_t worker) {
  const std::optional<StudyRecord> record = storage->find_study(name);
  if (!record) {
    std::vector<std::string> names;
    for (const StudyRecord& other : storage->list_studies()) names.push_back(other.name);
    throw UserError({.code = "study.unknown",
                     .what = "the storage has no such study",
                     .where = "study",
                     .got = quote(name),
                     .expected = names.empty() ? "the storage is empty" : one_of(names),
                     .hint = did_you_mean(name, names)});
  }
  auto state = std::make_unique<State>(study_from_json(Json::parse(record->spec)), record->id,
                                       registry, std::move(storage), clock, worker);
  Study study(std::move(state));
  study.refresh();
  return study;
}

NextTrial Study::next(const std::set<std::int64_t>& busy) {
  NextTrial result = WaitForOthers{};
  state_->step(Durability::Process, [&](StudyState::Events& events) {
    result = state_->next(events, /*is_search_only=*/false, busy);
    state_->announce_lease(events);
  });
  return result;
}

std::optional<Trial> Study::ask() {
  NextTrial result = WaitForOthers{};
  state_->step(Durability::Process, [&](StudyState::Events& events) {
    result = state_->next(events, /*is_search_only=*/true);
    state_->announce_lease(events);
  });
  if (auto* trial = std::get_if<Trial>(&result)) return std::move(*trial);
  return std::nullopt;
}

Outcome Study::tell(std::int64_t number, const Outcome& given) {
  Outcome outcome;
  state_->step(Durability::Disk, [&](StudyState::Events& events) {
    require_unfinished(*state_, number);
    outcome = given;
    check_outcome(*state_, number, outcome);
    guard_holdout(state_->spec, state_->history, number, outcome, events);
    if (outcome.state == TrialState::Complete && state_->is_below_top(number)) {
      events.push_back(TrialPaused{number, outcome});
      return;
    }
    TrialFinished& event = std::get<TrialFinished>(events.emplace_back(TrialFinished{}));
    event.number = number;
    event.outcome = outcome;
  });
  return outcome;
}

bool Study::report(std::int64_t number, Report report) {
  return this->report(number, report.step, {&report.value, 1});
}

// The report is judged when it comes back from the log; a decision is then an event of its own.
bool Study::report(std::int64_t number, double step, std::span<const double> values) {
  require_finite(*state_, number, step);
  state_->step(Durability::Process, [&](StudyState::Events& events) {
    require_unfinished(*state_, number);
    if (state_->objectives.size() == 1) {
      events.push_back(TrialReported{number, {step, values.front()}});
    } else {
      events.push_back(ObjectivesReported{number, step, {values.begin(), values.end()}});
    }
  });
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->verdict(number) == nullptr) return false;
  }
  state_->step(Durability::Process, [&](StudyState::Events& events) {
    const bool is_open = !is_finished(state_->history.state(number));
    const PruneDecided* verdict = state_->verdict(number);
    if (is_open && verdict != nullptr && state_->history.prune_decision(number) == nullptr) {
      events.push_back(*verdict);
    }
  });
  return true;
}

void Study::prune(std::int64_t number, const Resources& used, const Metrics& metrics) {
  state_->step(Durability::Disk, [&](StudyState::Events& events) {
    require_unfinished(*state_, number);
    TrialFinished end = state_->describe_pruned(number);
    end.outcome.resources = used;
    end.outcome.metrics = metrics;
    events.push_back(std::move(end));
  });
}

std::int64_t Study::enqueue(const Point& point, bool is_replicate) {
  std::int64_t number = -1;
  state_->step(Durability::Disk, [&](StudyState::Events& events) {
    if (!state_->space.contains(point)) {
      throw UserError({.code = "study.point",
                       .what = state_->space.satisfies_constraints(point)
                                   ? "the point is not in the study's space"
                                   : "the point breaks a constraint of the study's space",
                       .where = "study " + state_->name,
                       .got = state_->space.to_json(point).dump(),
                       .expected = "",
                       .hint = ""});
    }
    TrialCreated event = state_->describe_trial(Purpose::Enqueued, TrialState::Waiting, point);
    number = event.number;
    const std::int64_t twin = state_->first_twin(point);
    if (is_replicate && twin >= 0) state_->make_replicate(event, twin);
    const bool is_paid_for = !is_replicate && state_->is_complete(twin);
    events.push_back(std::move(event));
    if (is_paid_for) events.push_back(state_->copy_result(number, twin));
  });
  return number;
}

void Study::requeue(const std::vector<std::int64_t>& numbers) {
  state_->step(Durability::Disk, [&](StudyState::Events& events) {
    for (const std::int64_t number : numbers) {
      state_->require_known(number);
      if (state_->history.state(number) == TrialState::Running && !state_->is_lost(number)) {
        events.push_back(TrialMoved{number, TrialState::Waiting, 0});
      }
    }
  });
}

std::int64_t Study::recover() {
  std::int64_t count = 0;
  state_->step(Durability::Disk, [&](StudyState::Events& events) {
    for (const std::int64_t number : state_->history.running()) {
      if (!state_->is_orphan(number)) continue;
      // One that was about to be stopped anyway is not run again.
      if (state_->history.prune_decision(number) != nullptr) {
        events.push_back(state_->describe_pruned(number));
      } else {
        events.push_back(TrialMoved{number, TrialState::Waiting, 0});
      }
    }
    count = static_cast<std::int64_t>(events.size());
  });
  return count;
}

bool Study::adopt(std::int64_t number) {
  bool is_own = false;
  state_->step(Durability::Process, [&](StudyState::Events& events) {
    state_->require_known(number);
    is_own = state_->history.state(number) == TrialState::Running;
    if (!is_own || state_->taken.contains(number)) return;
    is_own = state_->is_orphan(number);
    if (!is_own) return;
    events.push_back(TrialMoved{number, TrialState::Waiting, 0});
    events.push_back(TrialMoved{number, TrialState::Running, state_->worker});
    state_->announce_lease(events);
  });
  return is_own;
}

bool Study::has_orphans() const {
  const std::lock_guard lock(state_->mutex);
  return std::ranges::any_of(state_->history.running(),
                             [&](std::int64_t number) { return state_->is_orphan(number); });
}

void Study::keep_lease() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_leasing = true;
    if (!state_->holds_trials() || !state_->is_renewal_due()) return;
  }
  state_->step(Durability::Process, [&](StudyState::Events& events) {
    if (!state_->holds_trials()) return;
    events.push_back(LeaseRenewed{state_->worker, state_->spec.lease_seconds});
  });
}

std::vector<std::int64_t> Study::lost_trials() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::int64_t> numbers;
  for (const auto& [number, sequence] : state_->taken) {
    if (state_->is_lost(number)) numbers.push_back(number);
  }
  return numbers;
}

void Study::set_attribute(std::int64_t number, const std::string& key,
                          const std::string& json_value) {
  state_->step(Durability::Disk, [&](StudyState::Events& events) {
    if (number != -1) state_->require_known(number);
    events.push_back(Attribute{number, key, json_value});
  });
}

void Study::note(const std::string& topic, const std::string& text) {
  state_->step(Durability::Process,
               [&](StudyState::Events& events) { events.push_back(Note{topic, text}); });
}

void Study::begin_session() { note("session", "start"); }

void Study::grow_space(const std::string& name, const std::string& definition) {
  {
    const std::lock_guard lock(state_->mutex);
    const auto known = state_->grown.find(name);
    if (known != state_->grown.end() && known->second == definition) return;
  }
  state_->step(Durability::Process, [&](StudyState::Events& events) {
    const Space grown_alone =
        Space::parse(Json{{name, Json::parse(definition)}});  // the definition alone, checked
    if (state_->space.find_parameter(name) == nullptr) {
      events.push_back(SpaceGrown{name, definition});
      return;
    }
    const Json known = Json::parse(state_->space.definition_text());
    if (!known.contains(name) || !(Space::parse(Json{{name, known[name]}}) == grown_alone)) {
      throw UserError({.code = "study.parameter_changed",
                       .what = "a parameter was asked for with two different definitions",
                       .where = "study " + state_->name + ", parameter " + quote(name),
                       .got = definition,
                       .expected = known.contains(name) ? known[name].dump() : "",
                       .hint = "give it another name"});
    }
  });
}

void Study::place(std::int64_t number, const Point& point) {
  state_->step(Durability::Process, [&](StudyState::Events& events) {
    require_unfinished(*state_, number);
    events.push_back(TrialPlaced{number, point});
  });
}

std::vector<std::int64_t> Study::expendable_checkpoints() const {
  const std::lock_guard lock(state_->mutex);
  return state_->expendable_checkpoints();
}

void Study::refresh() { state_->catch_up(); }

StudySpec Study::spec() const {
  const std::lock_guard lock(state_->mutex);
  return state_->spec;
}

Space Study::space() const {
  const std::lock_guard lock(state_->mutex);
  return state_->space;
}

void Study::view(const std::function<void(const StudyView&)>& read) const {
  const std::lock_guard lock(state_->mutex);
  read({state_->spec, state_->space, state_->history});
}

Stage Study::stage() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stage();
}

double Study::wall_seconds() const {
  const std::lock_guard lock(state_->mutex);
  return state_->wall_seconds();
}

}  // namespace trimtab
