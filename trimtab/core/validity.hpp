#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trimtab {

/// Two settings of one problem: the search runs on the first, the confirm stage on the second, so
/// that what was tuned is judged where nothing was tuned.
/// Source: two-phase evaluation, Cha and Cho 2024, "Hyperparameters in continual learning: a
///   reality check", section 4.
struct Scenario {
  std::string tune = {};
  std::string evaluate = {};
  bool operator==(const Scenario&) const = default;
};

/// A holdout that the search may ask through the mechanism of numerics/thresholdout.hpp only. The
/// objective is what the program says of its own data, `metric` the same of the holdout; what the
/// study sees and keeps is the mechanism's answer.
struct Holdout {
  std::string metric = {};   ///< in [0, 1], as the objective; never written down
  std::int64_t items = 0;    ///< n >= 1, of the holdout
  double threshold = 0.0;    ///< > 0; 4 / sqrt(n) unless given
  double noise = 0.0;        ///< > 0; 1 / (4 sqrt(n)) unless given
  std::int64_t budget = 50;  ///< >= 1: how often the holdout may speak; then the search is over
  bool is_gaussian = false;  ///< noise of the authors' demonstration; else Laplace
  bool operator==(const Holdout&) const = default;
};

/// All trials at equal compute: how many units of the fidelity a trial gets is what this machine
/// can do of them in the given time, measured for each configuration.
/// Source: Stanic et al. 2023, "The Languini Kitchen", section 3.
struct ComputeClass {
  double seconds = 0.0;      ///< > 0, of training, start-up not counted
  bool is_wall = false;      ///< time by the clock on the wall; else processor time
  std::int64_t repeats = 3;  ///< >= 2, measurements that the throughput is taken from
  bool operator==(const ComputeClass&) const = default;
};

/// How a sweep ends in a conclusion.
struct Validity {
  std::int64_t tuning_seeds =
      1;  ///< runs per trial during the search; the trial's value is their mean
  std::int64_t confirm_top = 3;     ///< finalists re-evaluated; 0 = no confirm stage
  std::int64_t confirm_seeds = 24;  ///< at most so many fresh seeds per finalist (paired)
  std::optional<Scenario> scenario = {};
  std::optional<Holdout> holdout = {};
  std::optional<ComputeClass> compute_class = {};
};

/// How the rows of a table are dealt to the runs of a trial.
struct SplitPlan {
  /// Whole classes are hidden instead of rows: what the search learns of them is what it could
  /// learn of classes that nobody has labelled yet.
  bool is_by_class = false;
  std::int64_t folds = 5;      ///< >= 2; run r of a trial is judged on fold r
  bool is_reshuffled = false;  ///< new folds for each configuration, else the same for all
  double sealed_share = 0.2;   ///< in [0, 1): rows (or classes) that the search never sees
  std::vector<std::string> sealed_classes = {};  ///< these instead of a share
  /// Of nested cross-validation: the sealed rows are outer fold `outer_fold` of `outer_folds`; 0 =
  /// not nested.
  std::int64_t outer_folds = 0;
  std::int64_t outer_fold = 0;
  bool operator==(const SplitPlan&) const = default;
};

/// What a study says of its data.
struct DataAccount {
  std::vector<std::string> tune = {};      ///< files that the search reads
  std::vector<std::string> evaluate = {};  ///< files that only the confirm stage reads
  std::string table = {};                  ///< CSV whose rows the engine deals, by `split`
  std::string label = {};                  ///< its column of classes; "" = none
  std::optional<SplitPlan> split = {};
  /// What the rows were when the study was created (engine/data_register.hpp). Not in study files.
  std::string fingerprint = {};

  /// Whether rows are set aside that the search never sees.
  bool has_sealed_rows() const {
    if (!split) return !evaluate.empty();
    return split->sealed_share > 0.0 || !split->sealed_classes.empty() || split->outer_folds > 0;
  }
  bool is_empty() const { return tune.empty() && evaluate.empty() && table.empty(); }
  bool operator==(const DataAccount&) const = default;
};

}  // namespace trimtab
