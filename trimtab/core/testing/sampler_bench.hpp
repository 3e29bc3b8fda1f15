#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <nlohmann/json.hpp>

#include "trimtab/core/testing/sampler_search.hpp"

namespace trimtab::sampler_testing {

/// Times whole trials (ask + tell) of a sampler with its default options.
/// @param SamplerType  a SamplerModel whose constructor takes space, options and setting.
template <typename SamplerType>
void run_trials(benchmark::State& state, const Space& space) {
  SamplerType sampler(space, OptionValues(SamplerType::info(), Json::object(), "bench"), {});
  Rng rng(1);
  if (!space.contains(sampler.ask(1, rng).front())) state.SkipWithError("outside of the space");
  std::size_t number = 0;
  for (auto _ : state) {
    const Point point = sampler.ask(1, rng).front();
    tell(sampler, number++, point, sphere(point));
  }
}

/// The same over `state.range(0)` real parameters.
template <typename SamplerType>
void run_real_trials(benchmark::State& state) {
  run_trials<SamplerType>(state, cube(static_cast<std::size_t>(state.range(0))));
}

/// The same over mixed parameters, see `mixed_space`.
template <typename SamplerType>
void run_mixed_trials(benchmark::State& state) {
  run_trials<SamplerType>(state, mixed_space(static_cast<std::size_t>(state.range(0))));
}

}  // namespace trimtab::sampler_testing
