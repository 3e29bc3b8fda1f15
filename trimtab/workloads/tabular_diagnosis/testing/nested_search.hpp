#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trimtab/core/registry.hpp"
#include "trimtab/core/workload.hpp"

namespace trimtab::diagnosis {

/// Runs a workload without an executor: every trial on the same seed, so that two searches of one
/// seed see the same inner folds (common random numbers).
class FixedSeed final : public TrialContext {
 public:
  explicit FixedSeed(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t seed() const override { return seed_; }
  bool report(double, double) override { return true; }
  bool should_stop() const override { return false; }

 private:
  std::uint64_t seed_;
};

/// The trial that is best by the workload's objective.
struct Winner {
  Point point;
  Metrics metrics;
  double value = 0.0;  ///< of the objective
};

/// Asks, runs and tells `num_trials` trials in sequence; the first is the default configuration
/// when `has_default`.
inline Winner search(const Workload& workload, const Registry& registry, const Choice& sampler,
                     std::size_t num_trials, std::uint64_t seed, bool has_default) {
  const Objective& objective = workload.objectives.front();
  AnySampler asked = registry.make_sampler(
      sampler, workload.space,
      {.num_objectives = 1, .budget_trials = static_cast<std::int64_t>(num_trials), .seed = seed},
      "sampler");
  Winner winner;
  for (std::size_t i = 0; i < num_trials; ++i) {
    Rng rng(seed, i, "ask");
    const Point point =
        i == 0 && has_default ? workload.space.default_point() : asked.ask(1, rng).front();
    FixedSeed context(seed);
    Metrics metrics = workload.run(workload.space, point, context);
    const double value = metrics.at(objective.name);
    const double loss = objective.loss(value);
    const Observation observation{static_cast<std::int64_t>(i), point, TrialState::Complete, loss,
                                  std::span(&loss, 1)};
    asked.tell(std::span(&observation, 1), {});
    if (i == 0 || loss < objective.loss(winner.value)) winner = {point, std::move(metrics), value};
  }
  return winner;
}

}  // namespace trimtab::diagnosis
