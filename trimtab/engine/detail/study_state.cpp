#include "trimtab/engine/detail/study_state.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/hash.hpp"
#include "trimtab/engine/detail/earlier_study.hpp"
#include "trimtab/engine/seeds.hpp"
#include "trimtab/engine/worker_id.hpp"

namespace trimtab {
namespace {

constexpr int kStepAttempts = 8;
constexpr std::size_t kNumTimed = 9;  // proposals whose times count

// This state no longer matches the log (a commit that others already built on has failed).
struct Stale {};

Trial as_trial(const TrialCreated& event) {
  return {event.number, event.point, event.seed, event.purpose, event.of_trial};
}

}  // namespace

StudyState::StudyState(StudySpec given_spec, StudyId given_id, const Registry& given_registry,
                       std::shared_ptr<Storage> given_storage, const Clock& given_clock,
                       std::int64_t given_worker)
    : name(given_spec.name),
      objectives(given_spec.objectives),
      spec(given_spec),
      registry(&given_registry),
      storage(std::move(given_storage)),
      clock(&given_clock),
      id(given_id),
      worker(given_worker),
      space(Space::parse_text(spec.space_definition)),
      history(space.num_dimensions(), objectives, spec.constraints),
      first_spec_(std::move(given_spec)),
      leases_(first_spec_.lease_seconds / 2.0) {
  reset();
}

void StudyState::reset() {
  spec = first_spec_;
  space = Space::parse_text(spec.space_definition);
  space_size_ = space.size();
  initial_dimensions_ = space.num_dimensions();
  grown.clear();
  history = History(space.num_dimensions(), spec.objectives, spec.constraints);
  forget_sampler();
  auto_.reset();
  announced_.reset();
  forget_pruner();
  forget_climbs();
  start_schedule();
  seen_.clear();
  is_exhausted_ = is_stale_ = false;
  confirmed_ = 0;
  unconfirmed_.clear();
  session_start_ = last_event_ = 0;
  past_sessions_ = 0.0;
  leases_ = Leases(first_spec_.lease_seconds / 2.0);
  claims_.clear();
}

void StudyState::mark_stale() {
  const std::lock_guard lock(mutex);
  is_stale_ = true;
}

bool StudyState::is_stale() const {
  const std::lock_guard lock(mutex);
  return is_stale_;
}

// Reads the log without holding the lock (the storage may be calling us back from another thread),
// then replays it in one go.
void StudyState::reload() {
  std::vector<std::string> log;
  storage->read(id, 0, [&](Sequence, std::string_view bytes) { log.emplace_back(bytes); });
  const std::lock_guard lock(mutex);
  reset();
  for (std::size_t i = 0; i < log.size(); ++i) {
    absorb(static_cast<Sequence>(i) + 1, log[i]);
    confirm(static_cast<Sequence>(i) + 1);
  }
}

void StudyState::retry_when_stale(const std::function<void()>& attempt) {
  for (int i = 0; i < kStepAttempts; ++i) {
    if (is_stale()) reload();
    try {
      return attempt();
    } catch (const Stale&) {
      mark_stale();
    } catch (const EnvironmentError&) {
      mark_stale();  // we may have seen events of a commit that has failed
      throw;
    }
  }
  throw EnvironmentError({.code = "study.contention",
                          .what = "the study's log keeps changing under this process",
                          .where = spec.name,
                          .got = "",
                          .expected = "",
                          .hint = "try again"});
}

void StudyState::step(Durability durability, const std::function<void(Events&)>& decide) {
  load_earlier();
  retry_when_stale([&] { try_step(durability, decide); });
}

void StudyState::try_step(Durability durability, const std::function<void(Events&)>& decide) {
  const Timestamp start = clock->monotonic();
  Sequence after = 0;
  {
    const std::lock_guard lock(mutex);
    after = confirmed_;
  }
  Sequence first_own = 0;
  std::vector<Event> own;
  storage->transact(
      id, after, durability,
      [this](Sequence sequence, std::string_view bytes) {
        const std::lock_guard lock(mutex);
        absorb(sequence, bytes);
      },
      [&](Sequence last) {
        first_own = last + 1;
        own = decide_events(last, decide);
        Storage::Batch batch;
        for (const Event& event : own) encode(event, batch.emplace_back());
        return batch;
      });
  absorb_own(first_own, own, start);
}

void StudyState::catch_up() {
  retry_when_stale([this] {
    Sequence after = 0;
    {
      const std::lock_guard lock(mutex);
      after = confirmed_;
    }
    storage->read(id, after, [this](Sequence sequence, std::string_view bytes) {
      const std::lock_guard lock(mutex);
      absorb(sequence, bytes);
      confirm(sequence);
    });
    const std::lock_guard lock(mutex);
    leases_.look(clock->monotonic());
  });
}

std::vector<Event> StudyState::decide_events(Sequence last,
                                             const std::function<void(Events&)>& decide) {
  const std::lock_guard lock(mutex);
  if (is_stale_ || history.last_sequence() != last) throw Stale{};
  leases_.look(clock->monotonic());
  Events bodies;
  decide(bodies);
  std::vector<Event> events;
  events.reserve(bodies.size());
  const Timestamp now = clock->now();
  for (EventBody& body : bodies) events.push_back({.time = now, .body = std::move(body)});
  return events;
}

// What this call appended is in the log now; another thread may have absorbed it meanwhile.
void StudyState::absorb_own(Sequence first, const std::vector<Event>& events, Timestamp start) {
  const std::lock_guard lock(mutex);
  for (std::size_t i = 0; i < events.size(); ++i) {
    note_own(first + static_cast<Sequence>(i), events[i].body, start);
  }
  confirm(first - 1);
  for (const Event& event : events) {
    if (is_stale_ || first > history.last_sequence() + 1) return;  // the next step catches up
    if (first > history.last_sequence()) absorb(first, event);
    confirm(first);
    ++first;
  }
}

// The log holds the events up to `sequence` for good.
void StudyState::confirm(Sequence sequence) {
  if (is_stale_) return;
  for (; confirmed_ < std::min(sequence, history.last_sequence()); ++confirmed_) {
    if (!unconfirmed_.empty()) unconfirmed_.pop_front();  // own events have no hash
  }
}

void StudyState::absorb(Sequence sequence, std::string_view bytes) {
  if (is_stale_ || sequence <= confirmed_) return;
  const std::uint64_t hash = hash64(bytes);
  const auto ahead = static_cast<std::size_t>(sequence - confirmed_) - 1;
  if (ahead < unconfirmed_.size()) {
    if (unconfirmed_[ahead] != hash) throw Stale{};
    return;
  }
  if (sequence != history.last_sequence() + 1) throw Stale{};
  absorb(sequence, decode_event(bytes));
  unconfirmed_.push_back(hash);
}

void StudyState::absorb(Sequence sequence, const Event& event) {
  if (const auto* growth = std::get_if<SpaceGrown>(&event.body)) absorb_space(*growth);
  const auto* moved = std::get_if<TrialMoved>(&event.body);
  const int num_promotions = moved == nullptr ? 0 : history.num_promotions(moved->number);
  history.apply(sequence, event);
  if (schedule_) climb(event.body);
  if (schedule_ && moved != nullptr) climb_on(moved->number, num_promotions);
  if (const auto* created = std::get_if<TrialCreated>(&event.body)) remember(created->number);
  if (const auto* note = std::get_if<Note>(&event.body)) absorb_note(*note, event.time);
  if (const auto* report = std::get_if<TrialReported>(&event.body)) {
    judge(report->number, report->report.step);
  }
  if (const auto* report = std::get_if<ObjectivesReported>(&event.body)) {
    judge(report->number, report->step);
  }
  if (moved != nullptr) verdicts_.erase(moved->number);
  follow_leases(sequence, event.body);
  last_event_ = event.time;
}

bool StudyState::is_searching() const {
  const auto is_search = [&](std::int64_t number) {
    return history.purpose(number) != Purpose::Confirm;
  };
  return std::ranges::any_of(history.running(), is_search);
}

void StudyState::absorb_note(const Note& note, Timestamp time) {
  if (note.topic == "session") {
    if (session_start_ != 0) {
      past_sessions_ += static_cast<double>(last_event_ - session_start_) * 1e-6;
    }
    session_start_ = time;
  }
  if (note.topic == "sampler") {
    const std::optional<AutoDecision> decision = decision_of(note.text);
    const bool is_in_use =
        auto_in_use() && decision && auto_in_use()->choice.name == decision->choice.name;
    if (decision) auto_ = decision;
    announced_.reset();
    if (!is_in_use) forget_sampler();
  }
  if (note.topic == "spec") {
    spec = study_from_json(Json::parse(note.text));
    leases_.limit_gap(spec.lease_seconds / 2.0);
    forget_sampler();  // its name, its options or the budget may have changed
    auto_.reset();
    announced_.reset();
    forget_pruner();
    restart_schedule();
    is_exhausted_ = false;
  }
}

// It is made again when it is asked next.
void StudyState::forget_sampler() {
  sampler_ = AnySampler();
  ask_seconds_.clear();
  num_told_ = 0;
}

void StudyState::absorb_space(const SpaceGrown& event) {
  space = space.with_parameter(event.name, Json::parse(event.definition));
  grown[event.name] = event.definition;
  space_size_ = space.size();
  history.widen(space.num_dimensions());
  sampler_ = AnySampler();  // rebuilt over the wider space when it is asked next
  num_told_ = 0;
}

void StudyState::remember(std::int64_t number) {
  if (history.purpose(number) == Purpose::Confirm) return;
  seen_.try_emplace(space.hash(history.point(number)), number);
}

double StudyState::wall_seconds() const {
  if (session_start_ == 0) return past_sessions_;
  return past_sessions_ + static_cast<double>(clock->now() - session_start_) * 1e-6;
}

std::optional<std::string> StudyState::stop_reason() const {
  if (is_exhausted_) {
    return space_size_ ? "every point of the space was tried" : "every point of the grid was tried";
  }
  if (growth() == Growth::Over) return "every member has reached the full fidelity";
  return search_stop_reason(spec, history, wall_seconds());
}

Stage StudyState::stage() const {
  if (!stop_reason()) return Stage::Search;
  if (is_searching() || !history.paused().empty()) return Stage::Search;
  const bool is_open = !history.running().empty() || !history.waiting().empty();
  if (is_open || next_confirm_run(spec, finalists(spec, history), history)) return Stage::Confirm;
  return Stage::Done;
}

void StudyState::require_known(std::int64_t number) const {
  if (number >= 0 && number < history.size()) return;
  throw UserError({.code = "study.unknown_trial",
                   .what = "the study has no such trial",
                   .where = "study " + spec.name,
                   .got = std::to_string(number),
                   .expected = history.size() == 0 ? "no trials yet"
                                                   : "0 to " + std::to_string(history.size() - 1),
                   .hint = ""});
}

std::int64_t StudyState::first_twin(PointView point) const {
  const auto found = seen_.find(space.hash(point));
  return found == seen_.end() ? -1 : found->second;
}

bool StudyState::is_complete(std::int64_t number) const {
  return number >= 0 && history.state(number) == TrialState::Complete;
}

TrialFinished StudyState::copy_result(std::int64_t number, std::int64_t twin) const {
  TrialFinished copy;
  copy.number = number;
  copy.copy_of = twin;
  for (std::size_t k = 0; k < objectives.size(); ++k) {
    copy.outcome.values.push_back(objectives[k].value(history.losses(twin)[k]));
  }
  copy.outcome.metrics = history.metrics(twin);
  return copy;
}

void StudyState::make_replicate(TrialCreated& event, std::int64_t twin) const {
  std::int64_t index = 1;
  for (std::int64_t number = twin + 1; number < history.size(); ++number) {
    index += history.purpose(number) == Purpose::Enqueued && history.of_trial(number) == twin;
  }
  event.of_trial = twin;
  event.seed =
      tuning_seed(spec.seed, index * std::max<std::int64_t>(1, spec.validity.tuning_seeds));
}

NextTrial StudyState::next(Events& events, bool is_search_only,
                           const std::set<std::int64_t>& busy) {
  bool is_held_up = false;  // the search is not over before these are run
  for (const std::int64_t number : history.waiting()) {
    if (is_search_only && history.purpose(number) == Purpose::Confirm) continue;
    if (busy.contains(number)) {
      is_held_up = true;
      continue;
    }
    if (history.purpose(number) == Purpose::Enqueued && history.of_trial(number) < 0) {
      const std::int64_t twin = first_twin(history.point(number));
      if (is_complete(twin)) {
        events.push_back(copy_result(number, twin));
        continue;
      }
      if (twin != number && history.running().contains(twin)) continue;  // pays for both
    }
    return claim(number, events);
  }
  if (std::optional<Trial> trial = promote(events)) {
    if (!busy.contains(trial->number)) return *trial;
    events.pop_back();
    return WaitForOthers{};
  }
  if (!stop_reason()) {
    if (growth() == Growth::Waiting) return WaitForOthers{};
    if (std::optional<Trial> trial = create_search_trial(events)) return *trial;
  }
  if (is_held_up) return WaitForOthers{};
  const std::string reason = stop_reason().value_or("");
  if (!is_searching() && close_paused(events)) return WaitForOthers{};
  if (is_search_only) return StudyDone{reason};
  if (is_searching()) return WaitForOthers{};
  if (std::optional<Trial> trial = create_confirm_trial(events)) return *trial;
  if (!history.running().empty()) return WaitForOthers{};
  return StudyDone{reason};
}

Trial StudyState::claim(std::int64_t number, Events& events) {
  events.push_back(TrialMoved{number, TrialState::Running, worker});
  const PointView point = history.point(number);
  return {number,
          Point(point.begin(), point.end()),
          history.seed(number),
          history.purpose(number),
          history.of_trial(number),
          fidelity_of(number)};
}

TrialCreated StudyState::describe_trial(Purpose purpose, TrialState state, Point point) const {
  TrialCreated event;
  event.number = history.size();
  event.state = state;
  event.purpose = purpose;
  event.seed = tuning_seed(spec.seed, 0);
  event.worker = state == TrialState::Running ? worker : 0;
  event.point = std::move(point);
  return event;
}

Trial StudyState::start(const TrialCreated& event) const {
  Trial trial = as_trial(event);
  trial.fidelity = fidelity_at_birth(event);
  return trial;
}

std::optional<Trial> StudyState::create_search_trial(Events& events) {
  if (history.size() == 0 && space.has_default()) {
    Point given = space.default_point();
    if (space.satisfies_constraints(given)) {
      TrialCreated event = describe_trial(Purpose::Default, TrialState::Running, std::move(given));
      Trial trial = start(event);
      events.push_back(std::move(event));
      return trial;
    }
  }
  reconsider_sampler(events);
  const Stopwatch elapsed;
  std::optional<Birth> birth = propose(history.size());
  ask_seconds_.push_back(elapsed.seconds());
  if (ask_seconds_.size() > kNumTimed) ask_seconds_.pop_front();
  if (!birth) {
    is_exhausted_ = true;
    return std::nullopt;
  }
  return create_search_trial_of(std::move(*birth), events);
}

std::optional<Trial> StudyState::create_confirm_trial(Events& events) {
  const std::optional<ConfirmRun> run = next_confirm_run(spec, finalists(spec, history), history);
  if (!run) return std::nullopt;
  const PointView point = history.point(run->of_trial);
  TrialCreated event =
      describe_trial(Purpose::Confirm, TrialState::Running, Point(point.begin(), point.end()));
  event.of_trial = run->of_trial;
  event.seed = evaluation_seed(spec.seed, run->seed_index);
  Trial trial = start(event);
  events.push_back(std::move(event));
  return trial;
}

}  // namespace trimtab
