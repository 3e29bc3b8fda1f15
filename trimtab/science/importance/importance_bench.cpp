// Question: does the fANOVA of 1000 trials take at most 0.2 s, with 5 and with 20 parameters
// (Optuna 5: 22 s and 18 s), and a study of 10 000 trials at most 1 s by any measure?
// Unit: time per analysis.

#include "trimtab/science/importance/importance.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "trimtab/core/testing/history_builder.hpp"

namespace trimtab {
namespace {

void Importance(benchmark::State& state, const std::string& method) {
  SpaceBuilder builder;
  const auto d = static_cast<int>(state.range(1));
  for (int j = 0; j < d; ++j) builder.real("x" + std::to_string(j), 0.0, 1.0);
  const Space space = builder.build();
  HistoryBuilder history(static_cast<std::size_t>(d), {Objective{}});
  Rng rng(1);
  for (int i = 0; i < state.range(0); ++i) {
    const Point point = space.sample(rng);
    double loss = 0.0;
    for (int j = 0; j < d; ++j) loss += point[static_cast<std::size_t>(j)] / (j + 1.0);
    history.complete(point, {loss + 0.1 * rng.normal()}, {});
  }
  const AnalysisEntry entry = importance_entry();
  const OptionValues options(entry.info, Json{{"method", method}}, "bench");
  const StudySpec spec;
  for (auto _ : state) {
    benchmark::DoNotOptimize(entry.run({spec, space, history.history()}, options));
  }
}
BENCHMARK_CAPTURE(Importance, ped_anova, "ped_anova")
    ->Args({1000, 20})
    ->Args({10000, 20})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Importance, fanova, "fanova")
    ->Args({1000, 5})
    ->Args({1000, 20})
    ->Args({10000, 20})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Importance, sobol, "sobol")
    ->Args({1000, 20})
    ->Args({10000, 20})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Importance, shapley, "shapley")
    ->Args({1000, 20})
    ->Args({10000, 20})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Importance, ablation, "ablation")
    ->Args({1000, 20})
    ->Args({10000, 20})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trimtab
