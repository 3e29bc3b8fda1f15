#include "trimtab/engine/runner.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <thread>
#include <utility>
#include <variant>

#include "trimtab/base/error.hpp"

namespace trimtab {

namespace {

// Probes of a trial are runs from here on; a trial has fewer of its own.
constexpr std::int64_t kFirstProbe = 1'000'000;

void add_resources(Resources& sum, const Resources& more) {
  sum.wall_seconds += more.wall_seconds;
  sum.cpu_seconds += more.cpu_seconds;
  sum.peak_memory_bytes = std::max(sum.peak_memory_bytes, more.peak_memory_bytes);
}

// Of the last minute: how much else this machine did.
double load_average() {
  double load = 0.0;
  return getloadavg(&load, 1) == 1 ? load : std::nan("");
}

}  // namespace

std::variant<std::vector<double>, Failure> objective_values(
    const std::vector<Objective>& objectives, const std::map<std::string, double>& metrics) {
  std::vector<double> values;
  for (const Objective& objective : objectives) {
    const auto found = metrics.find(objective.name);
    if (found == metrics.end()) {
      return Failure{FailureReason::NoResult, 0, "the program never reported " + objective.name};
    }
    if (std::isnan(found->second)) {
      return Failure{FailureReason::NotANumber, 0, objective.name + " is not a number"};
    }
    values.push_back(found->second);
  }
  return values;
}

Runner::Runner(Study& study, Executor& executor, RunObserver& observer, Options options)
    : study_(study),
      executor_(executor),
      observer_(observer),
      options_(options),
      plan_(study.spec()) {
  const StudySpec spec = study_.spec();
  study_name_ = spec.name;
  objectives_ = spec.objectives;
  watch_seconds_ = spec.lease_seconds / 4.0;
  has_checkpoint_quota_ = spec.fidelity && spec.fidelity->checkpoints;
  compute_class_ = spec.validity.compute_class;
  fidelity_ = spec.fidelity;
  if (spec.energy) meter_.emplace(*spec.energy, options_.parallel, options_.powercap);
}

// Repeats an action while the storage or the machine refuses, with growing pauses, up to the
// patience.
template <typename Action>
void Runner::persistently(Action action) {
  const Stopwatch elapsed;
  for (double seconds = 0.05;; seconds = std::min(2.0, seconds * 2.0)) {
    try {
      action();
      return;
    } catch (const EnvironmentError&) {
      if (elapsed.seconds() + seconds > options_.storage_patience_seconds) throw;
      pause(seconds);
    }
  }
}

// `persistently`, for a change of a running trial. Returns false when somebody else has ended it.
template <typename Action>
bool Runner::unless_told(Action action) {
  try {
    persistently(action);
    return true;
  } catch (const UserError& error) {
    const std::string& code = error.info().code;
    if (code == "study.already_finished" || code == "study.lease_lost") return false;
    throw;
  }
}

// Limits hold and output flows while we wait for something else.
void Runner::pause(double seconds) {
  const Stopwatch elapsed;
  while (elapsed.seconds() < seconds) {
    const double rest = std::min(options_.tick_seconds, seconds - elapsed.seconds());
    if (executor_.num_running() == 0) {
      std::this_thread::sleep_for(std::chrono::duration<double>(rest));
    } else {
      for (RunUpdate& update : executor_.wait(rest)) pending_.push_back(std::move(update));
    }
    observer_.tick();
  }
}

Runner::End Runner::run(const std::atomic<int>& interrupt) {
  persistently([&] { study_.begin_session(); });
  persistently([&] { study_.recover(); });
  if (meter_) persistently([&] { study_.note("energy", meter_->describe()); });
  persistently([&] { study_.keep_lease(); });
  note_stage();
  for (;;) {
    keep_watch();
    const bool is_over = fill(interrupt);
    if (interrupt.load() >= 2 && !is_killing_) stop_all();
    const bool is_idle = executor_.num_running() == 0 && pending_.empty();
    if (active_.empty() && is_idle && (is_over || interrupt.load() > 0)) break;
    if (is_idle) {  // others' trials must finish first
      std::this_thread::sleep_for(std::chrono::duration<double>(options_.tick_seconds));
    }
    std::vector<RunUpdate> updates = std::exchange(pending_, {});
    if (updates.empty()) updates = executor_.wait(options_.tick_seconds);
    for (const RunUpdate& update : updates) {
      std::visit([&](const auto& event) { handle(event); }, update);
    }
    observer_.tick();
  }
  put_back(std::exchange(stopped_, {}));
  note_stage();
  return interrupt.load() > 0 && study_.stage() != Stage::Done ? End::Interrupted : End::Done;
}

// Starts trials while there is room. Returns true when the study has nothing more to start, ever.
bool Runner::fill(const std::atomic<int>& interrupt) {
  while (has_room() && !is_killing_) {
    const auto starved = std::find_if(active_.begin(), active_.end(),
                                      [](const auto& entry) { return entry.second.is_starved(); });
    if (starved != active_.end()) {
      start_runs(starved->second);
      continue;
    }
    if (interrupt.load() > 0) return false;
    NextTrial next = WaitForOthers{};
    std::set<std::int64_t> busy;
    for (const auto& entry : active_) busy.insert(entry.first);
    persistently([&] { next = study_.next(busy); });
    note_stage();
    if (std::holds_alternative<StudyDone>(next)) return true;
    auto* trial = std::get_if<Trial>(&next);
    if (trial == nullptr) return false;
    observer_.trial_started(*trial);
    ActiveTrial& active = active_[trial->number];
    active.num_runs = plan_.num_runs(*trial);
    active.outcome.values.assign(objectives_.size(), 0.0);
    active.trial = std::move(*trial);
    if (compute_class_) plan_compute(active);
    if (!active.probe) start_runs(active);
  }
  return false;
}

void Runner::start_runs(ActiveTrial& active) {
  while (active.num_started < active.num_runs && has_room()) {
    start_run(active, active.num_started++, 0);
  }
}

RunRequest Runner::request_of(const ActiveTrial& active, std::int64_t run) const {
  const Trial& trial = active.trial;
  RunRequest request;
  request.study = study_name_;
  request.trial = trial.number;
  request.run = run;
  request.seed = plan_.seed(trial, run);
  request.point = trial.point;
  request.fidelity = active.planned > 0.0 ? active.planned : trial.fidelity;
  if (trial.purpose == Purpose::Search) request.parent = trial.of_trial;
  request.scenario = plan_.scenario(trial);
  request.split = plan_.split(trial, run);
  return request;
}

void Runner::start_run(const ActiveTrial& active, std::int64_t run, std::int64_t attempt) {
  RunRequest request = request_of(active, run);
  request.attempt = attempt;
  discarded_.erase(request.trial);
  if (meter_) meter_->start(request.trial, request.run);
  persistently([&] { executor_.start(request); });
}

// The same point on this machine was measured before, or is measured now.
void Runner::plan_compute(ActiveTrial& active) {
  const Trial& trial = active.trial;
  const bool is_child = trial.purpose == Purpose::Search;  // of_trial is a parent, another point
  active.planned_as = trial.of_trial >= 0 && !is_child ? trial.of_trial : trial.number;
  const auto known = plans_.find(active.planned_as);
  if (known != plans_.end()) {
    active.planned = known->second.planned();
    return;
  }
  active.probe.emplace(*compute_class_, *fidelity_);
  start_probe(active);
}

void Runner::start_probe(ActiveTrial& active) {
  RunRequest request = request_of(active, 0);
  request.run = kFirstProbe + active.num_probes++;
  request.fidelity = active.probe->next().value();
  active.has_open_probe = true;
  if (meter_) meter_->start(request.trial, request.run);
  persistently([&] { executor_.start(request); });
}

// Its metrics say nothing: it was short. What it used is the trial's.
void Runner::handle_probe(ActiveTrial& active, const RunResult& result) {
  active.has_open_probe = false;
  executor_.discard_checkpoint(study_name_, result.trial, result.run);
  add_resources(active.outcome.resources, result.resources);
  if (active.is_told || is_killing_) return;
  if (result.failure.reason != FailureReason::None) return fail(active, result.failure);
  const double seconds =
      compute_class_->is_wall ? result.resources.wall_seconds : result.resources.cpu_seconds;
  active.probe->add(active.probe->next().value(), seconds);
  if (active.probe->next()) return start_probe(active);
  if (!active.probe->is_known()) {
    return fail(active, {FailureReason::NoResult, 0,
                         "no throughput: runs of more " + fidelity_->name + " do not take longer"});
  }
  active.planned = active.probe->planned();
  plans_.insert_or_assign(active.planned_as, *active.probe);
  active.probe.reset();
}

// Only the first run's curve is kept: curves of several seeds have no common value at a step.
void Runner::handle(const RunReport& report) {
  const auto found = active_.find(report.trial);
  if (report.run != 0 || found == active_.end()) return;
  ActiveTrial& active = found->second;
  if (active.is_told || active.is_pruned) return;
  std::vector<double> values;
  bool says_something = false;
  for (const Objective& objective : objectives_) {
    const auto value = report.metrics.find(objective.name);
    const bool is_said = value != report.metrics.end();
    says_something = says_something || is_said;
    values.push_back(is_said ? value->second : std::numeric_limits<double>::quiet_NaN());
  }
  if (!says_something) return;
  bool should_stop = false;
  const bool is_ours =
      unless_told([&] { should_stop = study_.report(report.trial, report.step, values); });
  if (!is_ours) {
    forget(active);
  } else if (should_stop) {
    prune(active);
  }
}

// What the runs still say counts for nothing: how far they get is a matter of luck.
void Runner::prune(ActiveTrial& active) {
  active.is_pruned = true;
  active.num_runs = active.num_started;
  stop_runs(active, StopKind::Graceful);
}

// Energy counts whatever became of the run.
void Runner::meter(RunResult& result) {
  if (!meter_) return;
  std::map<std::string, double> energy;
  meter_->finish(result.trial, result.run, result.resources, energy);
  std::map<std::string, double>& sums = active_.at(result.trial).energy;
  for (const auto& [name, value] : energy) {
    sums[name] += value;
    result.metrics[name] = value;
  }
}

void Runner::handle(RunResult result) {
  const auto found = active_.find(result.trial);
  if (found == active_.end()) return;
  ActiveTrial& active = found->second;
  meter(result);
  if (result.run >= kFirstProbe) {
    handle_probe(active, result);
    if (active.is_idle()) close(found);
    return;
  }
  int& attempts = active.attempts[result.run];
  const bool is_wanted = !active.is_failed && !active.is_told && !active.is_pruned && !is_killing_;
  if (result.should_retry && is_wanted && attempts < options_.num_retries) {
    ++attempts;
    start_run(active, result.run, attempts);
    return;
  }
  const bool is_cut_short =
      is_killing_ && result.was_stopped && !active.is_failed && !active.is_pruned;
  if (is_cut_short) {
    ++active.num_finished;  // counts for nothing: the whole trial is run again
    active.num_runs = active.num_started + 1;
  } else {
    merge(active, result);
  }
  if (active.is_idle()) close(found);
}

// Ends a trial that has no run in the executor, unless further ones are to be started.
void Runner::close(Active::iterator entry) {
  ActiveTrial& active = entry->second;
  const std::int64_t number = entry->first;
  const bool is_whole = active.num_finished == active.num_runs;
  if (!is_whole && !is_killing_) return;
  for (const auto& [name, value] : active.energy) active.outcome.metrics[name] = value;
  if (active.planned > 0.0) {
    active.outcome.metrics.merge(plans_.at(active.planned_as).metrics());
    active.outcome.metrics.merge(std::map<std::string, double>{{"load_average", load_average()}});
  }
  if (active.is_told) {
    active_.erase(entry);
  } else if (is_whole) {
    const bool is_ours = unless_told([&] {
      if (active.is_pruned) {
        study_.prune(number, active.outcome.resources, active.energy);
      } else {
        active.outcome = study_.tell(number, active.outcome);
      }
    });
    if (is_ours) observer_.trial_finished(number, active.outcome);
    active_.erase(entry);
    if (has_checkpoint_quota_) keep_checkpoint_quota();
  } else {
    stopped_.push_back(number);
    active_.erase(entry);
  }
}

// One that is promoted all the same, or whose checkpoint somebody else began to copy, runs again
// from the beginning.
void Runner::keep_checkpoint_quota() {
  for (const std::int64_t number : study_.expendable_checkpoints()) {
    if (active_.contains(number) || !discarded_.insert(number).second) continue;
    for (std::int64_t run = 0; run < plan_.tuning_seeds(); ++run) {
      executor_.discard_checkpoint(study_name_, number, run);
    }
  }
}

// Adds one run to the trial; the first failure decides the trial.
void Runner::merge(ActiveTrial& active, const RunResult& result) {
  ++active.num_finished;
  add_resources(active.outcome.resources, result.resources);
  if (active.is_failed || active.is_pruned) return;
  std::variant<std::vector<double>, Failure> values = result.failure;
  if (result.failure.reason == FailureReason::None) {
    values = objective_values(objectives_, result.metrics);
  }
  if (const auto* failure = std::get_if<Failure>(&values)) return fail(active, *failure);
  const double share = 1.0 / static_cast<double>(active.num_runs);
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    active.outcome.values[k] += std::get<0>(values)[k] * share;
  }
  for (const auto& [name, value] : result.metrics) {
    const bool is_objective =
        std::any_of(objectives_.begin(), objectives_.end(),
                    [&name = name](const Objective& objective) { return objective.name == name; });
    if (!is_objective) active.outcome.metrics[name] += value * share;
  }
}

