// Question: does a decision (telling a report and asking whether to stop) stay below 20 us when
// 10 000 trials of 20 steps were told, for every pruner, with one objective and with two? Unit:
// time per report.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/core/registry.hpp"

namespace trimtab {
namespace {

constexpr int kSteps = 20;

double loss_at(std::int64_t trial, int step, std::size_t objective) {
  const auto stream = static_cast<std::uint64_t>(trial * 4) + objective;
  Rng rng(7, stream);
  return rng.uniform01() + 1.0 / step +
         0.01 * Rng(9, stream * 32 + static_cast<std::uint64_t>(step)).normal();
}

std::vector<double> losses_at(std::int64_t trial, int step, std::size_t objectives) {
  std::vector<double> losses;
  for (std::size_t k = 0; k < objectives; ++k) losses.push_back(loss_at(trial, step, k));
  return losses;
}

void tell_trial(AnyPruner& pruner, std::int64_t trial, std::size_t objectives) {
  for (int step = 1; step <= kSteps; ++step) {
    const std::vector<double> losses = losses_at(trial, step, objectives);
    const Progress report{Progress::Kind::Report, trial, double(step), losses};
    pruner.tell({&report, 1});
    if (step < kSteps) continue;
    const Progress end{Progress::Kind::End, trial, 0.0, losses, TrialState::Complete};
    pruner.tell({&end, 1});
  }
}

void Decision(benchmark::State& state, const std::string& name, const std::string& options,
              std::size_t objectives) {
  PrunerSetting setting;
  setting.max_step = kSteps;
  for (std::size_t k = 1; k < objectives; ++k) setting.objectives.push_back({.name = "other"});
  AnyPruner pruner =
      make_registry().make_pruner({.name = name, .options = options}, setting, "bench");
  std::int64_t trial = 0;
  for (; trial < state.range(0); ++trial) tell_trial(pruner, trial, objectives);
  if (pruner.should_prune(-1, 1.0)) state.SkipWithError("stops a trial that there is not");
  // 1024 trials report step after step; none of them ends.
  std::vector<std::vector<double>> losses;
  for (int i = 0; i < 1024 * kSteps; ++i) {
    losses.push_back(losses_at(trial + i % 1024, i / 1024 + 1, objectives));
  }
  std::size_t i = 0;
  for (auto _ : state) {
    const auto now = static_cast<std::int64_t>(i % losses.size());
    const Progress report{Progress::Kind::Report, trial + now % 1024, double(now / 1024 + 1),
                          losses[static_cast<std::size_t>(now)]};
    pruner.tell({&report, 1});
    benchmark::DoNotOptimize(pruner.should_prune(report.trial, report.step));
    if (++i % losses.size() == 0) trial += 1024;
  }
}

#define TRIMTAB_DECISION(name, options, objectives)                            \
  BENCHMARK_CAPTURE(Decision, name##_##objectives, #name, options, objectives) \
      ->Arg(100)                                                               \
      ->Arg(10000)                                                             \
      ->Unit(benchmark::kMicrosecond)

TRIMTAB_DECISION(median, "{}", 1);
TRIMTAB_DECISION(median, "{}", 2);
TRIMTAB_DECISION(threshold, "{}", 1);
TRIMTAB_DECISION(patient, "{}", 1);
TRIMTAB_DECISION(wilcoxon, "{}", 1);
TRIMTAB_DECISION(successive_halving, "{}", 1);
TRIMTAB_DECISION(successive_halving, "{}", 2);
TRIMTAB_DECISION(hyperband, "{}", 1);
TRIMTAB_DECISION(curve_extrapolation, "{}", 1);
BENCHMARK_CAPTURE(Decision, median_among_all, "median", R"({"among": "all"})", 1)
    ->Arg(100)
    ->Arg(10000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace trimtab
