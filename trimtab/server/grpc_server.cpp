#include "trimtab/server/grpc_server.hpp"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/async_unary_call.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/server/native/native_service.hpp"
#include "trimtab/server/optuna/storage_service.hpp"
#include "trimtab/server/task_pool.hpp"

namespace trimtab::server {
namespace {

using optuna::Call;
using optuna::CallStatus;
using optuna::Method;
using optuna::Reply;

// Native calls block on the disk; those that do so together share a sync.
constexpr int kNativeThreads = 32;
constexpr std::size_t kMostNativeCalls = 10'000;
constexpr int kMostWatchers = 64;

// A procedure as the server sees it: one of the two, or both tables' common part.
struct Served {
  const char* path;
  bool writes;
  const Method* call = nullptr;          // brought to the desk
  const NativeMethod* native = nullptr;  // run by a thread that may block
};

// A service whose requests and replies stay bytes: what a generated service does for methods that
// are marked as raw, without one class per method.
class ByteService final : public grpc::Service {
 public:
  explicit ByteService(std::span<const Served> methods) {
    for (std::size_t i = 0; i < methods.size(); ++i) {
      AddMethod(new grpc::internal::RpcServiceMethod(
          methods[i].path, grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
      MarkMethodRaw(static_cast<int>(i));
    }
  }

  void request(int method, grpc::ServerContext* context, grpc::ByteBuffer* bytes,
               grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* writer,
               grpc::ServerCompletionQueue* queue, void* tag) {
    RequestAsyncUnary(method, context, bytes, writer, queue, queue, tag);
  }
};

// gRPC's own health check, answered by the desk: SERVING = it works. Needs no token.
const Method kHealth = {"/grpc.health.v1.Health/Check", false, [](std::string_view) {
                          auto call = std::make_unique<Call>();
                          call->visit = [](optuna::Desk&, Reply& reply) {
                            reply.bytes = "\x08\x01";  // status (field 1) = SERVING (1)
                          };
                          return call;
                        }};

std::vector<Served> served_methods(bool has_native) {
  std::vector<Served> methods;
  for (const Method& each : optuna::storage_service()) {
    methods.push_back({.path = each.path, .writes = each.writes, .call = &each});
  }
  methods.push_back({.path = kHealth.path, .writes = kHealth.writes, .call = &kHealth});
  if (!has_native) return methods;
  for (const NativeMethod& each : native_service()) {
    methods.push_back({.path = each.path, .writes = each.writes, .native = &each});
  }
  return methods;
}

grpc::Status status_of(const Reply& reply) {
  if (reply.status == CallStatus::Ok) return grpc::Status::OK;
  return {static_cast<grpc::StatusCode>(reply.status), reply.message};
}

std::shared_ptr<grpc::ServerCredentials> credentials_of(const TlsFiles& tls) {
  if (!tls.is_on()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      tls.is_mutual() ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                      : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  options.pem_key_cert_pairs.push_back({read_file(tls.key), read_file(tls.certificate)});
  if (tls.is_mutual()) options.pem_root_certs = read_file(tls.client_authority);
  return grpc::SslServerCredentials(options);
}

// The text as a buffer of its own, without a copy.
grpc::ByteBuffer buffer_of(std::string bytes) {
  if (bytes.size() <= 256) {
    const grpc::Slice slice(bytes.data(), bytes.size());
    return {&slice, 1};
  }
  auto* kept = new std::string(std::move(bytes));
  const grpc::Slice slice(
      kept->data(), kept->size(), [](void* text) { delete static_cast<std::string*>(text); }, kept);
  return {&slice, 1};
}

}  // namespace

class GrpcServer::State {
 public:
  State(optuna::Desk& desk, const GrpcOptions& options)
      : desk_(desk),
        native_(options.native),
        tokens_(options.tokens),
        methods_(served_methods(options.native != nullptr)),
        service_(methods_) {
    if (native_ != nullptr) {
      workers_.emplace(kNativeThreads, kMostNativeCalls);
      watchers_.emplace(kMostWatchers, kMostWatchers);
    }
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options.address, credentials_of(options.tls), &port_);
    builder.RegisterService(&service_);
    builder.SetMaxReceiveMessageSize(-1);
    builder.SetMaxSendMessageSize(-1);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) refuse_address(options.address);
    for (std::size_t method = 0; method < methods_.size(); ++method) expect(method);
    const int wanted =
        options.num_threads > 0
            ? options.num_threads
            : std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 2, 8);
    for (int i = 0; i < wanted; ++i) threads_.emplace_back([this] { serve(); });
  }

  int port() const { return port_; }

