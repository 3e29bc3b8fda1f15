#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "trimtab/server/optuna/desk.hpp"

namespace trimtab::optuna {

/// A remote procedure: its path, and how a request's bytes become a call.
struct Method {
  const char* path;  ///< "/optuna.StorageService/GetTrial"
  bool writes;       ///< for who may call it
  /// @returns a call without `done`. @throws Refusal when the bytes are no request.
  std::unique_ptr<Call> (*make)(std::string_view request);
};

/// The 19 procedures of Optuna's storage service (docs/server.md).
std::span<const Method> storage_service();

}  // namespace trimtab::optuna
