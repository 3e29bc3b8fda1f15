#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "trimtab/core/event.hpp"
#include "trimtab/core/sampler.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/core/trial.hpp"
#include "trimtab/numerics/thresholdout.hpp"

namespace trimtab {

/// A study's trials as columns, derived from its event log alone: `apply` every event in order and
/// the same history comes out. Row i of every column is trial number i.
///
/// Memory: 8 bytes per dimension and about 100 bytes per trial. Not thread-safe for writing.
class History {
 public:
  /// @param num_dimensions  of the study's space at its creation; grows with SpaceGrown.
  History(std::size_t num_dimensions, std::vector<Objective> objectives,
          std::vector<MetricConstraint> constraints = {});

  /// Takes one event. Amortised O(d). @throws EnvironmentError "history.corrupt" when the event
  /// contradicts the log so far (unknown trial, wrong number, finished twice).
  void apply(Sequence sequence, const Event& event);

  /// After the space grew: widens the rows (done by the study's owner, which knows the space).
  void widen(std::size_t num_dimensions);

  Sequence last_sequence() const { return last_sequence_; }
  std::int64_t size() const { return static_cast<std::int64_t>(states_.size()); }
  std::size_t num_dimensions() const { return num_dimensions_; }
  std::size_t num_objectives() const { return objectives_.size(); }
  const std::vector<Objective>& objectives() const { return objectives_; }
  const std::vector<MetricConstraint>& constraints() const { return constraints_; }

  PointView point(std::int64_t number) const;
  TrialState state(std::int64_t number) const { return states_[index(number)]; }
  Purpose purpose(std::int64_t number) const { return purposes_[index(number)]; }
  std::uint64_t seed(std::int64_t number) const { return seeds_[index(number)]; }
  /// First objective, minimised; NaN unless complete (or pruned with a value).
  double loss(std::int64_t number) const;
  /// Every objective, minimised; NaN where there is none. (m)
  std::span<const double> losses(std::int64_t number) const;
  /// How far beyond each observed constraint the trial is, > 0 violates; NaN unless complete and
  /// reported. (constraints)
  std::span<const double> violations(std::int64_t number) const;
  /// Complete, and no observed constraint is violated or unknown.
  bool is_feasible(std::int64_t number) const;
  /// First objective in the user's own direction; NaN when there is none.
  double value(std::int64_t number) const;
  Timestamp created(std::int64_t number) const { return created_[index(number)]; }
  /// When it last began to run; 0 while it waits.
  Timestamp started(std::int64_t number) const { return started_[index(number)]; }
  Timestamp finished(std::int64_t number) const {
    return finished_[index(number)];
  }  ///< 0 = not yet
  const Resources& resources(std::int64_t number) const { return resources_[index(number)]; }
  /// Energy of the trials of the search that have ended or paused, joules, measured or modelled.
  double search_joules() const { return search_joules_; }
  /// What the study's holdout was asked so far (Validity::holdout).
  const HoldoutLedger& holdout() const { return holdout_; }
  std::int64_t worker(std::int64_t number) const { return workers_[index(number)]; }
  std::int64_t of_trial(std::int64_t number) const { return of_trials_[index(number)]; }
  std::int64_t copy_of(std::int64_t number) const { return copies_[index(number)]; }
  const Failure& failure(std::int64_t number) const;
  const std::map<std::string, double>& metrics(std::int64_t number) const;
  /// Intermediate values in order of arrival. O(reports of the trial).
  std::vector<Report> reports(std::int64_t number) const;
  std::int64_t num_reports() const { return static_cast<std::int64_t>(reports_.size()); }
  /// One report of the study, in order of arrival over all trials.
  struct Reported {
    std::int64_t number = 0;  ///< the trial
    double step = 0.0;
    std::span<const double> losses = {};  ///< (m), minimised; NaN = not a number or not said
    std::int64_t previous = -1;           ///< the same trial's report before, -1 = it was the first
  };
  Reported reported(std::int64_t i) const;
  /// The trial's latest report, -1 = none.
  std::int64_t last_report(std::int64_t number) const { return last_reports_[index(number)]; }
  /// How many reports of the study had arrived when the i-th trial of `finish_order` ended.
  std::int64_t reports_before_finish(std::int64_t i) const { return finish_reports_[index(i)]; }
  /// The pruner's decision about an unfinished or finished trial; nullptr = none. A trial that goes
  /// back to the queue loses it.
  const PruneDecided* prune_decision(std::int64_t number) const;
  /// Attributes of a trial, or of the study for number -1: key -> JSON text.
  const std::map<std::string, std::string>& attributes(std::int64_t number) const;
  const std::vector<std::pair<Timestamp, Note>>& notes() const { return notes_; }

