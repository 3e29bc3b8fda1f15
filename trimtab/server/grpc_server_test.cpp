#include "trimtab/server/grpc_server.hpp"

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/server/optuna/optuna.pb.h"

namespace trimtab::server {
namespace {

namespace wire = ::optuna;

// A client over a real connection on this machine.
class Client {
 public:
  explicit Client(int port) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetInt("grpc.use_local_subchannel_pool", 1);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                         grpc::InsecureChannelCredentials(), arguments);
  }

  template <typename Answer, typename Request>
  grpc::Status call(const Request& request, Answer& answer) const {
    const std::string name = request.GetDescriptor()->name();
    const std::string path =
        "/optuna.StorageService/" + name.substr(0, name.size() - sizeof("Request") + 1);
    const grpc::internal::RpcMethod method(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC,
                                           channel_);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return grpc::internal::BlockingUnaryCall<Request, Answer, google::protobuf::MessageLite,
                                             google::protobuf::MessageLite>(
        channel_.get(), method, &context, request, &answer);
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

class GrpcServerTest : public ::testing::Test {
 protected:
  std::int64_t create_study(const Client& client) const {
    wire::CreateNewStudyRequest request;
    request.set_study_name("s");
    request.add_directions(wire::MINIMIZE);
    wire::CreateNewStudyReply reply;
    EXPECT_TRUE(client.call(request, reply).ok());
    return reply.study_id();
  }

  Registry registry_ = make_registry();
  optuna::Desk desk_{registry_.open_storage("memory:")};
  GrpcServer server_{desk_, {.address = "127.0.0.1:0"}};
};

TEST_F(GrpcServerTest, AnswersManyClientsAtOnce) {
  const std::int64_t study = create_study(Client(server_.port()));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const Client client(server_.port());
      for (int k = 0; k < 25; ++k) {
        wire::CreateNewTrialRequest request;
        request.set_study_id(study);
        request.set_template_trial_is_none(true);
        wire::CreateNewTrialReply reply;
        EXPECT_TRUE(client.call(request, reply).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  wire::GetTrialsRequest request;
  request.set_study_id(study);
  wire::GetTrialsReply reply;
  EXPECT_TRUE(Client(server_.port()).call(request, reply).ok());
  EXPECT_EQ(reply.trials_size(), 100);
}

TEST_F(GrpcServerTest, TellsErrorsByTheirStatus) {
  const Client client(server_.port());
  create_study(client);
  wire::CreateNewStudyRequest request;
  request.set_study_name("s");
  request.add_directions(wire::MINIMIZE);
  wire::CreateNewStudyReply reply;
  EXPECT_EQ(client.call(request, reply).error_code(), grpc::StatusCode::ALREADY_EXISTS);
  wire::GetTrialRequest unknown;
  unknown.set_trial_id(99);
  wire::GetTrialReply none;
  EXPECT_EQ(client.call(unknown, none).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(GrpcServerTest, TakesMessagesBeyondTheUsualLimit) {
  const Client client(server_.port());
  wire::SetStudyUserAttributeRequest request;
  request.set_study_id(create_study(client));
  request.set_key("k");
  request.set_value(std::string(12 << 20, 'x'));
  wire::SetStudyUserAttributeReply done;
  EXPECT_TRUE(client.call(request, done).ok());
  wire::GetStudyUserAttributesRequest ask;
  ask.set_study_id(request.study_id());
  wire::GetStudyUserAttributesReply reply;
  EXPECT_TRUE(client.call(ask, reply).ok());
  EXPECT_EQ(reply.user_attributes().at("k"), request.value());
}

TEST_F(GrpcServerTest, RefusesAnAddressThatIsTaken) {
  EXPECT_THROW(GrpcServer(desk_, {.address = "127.0.0.1:" + std::to_string(server_.port())}),
               EnvironmentError);
}

TEST_F(GrpcServerTest, AnswersCallsInProgressBeforeItEnds) {
  const int port = server_.port();
  const std::int64_t study = create_study(Client(port));
  std::atomic<bool> has_begun = false;
  std::int64_t acknowledged = 0;
  std::thread caller([&] {
    const Client client(port);
    for (;;) {
      wire::CreateNewTrialRequest request;
      request.set_study_id(study);
      request.set_template_trial_is_none(true);
      wire::CreateNewTrialReply reply;
      if (!client.call(request, reply).ok()) return;
      ++acknowledged;
      has_begun = true;
    }
  });
  while (!has_begun) std::this_thread::yield();
  server_.shutdown(std::chrono::seconds(5));
  server_.shutdown(std::chrono::seconds(5));
  caller.join();
  GrpcServer again(desk_, {.address = "127.0.0.1:0"});
  wire::GetTrialsRequest request;
  request.set_study_id(study);
  wire::GetTrialsReply reply;
  EXPECT_TRUE(Client(again.port()).call(request, reply).ok());
  EXPECT_EQ(reply.trials_size(), acknowledged);
}

}  // namespace
}  // namespace trimtab::server
