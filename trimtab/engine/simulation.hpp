#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {

/// A trial's recorded or invented course. Steps are 1, 2, 3, ...
struct SimulatedCurve {
  std::vector<double> values;     ///< first objective after each step, user's direction; not empty
  double seconds_per_step = 1.0;  ///< > 0, of a worker that is neither slow nor dies
};

struct SimulationOptions {
  std::int64_t num_workers = 1;
  std::uint64_t seed = 1;        ///< of deaths and delays; the study has its own
  double max_seconds = 1e12;     ///< simulated; what then runs is left running
  double death_rate = 0.0;       ///< probability that the worker dies during an attempt of a trial
  double restart_seconds = 0.0;  ///< from a death to the trial's return to the queue
  bool keeps_checkpoints = false;  ///< a trial goes on at the step where its worker died
  double straggler_rate = 0.0;     ///< probability that an attempt is slow
  double straggler_factor = 10.0;  ///< how many times as long it then takes
};

struct SimulationResult {
  double seconds = 0.0;             ///< simulated time from the first start to the last event
  std::int64_t num_steps = 0;       ///< steps that were run, those that were lost among them
  std::int64_t num_lost_steps = 0;  ///< of these, run again after a death
  std::int64_t num_deaths = 0;
  bool is_over = false;  ///< the study has ended; false when time ran out
};

/// Runs a study in simulated time on workers that are not there: asks, reports step by step, stops
/// where the pruner says so, tells. For comparing and testing schedulers: a day of many workers
/// takes seconds, and the same seeds give the same log, byte for byte.
/// @param study     one objective; opened with `clock`.
/// @param clock     is moved from event to event.
/// @param curve_of  pure: the course of a trial, from its point, seed and number.
/// Cost: O(log num_workers) an event and what the study takes for it.
SimulationResult simulate(Study& study, ManualClock& clock,
                          const std::function<SimulatedCurve(const Trial&)>& curve_of,
                          const SimulationOptions& options);

}  // namespace trimtab
