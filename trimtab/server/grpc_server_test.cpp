#include "trimtab/server/grpc_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/server/optuna/optuna.pb.h"
#include "trimtab/server/testing/grpc_client.hpp"

namespace trimtab::server {
namespace {

namespace wire = ::optuna;

class GrpcServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kCannotBeChecked) GTEST_SKIP() << "the thread sanitizer cannot check gRPC";
    server_ = std::make_unique<GrpcServer>(desk_, GrpcOptions{.address = "127.0.0.1:0"});
  }
  std::int64_t create_study(const GrpcClient& client) const {
    wire::CreateNewStudyRequest request;
    request.set_study_name("s");
    request.add_directions(wire::MINIMIZE);
    wire::CreateNewStudyReply reply;
    EXPECT_TRUE(client.call(request, reply).ok());
    return reply.study_id();
  }

  Registry registry_ = make_registry();
  optuna::Desk desk_{registry_.open_storage("memory:")};
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(GrpcServerTest, AnswersManyClientsAtOnce) {
  const std::int64_t study = create_study(GrpcClient(server_->port()));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const GrpcClient client(server_->port());
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
  EXPECT_TRUE(GrpcClient(server_->port()).call(request, reply).ok());
  EXPECT_EQ(reply.trials_size(), 100);
}

TEST_F(GrpcServerTest, TellsErrorsByTheirStatus) {
  const GrpcClient client(server_->port());
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

TEST_F(GrpcServerTest, LetsTokensDoWhatTheirRoleAllows) {
  // SHA-256 of "abc".
  const std::string hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  GrpcServer reading(desk_,
                     {.address = "127.0.0.1:0", .tokens = Tokens::parse("b read " + hash, "f")});
  GrpcServer writing(desk_,
                     {.address = "127.0.0.1:0", .tokens = Tokens::parse("a write " + hash, "f")});
  wire::GetAllStudiesRequest look;
  wire::GetAllStudiesReply studies;
  wire::CreateNewStudyRequest create;
  create.set_study_name("s");
  create.add_directions(wire::MINIMIZE);
  wire::CreateNewStudyReply created;
  GrpcClient reader(reading.port());
  EXPECT_EQ(reader.call(look, studies).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  const grpc::Slice empty;
  const grpc::ByteBuffer nothing(&empty, 1);
  grpc::ByteBuffer health;
  EXPECT_TRUE(reader.call_path("/grpc.health.v1.Health/Check", nothing, health).ok());
  EXPECT_EQ(health.Length(), 2U);
  reader.use_authorization("Bearer wrong");
  EXPECT_EQ(reader.call(look, studies).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  reader.use_authorization("Bearer abc");
  EXPECT_TRUE(reader.call(look, studies).ok());
  EXPECT_EQ(reader.call(create, created).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  GrpcClient writer(writing.port());
  EXPECT_EQ(writer.call(create, created).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  writer.use_authorization("Bearer abc");
  EXPECT_TRUE(writer.call(create, created).ok());
}

TEST_F(GrpcServerTest, RefusesAnAddressThatIsTaken) {
  EXPECT_THROW(GrpcServer(desk_, {.address = "127.0.0.1:" + std::to_string(server_->port())}),
               EnvironmentError);
}

TEST_F(GrpcServerTest, AnswersCallsInProgressBeforeItEnds) {
  const int port = server_->port();
  const std::int64_t study = create_study(GrpcClient(port));
  std::atomic<bool> has_begun = false;
  std::int64_t acknowledged = 0;
  std::thread caller([&] {
    const GrpcClient client(port);
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
  server_->shutdown(std::chrono::seconds(5));
  server_->shutdown(std::chrono::seconds(5));
  caller.join();
  GrpcServer again(desk_, {.address = "127.0.0.1:0"});
  wire::GetTrialsRequest request;
  request.set_study_id(study);
  wire::GetTrialsReply reply;
  EXPECT_TRUE(GrpcClient(again.port()).call(request, reply).ok());
  EXPECT_EQ(reply.trials_size(), acknowledged);
}

}  // namespace
}  // namespace trimtab::server
