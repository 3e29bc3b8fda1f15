// Every registered sampler keeps the promises of core/sampler.hpp.
#include "trimtab/core/contract/sampler_contract.hpp"

namespace trimtab::contract {
namespace {

INSTANTIATE_TEST_SUITE_P(Registered, SamplerContract,
                         ::testing::ValuesIn(sampler_cases(make_registry())), name_of_sampler);

}  // namespace
}  // namespace trimtab::contract
