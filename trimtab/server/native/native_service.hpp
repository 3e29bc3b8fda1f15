#pragma once

#include <span>
#include <string_view>

#include "trimtab/server/native/native_desk.hpp"
#include "trimtab/server/optuna/desk.hpp"

namespace trimtab::server {

/// A procedure of the native service: its path, and how it is answered. It blocks until the answer
/// is known.
struct NativeMethod {
  const char* path;  ///< "/trimtab.v1.Tuner/Exchange"
  bool writes;       ///< for who may call it
  bool waits;        ///< may block for long, by the request's own wish
  /// Never throws: errors are in the reply.
  optuna::Reply (*run)(NativeDesk& desk, std::string_view request);
};

/// The procedures of native/trimtab.proto.
std::span<const NativeMethod> native_service();

}  // namespace trimtab::server
