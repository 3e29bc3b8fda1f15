#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/space/point.hpp"

namespace trimtab {

/// The numbers are Optuna's wire values.
enum class TrialState : std::uint8_t {
  Running = 0,
  Complete = 1,
  Pruned = 2,
  Failed = 3,
  Waiting = 4
};

inline bool is_finished(TrialState state) {
  return state == TrialState::Complete || state == TrialState::Pruned ||
         state == TrialState::Failed;
}

/// "running", "complete", "pruned", "failed", "waiting".
std::string_view name_of(TrialState state);

enum class FailureReason : std::uint8_t {
  None = 0,
  ExitCode = 1,      ///< the program returned a code other than 0, 75, 77
  Signal = 2,        ///< the program was killed by a signal
  TimeOut = 3,       ///< the wall limit of one run
  Memory = 4,        ///< the memory limit
  NotANumber = 5,    ///< an objective was NaN
  NoResult = 6,      ///< an objective was never reported
  Infeasible = 7,    ///< the program said so (exit code 77)
  Exception = 8,     ///< an in-process objective threw
  Start = 9,         ///< the program could not be started
  Interrupted = 10,  ///< told so by the user, or given up after every retry
};

/// "exit code", "signal", "time-out", ...
std::string_view name_of(FailureReason reason);

struct Failure {
  FailureReason reason = FailureReason::None;
  int code = 0;             ///< exit code or signal number
  std::string detail = {};  ///< one line for people
};

/// What a run used. Sums over the runs of a trial.
struct Resources {
  double wall_seconds = 0.0;
  double cpu_seconds = 0.0;
  double peak_memory_bytes = 0.0;
};

/// Why a trial exists.
enum class Purpose : std::uint8_t {
  Search = 0,    ///< proposed by the sampler
  Default = 1,   ///< the user's default configuration
  Enqueued = 2,  ///< given by the user
  Confirm = 3,   ///< a run of a finalist (or the default) on a fresh seed, after the search
};
std::string_view name_of(Purpose purpose);

/// How a trial ended; the argument of `tell`.
struct Outcome {
  TrialState state = TrialState::Complete;
  std::vector<double>
      values;  ///< one per objective, in the user's own direction; may be infinite, not NaN
  Failure failure = {};
  Resources resources = {};
  std::map<std::string, double> metrics = {};  ///< every other number the program reported
};

/// An intermediate value of the first objective.
struct Report {
  double step = 0.0;   ///< finite
  double value = 0.0;  ///< user's direction; may be NaN or infinite
};

/// What `ask` hands to whoever runs the trial.
struct Trial {
  std::int64_t number = 0;  ///< dense, from 0 within the study
  Point point = {};
  std::uint64_t seed = 0;  ///< of the first run; further runs use `run_seed`
  Purpose purpose = Purpose::Search;
  /// Confirm: the finalist whose point this is. Enqueued: the trial that this one replicates.
  std::int64_t of_trial = -1;
  double fidelity = 0.0;  ///< how much of the study's fidelity this run gets; 0 = there is none
};

}  // namespace trimtab
