#include "trimtab/core/history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void throw_corrupt(const std::string& what, std::int64_t number) {
  throw EnvironmentError({.code = "history.corrupt",
                          .what = what,
                          .where = "event log",
                          .got = "trial " + std::to_string(number),
                          .expected = "",
                          .hint = "the study's log is damaged or was written by another program"});
}

// A promoted trial has used what all its rungs used.
void add(const Resources& more, Resources& sum) {
  sum.wall_seconds += more.wall_seconds;
  sum.cpu_seconds += more.cpu_seconds;
  sum.peak_memory_bytes = std::max(sum.peak_memory_bytes, more.peak_memory_bytes);
}

}  // namespace

History::History(std::size_t num_dimensions, std::vector<Objective> objectives,
                 std::vector<MetricConstraint> constraints)
    : num_dimensions_(num_dimensions),
      objectives_(std::move(objectives)),
      constraints_(std::move(constraints)) {}

void History::apply(Sequence sequence, const Event& event) {
  if (sequence != last_sequence_ + 1) throw_corrupt("the log has a gap", sequence);
  std::visit([&](const auto& body) { apply(body, event.time); }, event.body);
  last_sequence_ = sequence;
}

void History::widen(std::size_t num_dimensions) {
  if (num_dimensions <= num_dimensions_) return;
  std::vector<double> wider(states_.size() * num_dimensions, kInactive);
  for (std::size_t row = 0; row < states_.size(); ++row) {
    std::copy_n(points_.begin() + static_cast<std::ptrdiff_t>(row * num_dimensions_),
                num_dimensions_, wider.begin() + static_cast<std::ptrdiff_t>(row * num_dimensions));
  }
  points_ = std::move(wider);
  num_dimensions_ = num_dimensions;
}

PointView History::point(std::int64_t number) const {
  return {points_.data() + index(number) * num_dimensions_, num_dimensions_};
}

double History::loss(std::int64_t number) const {
  return losses_[index(number) * objectives_.size()];
}

std::span<const double> History::losses(std::int64_t number) const {
  return {losses_.data() + index(number) * objectives_.size(), objectives_.size()};
}

std::span<const double> History::violations(std::int64_t number) const {
  return {violations_.data() + index(number) * constraints_.size(), constraints_.size()};
}

bool History::is_feasible(std::int64_t number) const {
  return state(number) == TrialState::Complete && total_violation(violations(number)) <= 0.0;
}

double History::value(std::int64_t number) const { return objectives_[0].value(loss(number)); }

const Failure& History::failure(std::int64_t number) const {
  static const Failure kNoFailure;
  const auto found = failures_.find(number);
  return found == failures_.end() ? kNoFailure : found->second;
}

const std::map<std::string, double>& History::metrics(std::int64_t number) const {
  static const std::map<std::string, double> kNoMetrics;
  const auto found = metrics_.find(number);
  return found == metrics_.end() ? kNoMetrics : found->second;
}

const std::map<std::string, std::string>& History::attributes(std::int64_t number) const {
  static const std::map<std::string, std::string> kNoAttributes;
  const auto found = attributes_.find(number);
  return found == attributes_.end() ? kNoAttributes : found->second;
}

std::vector<Report> History::reports(std::int64_t number) const {
  std::vector<Report> reports;
  for (std::int64_t i = last_reports_[index(number)]; i >= 0; i = reports_[index(i)].previous) {
    const double loss = report_losses_[index(i) * objectives_.size()];
    reports.push_back({reports_[index(i)].step, objectives_[0].value(loss)});
  }
  std::reverse(reports.begin(), reports.end());
  return reports;
}

History::Reported History::reported(std::int64_t i) const {
  const ReportEntry& entry = reports_[index(i)];
  const std::size_t m = objectives_.size();
  return {entry.number, entry.step, {report_losses_.data() + index(i) * m, m}, entry.previous};
}

const PruneDecided* History::prune_decision(std::int64_t number) const {
  const auto found = prune_decisions_.find(number);
  return found == prune_decisions_.end() ? nullptr : &found->second;
}

int History::num_promotions(std::int64_t number) const {
  const auto found = pauses_.find(number);
  return found == pauses_.end() ? 0 : found->second.num_promotions;
}

std::span<const double> History::paused_losses(std::int64_t number) const {
  const auto found = pauses_.find(number);
  return found == pauses_.end() ? std::span<const double>() : found->second.losses;
}

