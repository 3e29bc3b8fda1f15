#include "trimtab/server/grpc_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/server/native/trimtab.pb.h"
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

TEST_F(GrpcServerTest, ServesTheNativeServiceBesideOptunas) {
  const std::shared_ptr<Storage> storage = registry_.open_storage("memory:");
  optuna::Desk desk(storage);
  NativeDesk native(registry_, storage);
  GrpcServer server(desk, {.address = "127.0.0.1:0", .native = &native});
  const GrpcClient client(server.port());
  v1::CreateStudyRequest create;
  create.set_definition(R"({"study": {"name": "line", "budget": {"trials": 40}},
                            "space": {"x": [0.0, 1.0]}, "sampler": {"name": "random"},
                            "validity": {"confirm": false}})");
  v1::CreateStudyReply created;
  ASSERT_TRUE(client.call_path("/trimtab.v1.Tuner/CreateStudy", create, created).ok());
  EXPECT_TRUE(created.is_new());
  std::atomic<int> num_told = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, name = std::to_string(i)] {
      const GrpcClient own(server.port());
      v1::ExchangeRequest request;
      request.set_study("line");
      request.set_client(name);
      request.set_ask(1);
      for (;;) {
        v1::ExchangeReply reply;
        ASSERT_TRUE(own.call_path("/trimtab.v1.Tuner/Exchange", request, reply).ok());
        num_told += reply.told_size();
        request.clear_outcomes();
        if (!reply.done().empty()) return;
        if (reply.trials().empty()) continue;
        request.add_outcomes()->set_number(reply.trials(0).number());
        request.mutable_outcomes(0)->add_values(0.5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_told, 40);
  wire::GetStudyIdFromNameRequest name;
  name.set_study_name("line");
  wire::GetStudyIdFromNameReply found;
  EXPECT_TRUE(client.call(name, found).ok()) << "the same study by Optuna's protocol";
  v1::SummaryRequest unknown;
  unknown.set_study("lime");
  v1::SummaryReply none;
  const grpc::Status status = client.call_path("/trimtab.v1.Tuner/Summary", unknown, none);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(status.error_message().find("did you mean \"line\"?"), std::string::npos);
}

TEST_F(GrpcServerTest, EndsItsWatchesWhenItEnds) {
  const std::shared_ptr<Storage> storage = registry_.open_storage("memory:");
  storage->create_study("quiet", StudySpec{.name = "quiet"}.to_json().dump(), 0);
  optuna::Desk desk(storage);
  NativeDesk native(registry_, storage);
  GrpcServer server(desk, {.address = "127.0.0.1:0", .native = &native});
  std::atomic<bool> is_over = false;
  std::thread watcher([&] {
    const GrpcClient client(server.port());
    v1::WatchRequest request;
    request.set_study("quiet");
    request.set_seconds(29.0);
    v1::WatchReply reply;
    client.call_path("/trimtab.v1.Tuner/Watch", request, reply);
    is_over = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(is_over);
  const Stopwatch elapsed;
  server.shutdown(std::chrono::seconds(10));
  watcher.join();
  EXPECT_LT(elapsed.seconds(), 5.0);
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