void Runner::fail(ActiveTrial& active, const Failure& failure) {
  active.is_failed = true;
  active.num_runs = active.num_started;  // the remaining seeds would be wasted
  stop_runs(active, StopKind::Now);
  active.outcome.state = TrialState::Failed;
  active.outcome.failure = failure;
  active.outcome.values.clear();
}

void Runner::stop_runs(const ActiveTrial& active, StopKind kind) {
  for (std::int64_t run = 0; run < active.num_started; ++run) {
    executor_.stop(active.trial.number, run, kind);
  }
  if (active.has_open_probe) {
    executor_.stop(active.trial.number, kFirstProbe + active.num_probes - 1, kind);
  }
}

// Somebody else has ended the trial.
void Runner::forget(ActiveTrial& active) {
  active.is_told = true;
  active.num_runs = active.num_started;
  stop_runs(active, StopKind::Now);
}

// Says that this process lives, and takes over the trials of those that do not.
void Runner::keep_watch() {
  persistently([&] { study_.keep_lease(); });
  if (since_watch_.seconds() < watch_seconds_) return;
  since_watch_ = Stopwatch();
  persistently([&] {
    study_.refresh();
    if (study_.has_orphans()) study_.recover();
  });
  for (const std::int64_t number : study_.lost_trials()) {
    const auto found = active_.find(number);
    if (found == active_.end() || found->second.is_told) continue;
    observer_.trial_lost(number);
    forget(found->second);
    if (found->second.is_idle()) close(found);
  }
}

void Runner::stop_all() {
  is_killing_ = true;
  for (auto entry = active_.begin(); entry != active_.end();) {
    const auto next = std::next(entry);
    stop_runs(entry->second, StopKind::Now);
    if (entry->second.is_idle()) close(entry);
    entry = next;
  }
}

void Runner::put_back(std::vector<std::int64_t> numbers) {
  if (numbers.empty()) return;
  persistently([&] { study_.requeue(numbers); });
}

void Runner::note_stage() {
  const Stage stage = study_.stage();
  if (stage == stage_) return;
  stage_ = stage;
  observer_.stage_changed(stage);
}

}  // namespace trimtab
