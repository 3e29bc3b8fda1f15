// The part of StudyState that takes trials up the levels of a fidelity: it tells the study's
// schedule what happened, in the order of the log, and turns what the schedule says into events.

#include <algorithm>
#include <charconv>
#include <utility>

#include "trimtab/engine/detail/study_state.hpp"
#include "trimtab/engine/study_check.hpp"

namespace trimtab {
namespace {

constexpr const char* kMember = "population.member";  // attribute of a trial

}  // namespace

void StudyState::start_schedule() {
  schedule_.reset();
  if (!spec.fidelity || spec.fidelity->schedule.name == "full") return;
  schedule_ = registry->make_schedule(spec.fidelity->schedule, schedule_setting(spec),
                                      "study " + spec.name + ", fidelity");
}

void StudyState::forget_climbs() {
  climbs_.clear();
  first_levels_.clear();
}

// After a change of the study file: levels keep their numbers.
void StudyState::restart_schedule() {
  start_schedule();
  if (!schedule_) return;
  std::vector<Climb> told = std::exchange(climbs_, {});
  if (static_cast<std::int64_t>(first_levels_.size()) < history.size()) {  // it had no levels
    told.clear();
    first_levels_.assign(static_cast<std::size_t>(history.size()), schedule_->top());
    for (const std::int64_t number : history.finish_order()) {
      if (history.purpose(number) == Purpose::Confirm) continue;
      told.push_back({.kind = LevelEvent::Kind::Born, .trial = number, .level = schedule_->top()});
      told.push_back(describe_end(number));
    }
  }
  for (Climb& climb : told) {
    climb.level = std::min(climb.level, schedule_->top());
    take(std::move(climb));
  }
}

int StudyState::level_of(std::int64_t number) const {
  const int level =
      first_levels_[static_cast<std::size_t>(number)] + history.num_promotions(number);
  return std::min(level, schedule_->top());
}

int StudyState::first_level(std::int64_t number, Purpose purpose, std::int64_t of_trial) const {
  if (purpose == Purpose::Default || purpose == Purpose::Confirm) return schedule_->top();
  if (purpose == Purpose::Search && of_trial >= 0) return level_of(of_trial) + 1;
  return schedule_->first_level(number);
}

double StudyState::fidelity_of(std::int64_t number) const {
  if (!spec.fidelity) return 0.0;
  return schedule_ ? schedule_->fidelity(level_of(number)) : spec.fidelity->max;
}

double StudyState::fidelity_at_birth(const TrialCreated& event) const {
  if (!spec.fidelity) return 0.0;
  if (!schedule_) return spec.fidelity->max;
  const int level = first_level(event.number, event.purpose, event.of_trial);
  return schedule_->fidelity(std::min(level, schedule_->top()));
}

bool StudyState::is_below_top(std::int64_t number) const {
  return schedule_ && history.purpose(number) != Purpose::Confirm &&
         level_of(number) < schedule_->top();
}

void StudyState::take(Climb climb) {
  const LevelEvent event = {.kind = climb.kind,
                            .trial = climb.trial,
                            .level = climb.level,
                            .point = history.point(climb.trial),
                            .losses = climb.losses,
                            .parent = climb.parent,
                            .member = climb.member};
  schedule_->tell(event);
  climbs_.push_back(std::move(climb));
}

StudyState::Climb StudyState::describe_end(std::int64_t number) const {
  Climb climb = {.kind = LevelEvent::Kind::Ended, .trial = number, .level = level_of(number)};
  if (history.copy_of(number) >= 0) climb.kind = LevelEvent::Kind::Left;
  const bool counts = climb.kind == LevelEvent::Kind::Ended && is_complete(number);
  if (counts) {
    const std::span<const double> losses = history.losses(number);
    climb.losses.assign(losses.begin(), losses.end());
  }
  return climb;
}

// Takes an event after the history has.
void StudyState::climb(const EventBody& body) {
  if (const auto* created = std::get_if<TrialCreated>(&body)) {
    const int level = first_level(created->number, created->purpose, created->of_trial);
    first_levels_.push_back(std::min(level, schedule_->top()));
    if (created->purpose == Purpose::Confirm) return;
    const bool is_child = created->purpose == Purpose::Search;
    take({.kind = LevelEvent::Kind::Born,
          .trial = created->number,
          .level = first_levels_.back(),
          .parent = is_child ? created->of_trial : -1});
  } else if (const auto* attribute = std::get_if<Attribute>(&body)) {
    if (attribute->number < 0 || attribute->key != kMember) return;
    const std::string& text = attribute->value;
    std::int64_t member = -1;
    if (std::from_chars(text.data(), text.data() + text.size(), member).ec != std::errc()) return;
    take({.kind = LevelEvent::Kind::Joined,
          .trial = attribute->number,
          .level = level_of(attribute->number),
          .member = member});
  } else if (const auto* paused = std::get_if<TrialPaused>(&body)) {
    const std::span<const double> losses = history.paused_losses(paused->number);
    take({.kind = LevelEvent::Kind::Paused,
          .trial = paused->number,
          .level = level_of(paused->number),
          .losses = {losses.begin(), losses.end()}});
  } else if (const auto* finished = std::get_if<TrialFinished>(&body)) {
    if (history.purpose(finished->number) != Purpose::Confirm) take(describe_end(finished->number));
  }
}

// A promotion is a move of a paused trial; its return to the queue after a death is none.
void StudyState::climb_on(std::int64_t number, int num_promotions_before) {
  if (history.num_promotions(number) == num_promotions_before) return;
  take({.kind = LevelEvent::Kind::Promoted, .trial = number, .level = level_of(number)});
}

Growth StudyState::growth() const { return schedule_ ? schedule_->growth() : Growth::Open; }

// Promotions go on when the trials of the budget are used up, but not when its time is.
std::optional<Trial> StudyState::promote(Events& events) const {
  if (!schedule_ || history.paused().empty()) return std::nullopt;
  StudySpec without_count = spec;
  without_count.budget.trials = history.size() + 1;
  if (search_stop_reason(without_count, history, wall_seconds())) return std::nullopt;
  const std::optional<std::int64_t> number = schedule_->promotion(!stop_reason());
  if (!number || !history.paused().contains(*number)) return std::nullopt;
  events.push_back(TrialMoved{*number, TrialState::Running, worker});
  const PointView point = history.point(*number);
  return Trial{*number,
               Point(point.begin(), point.end()),
               history.seed(*number),
               history.purpose(*number),
               history.of_trial(*number),
               schedule_->fidelity(std::min(level_of(*number) + 1, schedule_->top()))};
}

// Whoever is still paused when nothing runs and nobody is promoted has lost.
bool StudyState::close_paused(Events& events) const {
  for (const std::int64_t number : history.paused()) {
    TrialFinished end;
    end.number = number;
    end.outcome.state = TrialState::Pruned;
    const std::span<const double> losses = history.paused_losses(number);
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      end.outcome.values.push_back(objectives[k].value(losses[k]));
    }
    events.push_back(std::move(end));
  }
  return !history.paused().empty();
}

