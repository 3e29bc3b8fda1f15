// Question: does a trial (ask + tell) cost at most 20 us at d = 5, whatever the number of trials?
// Unit: time per trial.

#include "trimtab/samplers/aco/aco.hpp"

#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>

#include "trimtab/core/testing/sampler_search.hpp"

namespace trimtab {
namespace {

void run_trials(benchmark::State& state, const Space& space) {
  Aco sampler(space, OptionValues(Aco::info(), Json::object(), "bench"), {});
  Rng rng(1);
  if (!space.contains(sampler.ask(1, rng).front())) state.SkipWithError("outside of the space");
  std::size_t number = 0;
  for (auto _ : state) {
    const Point point = sampler.ask(1, rng).front();
    sampler_testing::tell(sampler, number++, point, sampler_testing::sphere(point));
  }
}

void AcoReals(benchmark::State& state) {
  run_trials(state, sampler_testing::cube(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(AcoReals)->Arg(2)->Arg(5)->Arg(20)->Arg(500)->Unit(benchmark::kMicrosecond);

void AcoMixed(benchmark::State& state) {
  run_trials(state, sampler_testing::mixed_space(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(AcoMixed)->Arg(2)->Arg(5)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace trimtab
