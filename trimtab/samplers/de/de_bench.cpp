// Question: does a trial (ask + tell) cost at most 20 us at d = 5, whatever the number of trials?
// Unit: time per trial.

#include "trimtab/samplers/de/de.hpp"

#include "trimtab/core/testing/sampler_bench.hpp"

namespace trimtab::sampler_testing {

BENCHMARK(run_real_trials<De>)
    ->Name("DeReals")
    ->Arg(2)
    ->Arg(5)
    ->Arg(20)
    ->Arg(500)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(run_mixed_trials<De>)->Name("DeMixed")->Arg(2)->Arg(5)->Unit(benchmark::kMicrosecond);

}  // namespace trimtab::sampler_testing
