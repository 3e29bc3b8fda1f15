#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "trimtab/core/row_split.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/core/trial.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// One run of a trial's configuration on one seed. A trial has one run, or `tuning_seeds` of them.
struct RunRequest {
  std::string study;
  std::int64_t trial = 0;
  std::int64_t run = 0;      ///< 0.. within the trial
  std::int64_t attempt = 0;  ///< 0.. within the run; more after retries
  std::uint64_t seed = 0;
  Point point;
  double fidelity = 0.0;      ///< Trial::fidelity
  std::int64_t parent = -1;   ///< it begins with a copy of this trial's checkpoint; -1 = none
  std::string scenario = {};  ///< Validity::scenario, the part that is for this run; "" = none
  std::shared_ptr<const RowSplit> split = {};  ///< nothing = the study's data are not split here
};

/// Numbers that the program reported while it runs ("step" taken out).
struct RunReport {
  std::int64_t trial = 0;
  std::int64_t run = 0;
  double step = 0.0;
  std::map<std::string, double> metrics;
};

/// The end of a run.
struct RunResult {
  std::int64_t trial = 0;
  std::int64_t run = 0;
  std::map<std::string, double> metrics;  ///< the last final result; may hold NaN
  Failure failure;                        ///< reason None = the program said it is done
  bool should_retry = false;              ///< exit code 75: try again later
  bool was_stopped = false;               ///< ended because `stop` asked for it
  Resources resources;
};

using RunUpdate = std::variant<RunReport, RunResult>;

enum class StopKind : std::uint8_t {
  Graceful,  ///< SIGTERM, the grace period, then SIGKILL (pruning, interruption)
  Now,       ///< SIGKILL
};

/// Runs trials somewhere. One owner thread calls it; every started run yields exactly one
/// RunResult. Implementations must pass core/contract/executor_contract.hpp.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Begins a run. Never blocks for its duration. A program that cannot be started yields a
  /// RunResult with FailureReason::Start, not an exception.
  virtual void start(const RunRequest& request) = 0;

  /// Waits up to `seconds` for something to happen; returns what happened, in order of arrival per
  /// run.
  virtual std::vector<RunUpdate> wait(double seconds) = 0;

  /// Asks a run to end. Unknown or finished runs are ignored.
  virtual void stop(std::int64_t trial, std::int64_t run, StopKind kind) = 0;

  /// The checkpoint of a run that does not run now will probably not be needed again.
  virtual void discard_checkpoint(const std::string& /*study*/, std::int64_t /*trial*/,
                                  std::int64_t /*run*/) {}

  /// Runs started whose RunResult has not been returned yet.
  virtual std::size_t num_running() const = 0;
};

}  // namespace trimtab
