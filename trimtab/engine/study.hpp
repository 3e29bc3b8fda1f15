#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/history.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/core/storage.hpp"
#include "trimtab/engine/stages.hpp"
#include "trimtab/engine/worker_id.hpp"

namespace trimtab {

/// Nothing to run at the moment: others' trials must finish first.
struct WaitForOthers {};
/// The study is over.
struct StudyDone {
  std::string reason;
};
using NextTrial = std::variant<Trial, WaitForOthers, StudyDone>;

/// One process's handle on a study: the ask/tell service over its event log.
///
/// Every call is one atomic step of the log: it catches up with what other workers did, decides,
/// appends. `tell` returns when the result is on disk; `ask` and `report` when they survive the
/// death of the process. Threads: every method may be called from any thread; concurrent tells
/// share their syncs. Errors: EnvironmentError when the storage refuses; the call may be repeated,
/// nothing acknowledged is lost.
///
///   Registry registry = make_registry();
///   Study study({.name = "parabola", .budget = {.trials = 50}, .space_definition = R"({"x":
///   [-5.0, 5.0]})"},
///               registry, registry.open_storage("memory:"));
///   while (std::optional<Trial> trial = study.ask()) {
///     const double x = trial->point[0];
///     study.tell(trial->number, {.values = {x * x}});
///   }
class Study {
 public:
  using Metrics = std::map<std::string, double>;

  /// Creates the study, or opens it when the storage has one of that name.
  /// @throws UserError when the existing study has another space or other objectives, or when the
  /// sampler
  ///   or its options are wrong; then nothing was written.
  /// @param worker  who runs the trials that it gives: this process.
  Study(StudySpec spec, const Registry& registry, std::shared_ptr<Storage> storage,
        const Clock& clock = wall_clock(), std::int64_t worker = own_worker_id());
  /// Opens an existing study. @throws UserError "study.unknown" with the nearest name.
  static Study open(const std::string& name, const Registry& registry,
                    std::shared_ptr<Storage> storage, const Clock& clock = wall_clock(),
                    std::int64_t worker = own_worker_id());
  Study(Study&&) noexcept;
  ~Study();

  /// What to run next: a waiting trial, the default configuration, a proposal of the sampler, or a
  /// run of the confirm stage. Cost: the sampler's ask plus O(d).
  /// @param busy  trials that the caller cannot take now: earlier runs of them have not ended.
  NextTrial next(const std::set<std::int64_t>& busy = {});
  /// The next search trial; nothing once the search is over (or everything left runs elsewhere).
  std::optional<Trial> ask();
  /// Ends a trial. @throws UserError when it is unknown or already finished, or when the number of
  /// values is wrong. A complete outcome with a NaN value is recorded as failed. A complete one of
  /// a trial that was given less than the full fidelity pauses it instead. A study with a holdout
  /// records what the guard answers (Validity::holdout). Returns what was recorded.
  Outcome tell(std::int64_t number, const Outcome& outcome);
  /// Adds an intermediate value of the first objective.
  /// @returns true when the study's pruner says that the trial should stop: then end it with
  /// `prune`. The decision is in the log. @throws UserError when the step is not finite.
  bool report(std::int64_t number, Report report);
  /// The same for every objective: values in their order, in the user's direction; NaN = not said.
  bool report(std::int64_t number, double step, std::span<const double> values);
  /// Ends a trial as pruned with the value that it had when the pruner decided, or else its last
  /// one. @throws UserError when it is unknown or already finished.
  void prune(std::int64_t number, const Resources& used = {}, const Metrics& metrics = {});
  /// Puts a point in the queue; it is asked before anything else. Returns its number. A point that
  /// a trial has already is not run again, it takes that trial's result (History::copy_of).
  /// @param is_replicate  run it all the same, on a seed that no trial of this point had; its
  /// of_trial is the first trial of the point. O(n).
  std::int64_t enqueue(const Point& point, bool is_replicate = false);
  /// Gives running trials back to the queue (interruption, lost worker). Finished ones are ignored.
  void requeue(const std::vector<std::int64_t>& numbers);
  /// Re-queues trials whose worker died on this machine, or has a lease and was not heard of for
  /// longer (by this process's own monotonic clock, docs/storage-format.md). Returns how many.
  std::int64_t recover();
  /// Makes a running trial this process's own when whoever ran it is gone, as `recover` would find.
  /// Returns whether it is now; false when it does not run, or somebody else who lives runs it.
  /// @throws UserError when it is unknown.
  bool adopt(std::int64_t number);
  /// Whether `recover` would find something, by what is known; writes nothing.
  bool has_orphans() const;
  /// Says that this process lives. From the first call on its trials are leased: whoever calls this
  /// promises to go on, more often than every third of the study's lease. One event for all trials
  /// when a third has passed since the last one; none while nothing runs here.
  void keep_lease();
  /// Trials that `next` or `ask` gave to this object and that were given back to the queue since,
  /// or went on from there. What is told of them is refused ("study.lease_lost").
  std::vector<std::int64_t> lost_trials() const;
  void set_attribute(std::int64_t number, const std::string& key, const std::string& json_value);
  void note(const std::string& topic, const std::string& text);
  /// Marks the start of a working session: the wall budget counts time inside sessions only.
  void begin_session();

  /// Adds a parameter found by a running program (define-by-run) unless it exists; see
  /// define_by_run.hpp.
  /// @throws UserError when it exists with another definition.
  void grow_space(const std::string& name, const std::string& definition);
  /// Replaces the point of an unfinished trial by what the program really used.
  void place(std::int64_t number, const Point& point);

  /// Trials whose checkpoints are beyond the quota of the study's fidelity: those that ended
  /// without being complete, then the paused ones that are least likely to be promoted. Empty
  /// without a quota. O(n log n).
  std::vector<std::int64_t> expendable_checkpoints() const;

  /// Catches up with other workers.
  void refresh();

  StudySpec spec() const;
  Space space() const;
  /// Runs `read` on the study's present state; nothing changes meanwhile.
  void view(const std::function<void(const StudyView&)>& read) const;
  Stage stage() const;
  /// Running time inside sessions, seconds.
  double wall_seconds() const;

 private:
  struct State;
  explicit Study(std::unique_ptr<State> state);
  void note_findings();
  std::unique_ptr<State> state_;
};

}  // namespace trimtab
