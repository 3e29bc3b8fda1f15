#pragma once

#include <tsl/robin_map.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "trimtab/core/history.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/auto_policy.hpp"
#include "trimtab/engine/detail/earlier_study.hpp"
#include "trimtab/engine/detail/leases.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {

/// What one process knows of a study: everything here but the fields marked "given" is derived from
/// the event log and can be rebuilt from it.
class StudyState {
 public:
  StudyState(StudySpec spec, StudyId id, const Registry& registry, std::shared_ptr<Storage> storage,
             const Clock& clock, std::int64_t worker);

  using Events = std::vector<EventBody>;
  /// One atomic step: catches up, lets `decide` look at this state and collect events, appends
  /// them. `decide` runs under the lock, perhaps on another thread, and may run again after a
  /// conflict.
  void step(Durability durability, const std::function<void(Events&)>& decide);
  /// Reads what others appended. Needs no lock of the log, so that it works on a read-only storage.
  void catch_up();

  /// Reads the study that the sampler is to start from, if it names one and it was not read yet.
  /// @throws UserError when the storage has none of that name.
  void load_earlier();

  // For use inside `decide` only (the lock is held).
  /// @param busy  trials that cannot be taken now: an earlier run of them has not ended here.
  NextTrial next(Events& events, bool is_search_only, const std::set<std::int64_t>& busy = {});
  /// Whether this process ran the trial and lost it: it is not as it was taken any more.
  bool is_lost(std::int64_t number) const;
  /// Whether a trial that was handed out here still runs here, as far as is known.
  bool holds_trials() const;
  /// Whether a running trial's worker has died on this machine, or been silent beyond its lease.
  bool is_orphan(std::int64_t number) const;
  /// Adds the lease to a step that takes trials, when it was never told before.
  void announce_lease(Events& events) const;
  bool is_renewal_due() const;
  void require_known(std::int64_t number) const;
  /// The first trial of this point, -1 = none. O(d).
  std::int64_t first_twin(PointView point) const;
  bool is_complete(std::int64_t number) const;
  /// Ends trial `number` with the result of a complete trial of the same point.
  TrialFinished copy_result(std::int64_t number, std::int64_t twin) const;
  /// Makes `event` a run of its own of the point that `twin` had first, on the next unused seed.
  void make_replicate(TrialCreated& event, std::int64_t twin) const;
  TrialCreated describe_trial(Purpose purpose, TrialState state, Point point) const;
  double wall_seconds() const;
  Stage stage() const;
  /// What the schedule or the sampler proposes for the next trial; nothing when every point was
  /// tried.
  std::optional<Birth> propose(std::int64_t number);
  /// The end of a trial as pruned, with its values at the pruner's decision, or else its last ones.
  TrialFinished describe_pruned(std::int64_t number) const;
  /// Whether a result of this trial is one of a rung below the full fidelity.
  bool is_below_top(std::int64_t number) const;
  std::vector<std::int64_t> expendable_checkpoints() const;
  /// What the pruner says about the latest report of a trial of this worker; nothing = go on. In a
  /// replay, about any trial.
  const PruneDecided* verdict(std::int64_t number) const;
  /// From now on judges every trial's reports, not this worker's only (replays).
  void judge_everybody() { judges_everybody_ = true; }
  /// Takes one event of the log (public for replays; `step` does it for everybody else).
  void absorb(Sequence sequence, std::string_view bytes);

  // Given. The specification may be replaced by a "spec" note; name and objectives never change.
  const std::string name;
  const std::vector<Objective> objectives;
  StudySpec spec;
  const Registry* registry;
  std::shared_ptr<Storage> storage;
  const Clock* clock;
  StudyId id;
  std::int64_t worker;

  mutable std::mutex mutex;
  bool is_leasing = false;                 // this process renews
  std::map<std::int64_t, Sequence> taken;  // trials handed out here -> event that did
  Space space;
  History history;
  std::map<std::string, std::string>
      grown;  // define-by-run parameters -> definition as first given

 private:
  struct Digest {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
  };

  void reset();
  void reload();
  void mark_stale();
  void retry_when_stale(const std::function<void()>& attempt);
  void try_step(Durability durability, const std::function<void(Events&)>& decide);
  void confirm(Sequence sequence);
  bool is_stale() const;
  void absorb_space(const SpaceGrown& event);
  void absorb_note(const Note& note, Timestamp time);
  void remember(std::int64_t number);
  std::vector<Event> decide_events(Sequence last, const std::function<void(Events&)>& decide);
  void absorb(Sequence sequence, const Event& event);
  void absorb_own(Sequence first, const std::vector<Event>& events, Timestamp start);

