// Every registered sampler keeps the promises of core/sampler.hpp.
#include "trimtab/core/contract/sampler_contract.hpp"

#include <vector>

namespace trimtab::contract {
namespace {

// A Gaussian process takes milliseconds a proposal, others microseconds.
std::vector<SamplerCase> registered_cases() {
  std::vector<SamplerCase> cases = sampler_cases(make_registry());
  for (SamplerCase& sampler : cases) {
    if (sampler.sampler == "gp") sampler.num_trials = 16;
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Registered, SamplerContract, ::testing::ValuesIn(registered_cases()),
                         name_of_sampler);

}  // namespace
}  // namespace trimtab::contract
