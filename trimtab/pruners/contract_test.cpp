// Every registered pruner keeps the promises of core/pruner.hpp.
#include "trimtab/core/contract/pruner_contract.hpp"

namespace trimtab::contract {
namespace {

INSTANTIATE_TEST_SUITE_P(Registered, PrunerContract,
                         ::testing::ValuesIn(pruner_cases(make_registry())), name_of_pruner);

}  // namespace
}  // namespace trimtab::contract