  /// Numbers of trials that run or wait now, ascending.
  const std::set<std::int64_t>& running() const { return running_; }
  const std::set<std::int64_t>& waiting() const { return waiting_; }
  std::int64_t count(TrialState state) const { return counts_[static_cast<std::size_t>(state)]; }
  std::int64_t count(Purpose purpose) const {
    return purpose_counts_[static_cast<std::size_t>(purpose)];
  }
  /// Trials that have a result below the full fidelity and wait for a promotion; their state is
  /// Waiting.
  const std::set<std::int64_t>& paused() const { return paused_; }
  /// How many times a trial has been promoted: 0 = it is in its first rung, or has no rungs.
  int num_promotions(std::int64_t number) const;
  /// Losses at the rung where a trial was paused last, (m); empty when it never was.
  std::span<const double> paused_losses(std::int64_t number) const;
  /// Complete non-Confirm trial that keeps the constraints, with the smallest loss (first
  /// objective; earliest on ties); -1 = none.
  std::int64_t best() const { return best_; }
  /// Trials that finished, in the order in which they finished.
  std::span<const std::int64_t> finish_order() const { return finish_order_; }

  /// What samplers see of one trial; views into this history.
  Observation observe(std::int64_t number) const;

 private:
  std::size_t index(std::int64_t number) const { return static_cast<std::size_t>(number); }
  void apply(const TrialCreated& event, Timestamp time);
  void apply(const TrialMoved& event, Timestamp time);
  void apply(const TrialReported& event, Timestamp time);
  void apply(const TrialFinished& event, Timestamp time);
  void apply(const SpaceGrown& event, Timestamp time);
  void apply(const Note& event, Timestamp time);
  void apply(const Attribute& event, Timestamp time);
  void apply(const TrialPlaced& event, Timestamp time);
  void apply(const ObjectivesReported& event, Timestamp time);
  void apply(const PruneDecided& event, Timestamp time);
  void apply(const TrialPaused& event, Timestamp time);
  void apply(const ParameterSet& event, Timestamp time);
  void apply(const LeaseRenewed& event, Timestamp time);
  void apply(const HoldoutAsked& event, Timestamp time);
  void note_violations(const TrialFinished& event);
  void add_energy(std::int64_t number, const Outcome& outcome, bool is_copy);
  void add_report(std::int64_t number, double step, std::span<const double> values);
  void set_state(std::int64_t number, TrialState state);
  void require_unfinished(std::int64_t number) const;

  struct ReportEntry {
    std::int64_t number;
    double step;
    std::int64_t previous;  // index of the same trial's previous report, -1 = first
  };

  std::size_t num_dimensions_;
  std::vector<Objective> objectives_;
  std::vector<MetricConstraint> constraints_;
  Sequence last_sequence_ = 0;
  std::vector<double> points_;      // (n, d) row-major
  std::vector<double> losses_;      // (n, m) row-major
  std::vector<double> violations_;  // (n, constraints) row-major
  std::vector<TrialState> states_;
  std::vector<Purpose> purposes_;
  std::vector<std::uint64_t> seeds_;
  std::vector<Timestamp> created_, started_, finished_;
  std::vector<Resources> resources_;
  double search_joules_ = 0.0;
  HoldoutLedger holdout_;
  std::vector<std::int64_t> workers_, of_trials_, copies_, last_reports_;
  std::vector<ReportEntry> reports_;
  std::vector<double> report_losses_;  // (reports, m)
  std::vector<std::int64_t> finish_reports_;
  std::unordered_map<std::int64_t, PruneDecided> prune_decisions_;
  std::unordered_map<std::int64_t, Failure> failures_;
  std::unordered_map<std::int64_t, std::map<std::string, double>> metrics_;
  std::unordered_map<std::int64_t, std::map<std::string, std::string>> attributes_;
  std::vector<std::pair<Timestamp, Note>> notes_;
  struct Pauses {
    std::vector<double> losses;  // at the last one
    int num_promotions = 0;
  };
  std::unordered_map<std::int64_t, Pauses> pauses_;
  std::set<std::int64_t> running_, waiting_, paused_;
  std::array<std::int64_t, 5> counts_{};
  std::array<std::int64_t, 4> purpose_counts_{};
  std::vector<std::int64_t> finish_order_;
  std::int64_t best_ = -1;
};

/// A study as its readers (reports, analyses) see it. Borrowed references.
struct StudyView {
  const StudySpec& spec;
  const Space& space;
  const History& history;
};

}  // namespace trimtab
