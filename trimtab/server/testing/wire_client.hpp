#pragma once

#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "trimtab/server/optuna/desk.hpp"
#include "trimtab/server/optuna/storage_service.hpp"

namespace trimtab::optuna {

/// Calls procedures of the storage service by bytes, without a network.
class WireClient {
 public:
  explicit WireClient(Desk& desk) : desk_(desk) {}

  Reply call_bytes(std::string_view procedure, std::string_view request) const {
    for (const Method& method : storage_service()) {
      if (std::string_view(method.path).substr(sizeof("/optuna.StorageService/") - 1) ==
          procedure) {
        return call(method, request);
      }
    }
    return {CallStatus::Internal, "no such procedure", {}};
  }

  template <typename Request>
  Reply call(const Request& request) const {
    const std::string name = request.GetDescriptor()->name();
    return call_bytes(name.substr(0, name.size() - sizeof("Request") + 1),
                      request.SerializeAsString());
  }

  /// The reply of a call that must not be refused.
  template <typename Answer, typename Request>
  Answer get(const Request& request) const {
    const Reply reply = call(request);
    Answer answer;
    if (reply.status != CallStatus::Ok || !answer.ParseFromString(reply.bytes)) {
      throw std::runtime_error(request.GetDescriptor()->name() + ": " + reply.message);
    }
    return answer;
  }

 private:
  Reply call(const Method& method, std::string_view request) const {
    std::promise<Reply> promise;
    try {
      std::unique_ptr<Call> call = method.make(request);
      call->done = [&](Reply reply) { promise.set_value(std::move(reply)); };
      desk_.submit(std::move(call));
    } catch (const Refusal& refusal) {
      return {refusal.status, refusal.message, {}};
    }
    return promise.get_future().get();
  }

  Desk& desk_;
};

}  // namespace trimtab::optuna