Observation History::observe(std::int64_t number) const {
  Observation seen;
  seen.number = number;
  seen.point = point(number);
  seen.state = state(number);
  seen.loss = loss(number);
  if (seen.state == TrialState::Complete) {
    seen.losses = losses(number);
    seen.violations = violations(number);
  }
  if (seen.state == TrialState::Failed) {
    seen.is_infeasible = failure(number).reason == FailureReason::Infeasible;
  }
  return seen;
}

void History::apply(const TrialCreated& event, Timestamp time) {
  if (event.number != size()) throw_corrupt("trial numbers are not dense", event.number);
  // A point may be shorter than a row: it was asked before the space grew.
  if (event.point.size() > num_dimensions_) throw_corrupt("the point is too long", event.number);
  if (is_finished(event.state)) throw_corrupt("a trial was created finished", event.number);
  points_.insert(points_.end(), event.point.begin(), event.point.end());
  points_.resize((states_.size() + 1) * num_dimensions_, kInactive);
  losses_.resize(losses_.size() + objectives_.size(), kNone);
  violations_.resize(violations_.size() + constraints_.size(), kNone);
  states_.push_back(event.state);
  purposes_.push_back(event.purpose);
  seeds_.push_back(event.seed);
  created_.push_back(time);
  started_.push_back(event.state == TrialState::Running ? time : 0);
  finished_.push_back(0);
  resources_.emplace_back();
  workers_.push_back(event.worker);
  of_trials_.push_back(event.of_trial);
  copies_.push_back(-1);
  last_reports_.push_back(-1);
  ++counts_[static_cast<std::size_t>(event.state)];
  ++purpose_counts_[static_cast<std::size_t>(event.purpose)];
  auto& active = event.state == TrialState::Running ? running_ : waiting_;
  active.insert(active.end(), event.number);
}

void History::require_unfinished(std::int64_t number) const {
  if (number < 0 || number >= size()) throw_corrupt("an event names an unknown trial", number);
  if (is_finished(state(number))) throw_corrupt("an event changes a finished trial", number);
}

void History::set_state(std::int64_t number, TrialState state) {
  TrialState& current = states_[index(number)];
  --counts_[static_cast<std::size_t>(current)];
  ++counts_[static_cast<std::size_t>(state)];
  if (current == TrialState::Running) running_.erase(number);
  if (current == TrialState::Waiting) waiting_.erase(number);
  if (state == TrialState::Running) running_.insert(number);
  if (state == TrialState::Waiting) waiting_.insert(number);
  current = state;
}

void History::apply(const TrialMoved& event, Timestamp time) {
  require_unfinished(event.number);
  if (is_finished(event.state)) throw_corrupt("a trial was moved to an end", event.number);
  set_state(event.number, event.state);
  if (event.state == TrialState::Waiting) prune_decisions_.erase(event.number);
  if (paused_.erase(event.number) > 0 && event.state == TrialState::Running) {
    ++pauses_[event.number].num_promotions;
  }
  workers_[index(event.number)] = event.worker;
  started_[index(event.number)] = event.state == TrialState::Running ? time : 0;
}

void History::apply(const TrialReported& event, Timestamp) {
  add_report(event.number, event.report.step, {&event.report.value, 1});
}

void History::apply(const ObjectivesReported& event, Timestamp) {
  add_report(event.number, event.step, event.values);
}

// Values that are missing count as not said.
void History::add_report(std::int64_t number, double step, std::span<const double> values) {
  require_unfinished(number);
  std::int64_t& last = last_reports_[index(number)];
  reports_.push_back({number, step, last});
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    report_losses_.push_back(k < values.size() ? objectives_[k].loss(values[k]) : kNone);
  }
  last = static_cast<std::int64_t>(reports_.size()) - 1;
}

void History::apply(const PruneDecided& event, Timestamp) {
  require_unfinished(event.number);
  prune_decisions_[event.number] = event;
}

// A copied result cost nothing.
void History::add_energy(std::int64_t number, const Outcome& outcome, bool is_copy) {
  if (!is_copy && purpose(number) != Purpose::Confirm) {
    search_joules_ += energy_joules(outcome.metrics);
  }
}

