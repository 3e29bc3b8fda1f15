#include "trimtab/core/contract/storage_contract.hpp"

#include "trimtab/core/registry.hpp"

namespace trimtab::contract {
namespace {

// Every registered storage. A persistent one is opened at a path inside the test's folder.
std::vector<StorageCase> registered() {
  std::vector<StorageCase> cases;
  const Registry registry = make_registry();
  for (const auto& [scheme, entry] : registry.storages()) {
    const auto open = entry.open;
    const bool is_persistent = entry.is_persistent;
    cases.push_back({.name = scheme,
                     .is_persistent = is_persistent,
                     .open = [open, is_persistent](const std::string& folder) {
                       return open(is_persistent ? folder + "/contract.db" : "");
                     }});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Registered, StorageContract, ::testing::ValuesIn(registered()),
                         name_of_case);

}  // namespace
}  // namespace trimtab::contract
