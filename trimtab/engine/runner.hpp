#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/executor.hpp"
#include "trimtab/engine/energy_meter.hpp"
#include "trimtab/engine/run_plan.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/engine/throughput_probe.hpp"

namespace trimtab {

/// Told by the runner after every change; calls come from the runner's thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void trial_started(const Trial&) {}
  virtual void trial_finished(std::int64_t /*number*/, const Outcome&) {}
  /// This process was silent for longer than its lease: somebody else runs the trial.
  virtual void trial_lost(std::int64_t /*number*/) {}
  virtual void stage_changed(Stage) {}
  /// At least every `Runner::Options::tick_seconds`; a place to redraw progress.
  virtual void tick() {}
};

/// Runs a study to its end: search, then confirm, on one executor.
///
/// A trial of the search runs once per tuning seed and its value is the mean; a confirm trial runs
/// once. A trial that the study's pruner stops is asked to end and counts as pruned, whatever it
/// still says. Failures are data: the first failed run decides its trial, and the trial's other
/// runs are stopped. A trial that somebody else has ended meanwhile is stopped and forgotten. The
/// storage and the machine may fail for a while: acknowledged results stay, the rest is retried
/// with back-off (running programs are served meanwhile) and, after `storage_patience_seconds`,
/// given up with the error of whoever refused.
class Runner {
 public:
  struct Options {
    std::int64_t parallel = 1;
    double tick_seconds = 0.1;
    double storage_patience_seconds = 60.0;
    std::string powercap = "/sys/class/powercap";  ///< folder of the energy counters
    int num_retries = 0;  ///< extra attempts of a run that asks for it (exit code 75)
  };
  enum class End : std::uint8_t {
    Done,         ///< the study is over
    Interrupted,  ///< `interrupt` asked; nothing is left running here
  };

  Runner(Study& study, Executor& executor, RunObserver& observer, Options options);

  /// @param interrupt  0 = go on; 1 = start nothing new and let running trials finish; 2 = stop
  /// them and put
  ///   them back into the queue. May be set from a signal handler.
  End run(const std::atomic<int>& interrupt);

 private:
  struct ActiveTrial {
    Trial trial;
    std::int64_t num_runs = 1;
    std::int64_t num_started = 0;
    std::int64_t num_finished = 0;
    std::map<std::int64_t, int> attempts;  // run -> attempts so far
    Outcome outcome;                       // sums until the last run is in
    std::map<std::string, double> energy;  // sums over all attempts
    bool is_failed = false;
    bool is_pruned = false;
    bool is_told = false;                  // by somebody else; its runs end for nothing
    std::optional<ThroughputProbe> probe;  // until its plan is known
    std::int64_t num_probes = 0;
    bool has_open_probe = false;
    std::int64_t planned_as = -1;  // key of its plan
    double planned = 0.0;  // units of the fidelity that each run gets; 0 = as the trial says

    bool is_idle() const { return num_finished == num_started && !has_open_probe; }
    bool is_starved() const { return !probe && num_started < num_runs; }
  };
  using Active = std::map<std::int64_t, ActiveTrial>;

  bool fill(const std::atomic<int>& interrupt);
  bool has_room() const {
    return static_cast<std::int64_t>(executor_.num_running()) < options_.parallel;
  }
  void start_runs(ActiveTrial& active);
  void start_run(const ActiveTrial& active, std::int64_t run, std::int64_t attempt);
  RunRequest request_of(const ActiveTrial& active, std::int64_t run) const;
  void plan_compute(ActiveTrial& active);
  void start_probe(ActiveTrial& active);
  void handle_probe(ActiveTrial& active, const RunResult& result);
  void handle(const RunReport& report);
  void handle(RunResult result);
  void meter(RunResult& result);
  void merge(ActiveTrial& active, const RunResult& result);
  void fail(ActiveTrial& active, const Failure& failure);
  void close(Active::iterator entry);
  void prune(ActiveTrial& active);
  void stop_runs(const ActiveTrial& active, StopKind kind);
  void forget(ActiveTrial& active);
  void stop_all();
  void pause(double seconds);
  void keep_checkpoint_quota();
  void put_back(std::vector<std::int64_t> numbers);
  void keep_watch();
  void note_stage();
  template <typename Action>
  void persistently(Action action);
  template <typename Action>
  bool unless_told(Action action);

  Study& study_;
  Executor& executor_;
  RunObserver& observer_;
  Options options_;
  Active active_;
  std::vector<RunUpdate> pending_;  // what came while the storage was waited for
  std::string study_name_;
  std::vector<Objective> objectives_;
  RunPlan plan_;
  std::optional<ComputeClass> compute_class_;
  std::optional<Fidelity> fidelity_;
  std::map<std::int64_t, ThroughputProbe> plans_;  // by the trial that first had the point
  double watch_seconds_ = 0.0;                     // between two looks for workers that are lost
  Stopwatch since_watch_;
  Stage stage_ = Stage::Search;
  bool is_killing_ = false;
  std::optional<EnergyMeter> meter_;  // nothing = energy is not counted
  bool has_checkpoint_quota_ = false;
  std::set<std::int64_t> discarded_;   // trials whose checkpoints are gone
  std::vector<std::int64_t> stopped_;  // trials that an interruption cut short
};

/// The objectives' values out of a run's metrics; a failure when one is missing or NaN.
/// @returns values in the objectives' order, in the user's direction.
std::variant<std::vector<double>, Failure> objective_values(
    const std::vector<Objective>& objectives, const std::map<std::string, double>& metrics);

}  // namespace trimtab
