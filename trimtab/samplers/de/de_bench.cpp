// Question: does a trial (ask + tell) cost at most 20 us at d = 5, whatever the number of trials?
// Unit: time per trial.

#include "trimtab/samplers/de/de.hpp"

#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>

namespace trimtab {
namespace {

void run_trials(benchmark::State& state, const Space& space) {
  const OptionValues options(De::info(), Json::object(), "bench");
  De sampler(space, options, {});
  Rng rng(1);
  if (!space.contains(sampler.ask(1, rng).front())) state.SkipWithError("outside of the space");
  std::int64_t number = 0;
  for (auto _ : state) {
    const Point point = sampler.ask(1, rng).front();
    double loss = 0.0;
    for (std::size_t j = 0; j < point.size(); ++j) {
      loss += static_cast<double>(j + 1) * point[j] * point[j];
    }
    const Observation observation{number++, point, TrialState::Complete, loss};
    sampler.tell(std::span(&observation, 1), {});
  }
}

void DeReals(benchmark::State& state) {
  SpaceBuilder builder;
  for (std::int64_t j = 0; j < state.range(0); ++j) {
    builder.real("x" + std::to_string(j), -1.0, 1.0);
  }
  run_trials(state, builder.build());
}
BENCHMARK(DeReals)->Arg(2)->Arg(5)->Arg(20)->Arg(500)->Unit(benchmark::kMicrosecond);

void DeMixed(benchmark::State& state) {
  SpaceBuilder builder;
  for (std::int64_t j = 0; j < state.range(0); ++j) {
    const std::string digit = std::to_string(j);
    builder.real("log" + digit, 1e-4, 1.0, {.is_log = true})
        .integer("integer" + digit, 1, 100)
        .categorical("choice" + digit, {0, 1, 2, 3});
  }
  run_trials(state, builder.build());
}
BENCHMARK(DeMixed)->Arg(2)->Arg(5)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace trimtab
