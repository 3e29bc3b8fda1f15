// Any sequence of calls of both protocols, each with any bytes as its request: an answer, or a
// status, nothing else; and the studies stay readable.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "trimtab/core/registry.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/server/native/native_service.hpp"
#include "trimtab/server/optuna/storage_service.hpp"

namespace {

using trimtab::optuna::CallStatus;
using trimtab::optuna::Reply;

constexpr std::size_t kMostCalls = 64;

void require_known(const Reply& reply) {
  const bool is_bug = reply.status == CallStatus::Internal;
  if (is_bug) std::abort();
}

struct Server {
  trimtab::Registry registry = trimtab::make_registry();
  std::shared_ptr<trimtab::Storage> storage = registry.open_storage("memory:");
  trimtab::ManualClock clock = {};
  trimtab::optuna::Desk desk{storage};
  trimtab::server::NativeDesk native{registry, storage, clock};

  void call(std::size_t index, std::string_view bytes) {
    const auto optuna = trimtab::optuna::storage_service();
    const auto own = trimtab::server::native_service();
    index %= optuna.size() + own.size();
    if (index >= optuna.size()) {
      const trimtab::server::NativeMethod& method = own[index - optuna.size()];
      if (!method.waits) require_known(method.run(native, bytes));
      return;
    }
    try {
      auto call = optuna[index].make(bytes);
      call->done = require_known;
      desk.submit(std::move(call));
    } catch (const trimtab::optuna::Refusal&) {
    }
  }
};

}  // namespace

// Each call: which procedure, two bytes of length, the request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Server server;
  trimtab::StudySpec spec;
  spec.name = "s";
  spec.budget.trials = 1000;
  spec.space_definition = R"({"x": [0.0, 1.0], "k": {"choice": ["a", 2]}})";
  spec.sampler = {.name = "random", .options = "{}"};
  trimtab::Study study(spec, server.registry, server.storage);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (std::size_t i = 0; i < kMostCalls && rest.size() >= 3; ++i) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(rest[at]); };
    const std::size_t length =
        std::min<std::size_t>(byte(1) | std::size_t{byte(2)} << 8, rest.size() - 3);
    server.call(byte(0), rest.substr(3, length));
    rest.remove_prefix(3 + length);
  }
  if (server.storage->find_study("s")) study.refresh();
  return 0;
}
