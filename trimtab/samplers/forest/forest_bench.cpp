// Question: what does a proposal of the forest cost, and how does it grow? Unit: time per proposal.

#include "trimtab/samplers/forest/forest.hpp"

#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace trimtab {
namespace {

void ForestAsk(benchmark::State& state) {
  SpaceBuilder builder;
  const auto d = static_cast<std::size_t>(state.range(1));
  for (std::size_t j = 0; j < d; ++j) builder.real("x" + std::to_string(j), 0.0, 1.0);
  const Space space = builder.build();
  Forest sampler(space, OptionValues(Forest::info(), Json{{"random_share", 0.0}}, "bench"), {});
  Rng rng(1);
  std::vector<Point> points;
  for (int i = 0; i < state.range(0); ++i) points.push_back(space.sample(rng));
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Observation trial = {.number = static_cast<std::int64_t>(i),
                               .point = points[i],
                               .state = TrialState::Complete,
                               .loss = points[i][0] + points[i][d - 1]};
    sampler.tell({&trial, 1}, {});
  }
  for (auto _ : state) benchmark::DoNotOptimize(sampler.ask(1, rng));
}
BENCHMARK(ForestAsk)
    ->Args({100, 5})
    ->Args({1000, 5})
    ->Args({100, 20})
    ->Args({1000, 20})
    ->Args({10000, 20})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trimtab