  void shutdown(std::chrono::milliseconds patience) {
    if (threads_.empty()) return;
    if (native_ != nullptr) native_->end();
    server_->Shutdown(std::chrono::system_clock::now() + patience);
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return num_serving_ == 0; });
    }
    queue_->Shutdown();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  // One procedure call, from the wish for one to its answer. Deletes itself.
  class Rpc {
   public:
    Rpc(State& state, std::size_t method) : state_(state), method_(method) {
      state_.service_.request(static_cast<int>(method), &context_, &request_, &writer_,
                              state_.queue_.get(), this);
    }

    // The queue says that what this waited for has happened; not `ok` = the server shuts down, or
    // the client is gone.
    void proceed(bool ok) {
      if (is_answered_) {
        state_.end_serving();
        delete this;
        return;
      }
      if (!ok) {
        delete this;
        return;
      }
      state_.begin_serving();
      state_.expect(method_);
      serve();
    }

   private:
    void serve() {
      std::unique_ptr<Call> call;
      const Served& method = state_.methods_[method_];
      try {
        require_access();
        grpc::Slice slice;
        if (!request_.TrySingleSlice(&slice).ok()) request_.DumpToSingleSlice(&slice);
        const std::string_view bytes(reinterpret_cast<const char*>(slice.begin()), slice.size());
        if (method.native != nullptr) return serve_native(*method.native, std::string(bytes));
        call = method.call->make(bytes);
        request_.Clear();
      } catch (const optuna::Refusal& refusal) {
        return answer({refusal.status, refusal.message, {}});
      }
      call->done = [this](Reply reply) { answer(std::move(reply)); };
      state_.desk_.submit(std::move(call));
    }

    void serve_native(const NativeMethod& method, std::string bytes) {
      TaskPool& pool = method.waits ? *state_.watchers_ : *state_.workers_;
      const bool is_taken = pool.post([this, &method, bytes = std::move(bytes)] {
        answer(method.run(*state_.native_, bytes));
      });
      if (is_taken) return;
      answer({CallStatus::ResourceExhausted, "the server has too many such calls at once", {}});
    }

    void require_access() const {
      if (!state_.tokens_ || state_.methods_[method_].path == kHealth.path) return;
      const auto& metadata = context_.client_metadata();
      const auto found = metadata.find("authorization");
      const std::optional<Role> role =
          found == metadata.end()
              ? std::nullopt
              : state_.tokens_->role_of({found->second.data(), found->second.size()});
      if (!role) {
        throw optuna::Refusal{CallStatus::Unauthenticated, "this server wants a bearer token"};
      }
      if (*role == Role::Read && state_.methods_[method_].writes) {
        throw optuna::Refusal{CallStatus::PermissionDenied, "this token may only read"};
      }
    }

    void answer(Reply reply) {
      is_answered_ = true;
      const grpc::Status status = status_of(reply);
      if (status.ok()) {
        writer_.Finish(buffer_of(std::move(reply.bytes)), status, this);
      } else {
        writer_.FinishWithError(status, this);
      }
    }

    State& state_;
    std::size_t method_;
    bool is_answered_ = false;
    grpc::ServerContext context_;
    grpc::ByteBuffer request_;
    grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_{&context_};
  };

  [[noreturn]] static void refuse_address(const std::string& address) {
    throw EnvironmentError({.code = "server.listen",
                            .what = "the address cannot be listened on",
                            .where = "--listen",
                            .got = address,
                            .expected = "HOST:PORT, free and of this machine",
                            .hint = "is another server running there?"});
  }

  void expect(std::size_t method) { new Rpc(*this, method); }

  void serve() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) static_cast<Rpc*>(tag)->proceed(ok);
  }

  void begin_serving() {
    const std::lock_guard lock(mutex_);
    ++num_serving_;
  }

  void end_serving() {
    const std::lock_guard lock(mutex_);
    if (--num_serving_ == 0) changed_.notify_all();
  }

  optuna::Desk& desk_;
  NativeDesk* const native_;
  const std::optional<Tokens> tokens_;
  const std::vector<Served> methods_;
  ByteService service_;
  int port_ = 0;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int num_serving_ = 0;  // calls between their arrival and the end of their answer
  std::optional<TaskPool> workers_, watchers_;
};

GrpcServer::GrpcServer(optuna::Desk& desk, const GrpcOptions& options)
    : state_(std::make_unique<State>(desk, options)) {}

GrpcServer::~GrpcServer() { shutdown(std::chrono::milliseconds(0)); }

int GrpcServer::port() const { return state_->port(); }

void GrpcServer::shutdown(std::chrono::milliseconds patience) { state_->shutdown(patience); }

}  // namespace trimtab::server