  std::optional<std::string> stop_reason() const;
  bool is_searching() const;
  // The part that takes trials up the levels of a fidelity (study_rungs.cpp).
  struct Climb {  // a LevelEvent that lasts
    LevelEvent::Kind kind = LevelEvent::Kind::Born;
    std::int64_t trial = 0;
    int level = 0;
    std::vector<double> losses = {};
    std::int64_t parent = -1;
    std::int64_t member = -1;
  };
  void start_schedule();
  void restart_schedule();
  void forget_climbs();
  void climb(const EventBody& body);
  void climb_on(std::int64_t number, int num_promotions_before);
  void take(Climb climb);
  Climb describe_end(std::int64_t number) const;
  Growth growth() const;
  int level_of(std::int64_t number) const;
  int first_level(std::int64_t number, Purpose purpose, std::int64_t of_trial) const;
  double fidelity_of(std::int64_t number) const;
  double fidelity_at_birth(const TrialCreated& event) const;
  std::optional<Trial> promote(Events& events) const;
  bool close_paused(Events& events) const;
  Trial create_search_trial_of(Birth birth, Events& events);
  std::size_t num_climbs_to_learn() const;
  void collect_level_results(std::vector<Observation>& finished);
  Trial claim(std::int64_t number, Events& events);
  Trial start(const TrialCreated& event) const;
  std::optional<Point> propose_point(std::int64_t number);
  std::optional<Trial> create_search_trial(Events& events);
  std::optional<Trial> create_confirm_trial(Events& events);
  std::optional<Point> find_unseen() const;
  void reconsider_sampler(Events& events);
  AutoMeasurement measurement() const;
  const std::optional<AutoDecision>& auto_in_use() const { return announced_ ? announced_ : auto_; }
  void forget_sampler();
  void feed_sampler();
  void tell_earlier(const Choice& choice);
  void feed_pruner();
  void forget_pruner();
  void judge(std::int64_t number, double step);
  bool is_unseen(const Point& point) const { return !seen_.contains(space.hash(point)); }

  void follow_leases(Sequence sequence, const EventBody& body);
  void note_own(Sequence sequence, const EventBody& body, Timestamp start);

  const StudySpec first_spec_;
  Leases leases_;
  std::map<std::int64_t, Sequence> claims_;  // running trials -> event that made them so
  Timestamp last_sign_ = 0;                  // monotonic, of this worker; not later than the event
  AnySampler sampler_;
  std::optional<AutoDecision> auto_;  // in force, by the log; nothing unless the sampler is "auto"
  // The same, decided in a step that is not in the log yet; it may never get there.
  std::optional<AutoDecision> announced_;
  std::optional<EarlierStudy> earlier_;
  std::deque<double> ask_seconds_;  // of the last proposals of this process; empty in replays
  std::size_t num_told_ = 0;  // how many of history.finish_order(), or of climbs_, it has seen
  std::unique_ptr<Schedule> schedule_;  // nothing when every trial gets its whole fidelity at once
  std::vector<Climb> climbs_;           // what the schedule was told
  std::vector<int> first_levels_;       // of each trial
  std::vector<double> ranks_;           // what the sampler is told of its trials
  AnyPruner pruner_;                    // made when the first report is judged
  std::int64_t num_reports_told_ = 0;
  std::size_t num_ends_told_ = 0;
  std::map<std::int64_t, PruneDecided> verdicts_;
  bool judges_everybody_ = false;
  tsl::robin_map<Hash128, std::int64_t, Digest> seen_;  // first trial of each point
  std::optional<std::uint64_t> space_size_;
  std::size_t initial_dimensions_ = 0;
  bool is_exhausted_ = false;
  bool is_stale_ = false;
  // Events after `confirmed_` were seen inside a commit that has not ended yet. It may fail, and
  // another process may then append something else in their place; their hashes tell.
  Sequence confirmed_ = 0;
  std::deque<std::uint64_t> unconfirmed_;
  Timestamp session_start_ = 0;
  Timestamp last_event_ = 0;
  double past_sessions_ = 0.0;  // seconds
};

}  // namespace trimtab
