// Every registered schedule keeps the promises of core/schedule.hpp.
#include "trimtab/core/contract/schedule_contract.hpp"

namespace trimtab::contract {
namespace {

INSTANTIATE_TEST_SUITE_P(Registered, ScheduleContract,
                         ::testing::ValuesIn(schedule_cases(make_registry())), name_of_schedule);

}  // namespace
}  // namespace trimtab::contract