void History::apply(const TrialFinished& event, Timestamp time) {
  require_unfinished(event.number);
  const Outcome& outcome = event.outcome;
  if (!is_finished(outcome.state)) throw_corrupt("a trial ended unfinished", event.number);
  if (outcome.state == TrialState::Complete && outcome.values.size() != objectives_.size()) {
    throw_corrupt("a complete trial lacks values", event.number);
  }
  const std::size_t num_values = std::min(outcome.values.size(), objectives_.size());
  for (std::size_t k = 0; k < num_values; ++k) {
    losses_[index(event.number) * objectives_.size() + k] = objectives_[k].loss(outcome.values[k]);
  }
  set_state(event.number, outcome.state);
  finished_[index(event.number)] = time;
  add(outcome.resources, resources_[index(event.number)]);
  add_energy(event.number, outcome, event.copy_of >= 0);
  paused_.erase(event.number);
  copies_[index(event.number)] = event.copy_of;
  finish_order_.push_back(event.number);
  finish_reports_.push_back(num_reports());
  if (outcome.failure.reason != FailureReason::None) failures_[event.number] = outcome.failure;
  if (!outcome.metrics.empty()) metrics_[event.number] = outcome.metrics;
  note_violations(event);
  const bool is_candidate = is_feasible(event.number) && purpose(event.number) != Purpose::Confirm;
  if (!is_candidate) return;
  const double loss_here = loss(event.number);
  if (best_ < 0 || loss_here < loss(best_) || (loss_here == loss(best_) && event.number < best_)) {
    best_ = event.number;
  }
}

// A paused trial waits, but not to be run again as it is.
void History::apply(const TrialPaused& event, Timestamp) {
  require_unfinished(event.number);
  const Outcome& outcome = event.outcome;
  if (outcome.values.size() != objectives_.size()) {
    throw_corrupt("a paused trial lacks values", event.number);
  }
  set_state(event.number, TrialState::Waiting);
  waiting_.erase(event.number);
  paused_.insert(event.number);
  Pauses& pauses = pauses_[event.number];
  pauses.losses.clear();
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    pauses.losses.push_back(objectives_[k].loss(outcome.values[k]));
  }
  workers_[index(event.number)] = 0;
  started_[index(event.number)] = 0;
  add(outcome.resources, resources_[index(event.number)]);
  add_energy(event.number, outcome, false);
  if (!outcome.metrics.empty()) metrics_[event.number] = outcome.metrics;
}

// A constraint may name an objective or any other metric.
void History::note_violations(const TrialFinished& event) {
  const Outcome& outcome = event.outcome;
  if (outcome.state != TrialState::Complete) return;
  for (std::size_t c = 0; c < constraints_.size(); ++c) {
    double value = kNone;
    const auto metric = outcome.metrics.find(constraints_[c].name);
    if (metric != outcome.metrics.end()) value = metric->second;
    for (std::size_t k = 0; k < objectives_.size(); ++k) {
      if (objectives_[k].name == constraints_[c].name) value = outcome.values[k];
    }
    violations_[index(event.number) * constraints_.size() + c] = constraints_[c].violation(value);
  }
}

// The owner of the space parses the definition and calls `widen`.
void History::apply(const SpaceGrown&, Timestamp) {}

void History::apply(const TrialPlaced& event, Timestamp) {
  require_unfinished(event.number);
  if (event.point.size() > num_dimensions_) throw_corrupt("the point is too long", event.number);
  const auto row =
      points_.begin() + static_cast<std::ptrdiff_t>(index(event.number) * num_dimensions_);
  std::fill_n(std::copy(event.point.begin(), event.point.end(), row),
              num_dimensions_ - event.point.size(), kInactive);
}

void History::apply(const ParameterSet& event, Timestamp) {
  require_unfinished(event.number);
  if (event.dimension < 0) return;
  if (index(event.dimension) >= num_dimensions_) {
    throw_corrupt("a parameter is outside of the space", event.number);
  }
  points_[index(event.number) * num_dimensions_ + index(event.dimension)] = event.value;
}

// When a lease ends is a matter of its observer's clock, not of the log.
void History::apply(const LeaseRenewed& event, Timestamp) {
  if (!(event.seconds > 0.0)) throw_corrupt("a lease has no length", -1);
}

void History::apply(const HoldoutAsked& event, Timestamp) {
  if (event.number < 0 || event.number >= size()) {
    throw_corrupt("a question to the holdout names an unknown trial", event.number);
  }
  ++holdout_.num_queries;
  holdout_.num_overruns += event.is_overrun ? 1 : 0;
  holdout_.offset = std::isnan(event.offset) ? std::nullopt : std::optional(event.offset);
}

void History::apply(const Note& event, Timestamp time) { notes_.emplace_back(time, event); }

void History::apply(const Attribute& event, Timestamp) {
  if (event.number < -1 || event.number >= size()) {
    throw_corrupt("an attribute names an unknown trial", event.number);
  }
  attributes_[event.number][event.key] = event.value;
}

}  // namespace trimtab
