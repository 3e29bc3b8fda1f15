// Question: does a trial (ask + tell) cost at most 20 us at d = 5, whatever the number of trials?
// Unit: time per trial.

#include "trimtab/samplers/ga/ga.hpp"

#include "trimtab/core/testing/sampler_bench.hpp"

namespace trimtab::sampler_testing {

BENCHMARK(run_real_trials<Ga>)
    ->Name("GaReals")
    ->Arg(2)
    ->Arg(5)
    ->Arg(20)
    ->Arg(500)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(run_mixed_trials<Ga>)->Name("GaMixed")->Arg(2)->Arg(5)->Unit(benchmark::kMicrosecond);

}  // namespace trimtab::sampler_testing