Trial StudyState::create_search_trial_of(Birth birth, Events& events) {
  TrialCreated event = describe_trial(Purpose::Search, TrialState::Running, std::move(birth.point));
  event.of_trial = birth.parent;
  Trial trial = start(event);
  events.push_back(std::move(event));
  if (birth.member >= 0) {
    events.push_back(Attribute{trial.number, kMember, std::to_string(birth.member)});
  }
  return trial;
}

std::vector<std::int64_t> StudyState::expendable_checkpoints() const {
  std::vector<std::int64_t> result;
  if (!spec.fidelity || !spec.fidelity->checkpoints) return result;
  for (const std::int64_t number : history.finish_order()) {
    if (!is_complete(number)) result.push_back(number);
  }
  if (!schedule_) return result;
  std::vector<std::int64_t> paused(history.paused().begin(), history.paused().end());
  std::ranges::stable_sort(paused, [&](std::int64_t a, std::int64_t b) {
    const int level_a = level_of(a), level_b = level_of(b);
    if (level_a != level_b) return level_a > level_b;
    return history.paused_losses(a)[0] < history.paused_losses(b)[0];
  });
  const auto quota = static_cast<std::size_t>(*spec.fidelity->checkpoints);
  for (std::size_t i = quota; i < paused.size(); ++i) result.push_back(paused[i]);
  return result;
}

// A sampler cannot take back what it was told, but trials climb. So it is made anew each time that
// a fiftieth has happened since: a function of the log's length alone, and cheap in the long run.
std::size_t StudyState::num_climbs_to_learn() const {
  std::size_t size = 0;
  while (size + std::max<std::size_t>(1, size / 50) <= climbs_.size()) {
    size += std::max<std::size_t>(1, size / 50);
  }
  return size;
}

// Each trial by its result at the highest level that it reached. Results of different levels cannot
// be compared as they are, but who was promoted is better than who was not: with one objective a
// trial's loss is its rank, by level first.
void StudyState::collect_level_results(std::vector<Observation>& finished) {
  std::map<std::int64_t, const Climb*> highest;
  std::vector<const Climb*> failed;
  for (std::size_t i = 0; i < num_told_; ++i) {
    const Climb& climb = climbs_[i];
    if (!climb.losses.empty()) highest[climb.trial] = &climb;
    const bool is_failure = climb.kind == LevelEvent::Kind::Ended && climb.losses.empty() &&
                            !highest.contains(climb.trial);
    if (is_failure) failed.push_back(&climb);
  }
  std::vector<const Climb*> order;
  for (const auto& [trial, climb] : highest) order.push_back(climb);
  std::ranges::stable_sort(order, [](const Climb* a, const Climb* b) {
    return a->level != b->level ? a->level > b->level : a->losses[0] < b->losses[0];
  });
  for (const Climb* climb : order) {
    Observation seen = history.observe(climb->trial);
    seen.state = TrialState::Complete;
    seen.loss = climb->losses.front();
    seen.losses = climb->losses;
    seen.violations = {};
    seen.is_infeasible = false;
    finished.push_back(seen);
  }
  if (objectives.size() == 1) {
    ranks_.resize(finished.size());
    for (std::size_t i = 0; i < finished.size(); ++i) {
      ranks_[i] = static_cast<double>(i);
      finished[i].loss = ranks_[i];
      finished[i].losses = {&ranks_[i], 1};
    }
  }
  std::ranges::sort(finished, {}, &Observation::number);
  for (const Climb* climb : failed) finished.push_back(history.observe(climb->trial));
}

}  // namespace trimtab
