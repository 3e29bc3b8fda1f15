// Question: does a Sobol proposal stay below 20 us with 20 mixed parameters on one core, also far
// into a study? Unit: time per proposal.

#include "trimtab/samplers/sobol/sobol.hpp"

#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace trimtab {
namespace {

void SobolAsk(benchmark::State& state) {
  SpaceBuilder builder;
  for (int j = 0; j < 5; ++j) {
    const std::string digit = std::to_string(j);
    builder.real("real" + digit, -1.0, 1.0)
        .real("log" + digit, 1e-4, 1.0, {.is_log = true})
        .integer("integer" + digit, 1, 100)
        .categorical("choice" + digit, {"a", "b", "c", "d"});
  }
  const Space space = builder.build();
  SobolSampler sampler(space, OptionValues(SobolSampler::info(), Json::object(), "bench"), {});
  sampler.tell(std::vector<Observation>(static_cast<std::size_t>(state.range(0))), {});
  Rng rng(1);
  if (!space.contains(sampler.ask(1, rng).front())) state.SkipWithError("outside of the space");
  for (auto _ : state) benchmark::DoNotOptimize(sampler.ask(1, rng));
}
BENCHMARK(SobolAsk)->Arg(0)->Arg(100000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace trimtab
