#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "trimtab/core/info.hpp"
#include "trimtab/core/row_split.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/core/trial.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// What a running objective is given. Owned by the executor, used by one thread.
class TrialContext {
 public:
  virtual ~TrialContext() = default;
  /// The only source of randomness: same point + same seed = same result.
  virtual std::uint64_t seed() const = 0;
  /// How much of the study's fidelity this run gets; 0 = the study has none.
  virtual double fidelity() const { return 0.0; }
  /// Which of the study's two scenarios this run is of; "" = the study has none.
  virtual std::string scenario() const { return {}; }
  /// Rows of the study's table to train on and to be judged on; nullptr = they are not dealt here.
  virtual const RowSplit* split() const { return nullptr; }
  /// Tells an intermediate value of the first objective.
  /// @returns false when the trial should stop; return what there is.
  virtual bool report(double step, double value) = 0;
  /// True when the run should end as soon as possible (interruption). Cheap.
  virtual bool should_stop() const = 0;
};

/// Metrics by name. A callable may throw: the trial then fails with the exception's text.
using Metrics = std::map<std::string, double>;
using Callable = std::function<Metrics(const Space& space, PointView point, TrialContext& context)>;

/// A concrete system with hyperparameters: a value that anything can run. Prints nothing, decides
/// nothing. Thread-safe: `run` may be called from many threads at once.
struct Workload {
  Space space;
  std::vector<Objective>
      objectives;  ///< what it is usually tuned for; other metrics are reported too
  Callable run;
  /// The metrics of `run` with their unit and meaning.
  std::map<std::string, std::string> metrics;
  /// What a candidate computes on a tiny fixed input, in far less time than `run`: points with
  /// equal answers are the same candidate (space/functional_hash.hpp). Empty = cannot be asked.
  std::function<std::vector<double>(const Space& space, PointView point)> probe = {};
};

struct WorkloadEntry {
  Info info;
  /// @throws UserError when the options name data that cannot be read.
  std::function<Workload(const OptionValues&)> make;
};

}  // namespace trimtab
