#include "trimtab/core/contract/storage_contract.hpp"

#include "trimtab/core/registry.hpp"
#include "trimtab/storage/postgresql/testing/postgres_server.hpp"

namespace trimtab::contract {
namespace {

using trimtab::testing::PostgresServer;

// Started when a test case first opens its storage, ended with the case.
std::unique_ptr<PostgresServer> server_of_case;

class EndServer : public ::testing::EmptyTestEventListener {
  void OnTestEnd(const ::testing::TestInfo& /*test*/) override { server_of_case.reset(); }
};

// Where a case's storage lives; nothing when what it needs is not installed.
std::optional<std::function<std::string(const std::string& folder)>> address_of(
    const std::string& scheme, const StorageEntry& entry) {
  if (!entry.is_persistent) return [](const std::string& /*folder*/) { return ""; };
  if (entry.is_file) return [](const std::string& folder) { return folder + "/contract.db"; };
  if (scheme != "postgresql") throw std::logic_error("no server is known for " + scheme);
  if (PostgresServer::programs().empty()) return std::nullopt;
  ::testing::UnitTest::GetInstance()->listeners().Append(new EndServer);
  return [](const std::string& folder) {
    if (!server_of_case) server_of_case = std::make_unique<PostgresServer>(folder + "/server");
    return server_of_case->address();
  };
}

std::vector<StorageCase> registered() {
  std::vector<StorageCase> cases;
  const Registry registry = make_registry();
  for (const auto& [scheme, entry] : registry.storages()) {
    const auto address = address_of(scheme, entry);
    if (!address) continue;
    cases.push_back({.name = scheme,
                     .is_persistent = entry.is_persistent,
                     .open = [open = entry.open, address](const std::string& folder) {
                       return open((*address)(folder));
                     }});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Registered, StorageContract, ::testing::ValuesIn(registered()),
                         name_of_case);

}  // namespace
}  // namespace trimtab::contract
