#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "trimtab/server/access.hpp"
#include "trimtab/server/native/native_desk.hpp"
#include "trimtab/server/optuna/desk.hpp"

namespace trimtab::server {

struct GrpcOptions {
  std::string address = "127.0.0.1:13000";  ///< host:port; port 0 = any free one
  int num_threads = 0;                      ///< that serve; 0 = by the machine's cores
  std::optional<Tokens> tokens = {};        ///< every call needs one of these; nothing = none
  TlsFiles tls = {};
  NativeDesk* native = nullptr;  ///< serves Trimtab's own service too; outlives the server
};

/// Serves Optuna's storage service over gRPC from a desk, and Trimtab's own beside it, until it is
/// shut down or destroyed. Messages may have any size.
class GrpcServer {
 public:
  /// @throws EnvironmentError "server.listen" when the address cannot be taken; UserError when the
  /// certificate cannot be used.
  GrpcServer(optuna::Desk& desk, const GrpcOptions& options);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  /// The port that is listened on.
  int port() const;

  /// Takes no more calls, lets those in progress end (those still there after `patience` are told
  /// that they were cancelled) and returns when all are answered. May be called twice.
  void shutdown(std::chrono::milliseconds patience);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace trimtab::server
