#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/document.hpp"
#include "trimtab/base/json.hpp"
#include "trimtab/core/energy.hpp"
#include "trimtab/core/validity.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

enum class Goal : std::uint8_t { Minimise, Maximise };

/// A metric to optimise. Inside Trimtab everything is a loss: `loss` applies the goal, once.
struct Objective {
  std::string name = "loss";
  Goal goal = Goal::Minimise;
  std::optional<double> target =
      {};  ///< the study stops when a completed trial is at least this good

  double loss(double value) const { return goal == Goal::Minimise ? value : -value; }
  double value(double loss) const { return goal == Goal::Minimise ? loss : -loss; }
};

/// A metric, or an objective, that must stay on one side of a limit. It is known only when a trial
/// has ended; what is known before belongs into the space (`require`, `forbid`).
struct MetricConstraint {
  std::string name = {};  ///< of the metric
  double limit = 0.0;
  bool is_at_least = false;  ///< the metric must be >= limit; else <= limit

  /// By how much a value is on the wrong side, > 0, or how far it is on the right one, <= 0; in
  /// units of |limit| unless that is 0. NaN for NaN.
  double violation(double value) const;
  bool operator==(const MetricConstraint&) const = default;
};

/// When the search ends; the first limit reached wins. All empty = 100 trials.
struct Budget {
  std::optional<std::int64_t> trials = {};    ///< trials asked in the search stage, >= 1
  std::optional<double> wall_seconds = {};    ///< running time of this study, pauses not counted
  std::optional<std::int64_t> patience = {};  ///< completed trials without improvement
  std::optional<double> energy_joules = {};   ///< of all trials of the search, measured or modelled
};

/// Limits of one run of the program; nothing = unlimited.
struct Limits {
  std::optional<double> wall_seconds = {};
  std::optional<double> memory_bytes = {};
  std::optional<double> cpus = {};  ///< cores' worth of time, enforced where cgroup v2 permits
  int retries = 0;                  ///< extra attempts after exit code 75 or a lost worker
  double grace_seconds = 5.0;       ///< between SIGTERM and SIGKILL
};

/// A file rendered from a symbolic document before each run.
struct RenderedFile {
  std::string source = {};  ///< the template's path
  std::string
      destination;  ///< file name inside the trial's folder; placeholder {file:NAME} gives its path
};

/// What a trial runs: a command line or a native workload.
struct Program {
  std::string command = {};             ///< argument template, see docs/trial-protocol.md
  std::string workload = {};            ///< name of a registered workload
  std::string workload_options = "{}";  ///< JSON object
  std::map<std::string, std::string> environment = {};
  std::string directory = {};  ///< working directory; "" = where the study was started
  std::vector<RenderedFile> files = {};
  Limits limits = {};
};

/// A named implementation with its options (JSON object).
struct Choice {
  std::string name = {};
  std::string options = "{}";
};

/// What a trial may be given more or less of: epochs, iterations, samples. The program is told how
/// much (docs/trial-protocol.md).
struct Fidelity {
  std::string name = "steps";
  double min = 1.0;  ///< > 0
  double max = 1.0;  ///< >= min; results at max alone are final
  double eta = 3.0;  ///< > 1: one in eta goes on, and gets eta times as much
  Choice schedule = {.name = "full", .options = "{}"};  ///< who gets how much, and when
  /// Checkpoints of paused trials that are kept, >= 1; nothing = all of them, and ended ones'.
  std::optional<std::int64_t> checkpoints = {};
};

/// Everything a user says about a study: the study file as a value.
struct StudySpec {
  std::string name = {};
  std::vector<Objective> objectives = {Objective{}};
  std::vector<MetricConstraint> constraints =
      {};  ///< observed; soft during the search, binding at its end
  Budget budget = {};
  std::int64_t parallel = 1;
  std::uint64_t seed = 1;
  double lease_seconds = 60.0;  ///< a worker that is silent for longer loses its trials, >= 1
  std::string space_definition = "{}";  ///< JSON, see Space::parse
  Program program = {};
  Choice sampler = {.name = "auto", .options = "{}"};
  Choice pruner = {.name = "none", .options = "{}"};
  std::optional<Fidelity> fidelity = {};
  std::optional<EnergyAccount> energy = {};  ///< nothing = not counted
  Validity validity = {};
  DataAccount data = {};

  /// Whether fresh runs are judged on data that the search did not see: then no value of the search
  /// is a result.
  bool has_sealed_data() const { return validity.scenario || data.has_sealed_rows(); }

  /// Canonical JSON; `study_from_json` of it gives an equal spec.
  Json to_json() const;
};

/// A further check of a study file. It sees the spec as far as it could be read (a wrong [space]
/// reads as empty) and may complete it. @throws UserError with problems that have their place.
using StudyCheck = std::function<void(StudySpec& spec)>;

/// Reads and checks a study file's document: unknown keys (with the nearest known one), types,
/// ranges, the space, the objectives, placeholders of the command against the parameters. Names of
/// samplers, pruners and workloads and their options are checked by `check_against_registry`
/// (core/registry.hpp).
/// Without [space] the definition is "{}": a workload then brings its own. [program] may be absent.
/// @param further  run after that in order, whatever was found so far.
/// @throws UserError with every problem of the file, sorted by position.
StudySpec parse_study(const Document& document, const std::vector<StudyCheck>& further = {});

/// Reads a spec written by `StudySpec::to_json`. @throws UserError when it is not one.
StudySpec study_from_json(const Json& json);

/// Applies "path=value" (the command line's --set) to a document's JSON before parsing; the value
/// is read as TOML, else taken as text. @throws UserError when the path leads nowhere.
void set_by_path(Json& root, std::string_view assignment);

}  // namespace trimtab
