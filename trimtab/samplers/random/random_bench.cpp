// Question: does a random proposal stay below 20 us with 20 mixed parameters on one core?
// Unit: time per proposal.

#include "trimtab/samplers/random/random.hpp"

#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>

namespace trimtab {
namespace {

void RandomAsk(benchmark::State& state) {
  SpaceBuilder builder;
  for (int j = 0; j < 5; ++j) {
    const std::string digit = std::to_string(j);
    builder.real("real" + digit, -1.0, 1.0)
        .real("log" + digit, 1e-4, 1.0, {.is_log = true})
        .integer("integer" + digit, 1, 100)
        .categorical("choice" + digit, {"a", "b", "c", "d"});
  }
  const Space space = builder.build();
  const Random sampler(space, OptionValues(Random::info(), Json::object(), "bench"), {});
  Rng rng(1);
  if (!space.contains(sampler.ask(1, rng).front())) state.SkipWithError("outside of the space");
  for (auto _ : state) benchmark::DoNotOptimize(sampler.ask(1, rng));
}
BENCHMARK(RandomAsk)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace trimtab
