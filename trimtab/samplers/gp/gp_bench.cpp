// Question: does a proposal at 1 000 trials take 100 ms or less (median), and 500 ms or less where
// a fit is due, with 5 and with 20 parameters on one core? Unit: time per proposal.
//
// GpAsk tells one trial more between any two proposals, as a study does; the fit that the first
// of them needs is done before the clock starts. GpAskWithFit proposes at the trial at which a fit
// from the fit before is due.

#include "trimtab/samplers/gp/gp.hpp"

#include <benchmark/benchmark.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace trimtab {
namespace {

Space reals(std::int64_t count) {
  SpaceBuilder builder;
  for (std::int64_t j = 0; j < count; ++j) builder.real("x" + std::to_string(j), -1.0, 1.0);
  return builder.build();
}

void tell_random(Gp& sampler, const Space& space, std::int64_t first, std::int64_t count,
                 bool can_fail = false) {
  for (std::int64_t i = first; i < first + count; ++i) {
    Rng rng(1, static_cast<std::uint64_t>(i));
    const Point point = space.sample(rng);
    double loss = 0.0;
    for (std::size_t j = 0; j < point.size(); ++j) loss += (point[j] - 0.3) * (point[j] - 0.3);
    Observation observation{i, point, TrialState::Complete, loss};
    if (can_fail && point[0] + 0.3 * point[1] > 0.3) {
      observation.state = TrialState::Failed;
      observation.loss = std::numeric_limits<double>::quiet_NaN();
    }
    sampler.tell(std::span(&observation, 1), {});
  }
}

Gp make(const Space& space) {
  return Gp(space, OptionValues(Gp::info(), Json::object(), "bench"), {});
}

void GpAsk(benchmark::State& state) {
  const Space space = reals(state.range(1));
  Gp sampler = make(space);
  std::int64_t next = state.range(0);
  tell_random(sampler, space, 0, next);
  Rng rng(2);
  if (!space.contains(sampler.ask(1, rng).front())) state.SkipWithError("outside of the space");
  for (auto _ : state) {
    state.PauseTiming();
    tell_random(sampler, space, next++, 1);
    state.ResumeTiming();
    benchmark::DoNotOptimize(sampler.ask(1, rng));
  }
}
// 1 000 is followed by 24 trials without a fit with the default first fit of 6 and 10 trials.
BENCHMARK(GpAsk)
    ->ArgsProduct({{100, 300, 1000}, {5, 20}})
    ->Iterations(20)
    ->Unit(benchmark::kMillisecond);

// As GpAsk, with 2 of 5 trials failing; 1 fit in 20 trials or less.
void GpAskWithFailures(benchmark::State& state) {
  const Space space = reals(state.range(1));
  Gp sampler = make(space);
  std::int64_t next = state.range(0);
  tell_random(sampler, space, 0, next, true);
  Rng rng(2);
  sampler.ask(1, rng);
  for (auto _ : state) {
    state.PauseTiming();
    tell_random(sampler, space, next++, 1, true);
    state.ResumeTiming();
    benchmark::DoNotOptimize(sampler.ask(1, rng));
  }
}
BENCHMARK(GpAskWithFailures)
    ->ArgsProduct({{1000}, {5, 20}})
    ->Iterations(20)
    ->Unit(benchmark::kMillisecond);

// The first proposal of a study that was opened again: every fit since the last one from the prior.
void GpFirstAsk(benchmark::State& state) {
  const Space space = reals(state.range(1));
  for (auto _ : state) {
    state.PauseTiming();
    Gp sampler = make(space);
    Rng rng(2);
    tell_random(sampler, space, 0, state.range(0));
    state.ResumeTiming();
    benchmark::DoNotOptimize(sampler.ask(1, rng));
  }
}
BENCHMARK(GpFirstAsk)->ArgsProduct({{1000}, {5, 20}})->Iterations(3)->Unit(benchmark::kMillisecond);

void GpAskWithFit(benchmark::State& state) {
  const Space space = reals(state.range(1));
  for (auto _ : state) {
    state.PauseTiming();
    Gp sampler = make(space);
    Rng rng(2);
    tell_random(sampler, space, 0, state.range(0) - 1);
    sampler.ask(1, rng);
    tell_random(sampler, space, state.range(0) - 1, state.range(2));
    state.ResumeTiming();
    benchmark::DoNotOptimize(sampler.ask(1, rng));
  }
}
BENCHMARK(GpAskWithFit)
    ->ArgsProduct({{1000}, {5, 20}, {50}})
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trimtab
