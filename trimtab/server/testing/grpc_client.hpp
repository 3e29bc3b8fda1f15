#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <chrono>
#include <memory>
#include <string>

namespace trimtab::server {

// gRPC's own locks are not instrumented, so that the thread sanitizer sees races where there are
// none; the desk behind it is tested by threads without it.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool kCannotBeChecked = true;
#else
inline constexpr bool kCannotBeChecked = false;
#endif

/// A client of a server on this machine, over a connection of its own.
class GrpcClient {
 public:
  explicit GrpcClient(int port) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetInt("grpc.use_local_subchannel_pool", 1);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                         grpc::InsecureChannelCredentials(), arguments);
  }

  /// Calls the procedure of the request; gives up after 30 s.
  template <typename Answer, typename Request>
  grpc::Status call(const Request& request, Answer& answer) const {
    const std::string name = request.GetDescriptor()->name();
    return call_path(
        "/optuna.StorageService/" + name.substr(0, name.size() - sizeof("Request") + 1), request,
        answer);
  }

  /// The same for any procedure.
  template <typename Answer, typename Request>
  grpc::Status call_path(const std::string& path, const Request& request, Answer& answer) const {
    const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC,
                                           channel_);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    context.set_wait_for_ready(waits_);
    if (!authorization_.empty()) context.AddMetadata("authorization", authorization_);
    return grpc::internal::BlockingUnaryCall(channel_.get(), method, &context, request, &answer);
  }

  /// From now on waits for a server that is not there.
  void wait_for_server() { waits_ = true; }
  void use_authorization(const std::string& value) { authorization_ = value; }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  bool waits_ = false;
  std::string authorization_;
};

}  // namespace trimtab::server
