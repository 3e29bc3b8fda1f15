// The program `trimtab-serve` as it is started: its words, its signals, its death.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "trimtab/base/rng.hpp"
#include "trimtab/base/testing/places.hpp"
#include "trimtab/server/optuna/optuna.pb.h"
#include "trimtab/server/testing/grpc_client.hpp"

namespace trimtab::server {
namespace {

namespace wire = ::optuna;

// A running `trimtab-serve`; killed at the end of its life.
class Server {
 public:
  explicit Server(std::vector<std::string> words) {
    const std::filesystem::path folder = std::filesystem::path(program_path()).parent_path();
    words.insert(words.begin(), (folder / "trimtab-serve").string());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    if (::posix_spawn(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ) != 0) {
      throw std::runtime_error("the server cannot be started");
    }
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
    char line[500] = "";
    if (std::fgets(line, sizeof line, output_) != nullptr) first_line_ = line;
  }
  ~Server() {
    if (pid_ > 0) end(SIGKILL);
    std::fclose(output_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const std::string& first_line() const { return first_line_; }
  int port() const { return std::stoi(first_line_.substr(first_line_.rfind(':') + 1)); }
  // The exit code, or minus the signal that killed it.
  int end(int signal) {
    if (signal != 0) ::kill(pid_, signal);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_ = 0;
  std::FILE* output_ = nullptr;
  std::string first_line_;
};

class ServeProgramTest : public ::testing::Test {
 protected:
  ServeProgramTest() {
    folder_ =
        std::filesystem::temp_directory_path() / ("trimtab-serve-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void SetUp() override {
    if (kCannotBeChecked) GTEST_SKIP() << "the thread sanitizer cannot check gRPC";
  }
  ~ServeProgramTest() override { std::filesystem::remove_all(folder_); }
  std::string storage() const { return "sqlite:" + (folder_ / "studies.db").string(); }
  static std::int64_t create_study(const GrpcClient& client) {
    wire::CreateNewStudyRequest request;
    request.set_study_name("s");
    request.add_directions(wire::MINIMIZE);
    wire::CreateNewStudyReply reply;
    EXPECT_TRUE(client.call(request, reply).ok());
    return reply.study_id();
  }
  static wire::GetTrialsReply get_trials(const GrpcClient& client, std::int64_t study) {
    wire::GetTrialsRequest request;
    request.set_study_id(study);
    wire::GetTrialsReply reply;
    EXPECT_TRUE(client.call(request, reply).ok());
    return reply;
  }

  std::filesystem::path folder_;
};

TEST_F(ServeProgramTest, ServesUntilItIsToldToEnd) {
  Server server({"--storage", "memory:", "--listen=127.0.0.1:0"});
  EXPECT_GT(create_study(GrpcClient(server.port())), 0);
  EXPECT_EQ(server.end(SIGTERM), 0);
}

TEST_F(ServeProgramTest, TakesMessagesBeyondTheUsualLimit) {
  // In a process of its own: a client and a server of gRPC 1.51 that share one sometimes wait 10 s.
  Server server({"--storage", "memory:", "--listen", "127.0.0.1:0"});
  const GrpcClient client(server.port());
  wire::SetStudyUserAttributeRequest request;
  request.set_study_id(create_study(client));
  request.set_key("k");
  request.set_value(std::string(5 << 20, 'x'));
  wire::SetStudyUserAttributeReply done;
  EXPECT_TRUE(client.call(request, done).ok());
  wire::GetStudyUserAttributesRequest ask;
  ask.set_study_id(request.study_id());
  wire::GetStudyUserAttributesReply reply;
  EXPECT_TRUE(client.call(ask, reply).ok());
  EXPECT_EQ(reply.user_attributes().at("k"), request.value());
}

TEST_F(ServeProgramTest, RefusesWordsThatItDoesNotKnowAndAddressesOfOthers) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--lissten", "127.0.0.1:0"},
        {"--listen", "0.0.0.0:0"},
        {"--listen", "127.evil.example:0"},
        {"--listen", "127.0.0.1:99999"},
        {"--listen"}}) {
    Server server(words);
    EXPECT_NE(server.first_line(), "");
    EXPECT_EQ(server.end(0), 2) << words.back();
  }
}

// Clients go on trying while the server is killed and started again; each remembers which results
// were acknowledged.
TEST_F(ServeProgramTest, SlowKeepsEveryAcknowledgedResultThroughKills) {
  constexpr int kClients = 4;
  constexpr int kKills = 8;
  auto server = std::make_unique<Server>(
      std::vector<std::string>{"--storage", storage(), "--listen", "127.0.0.1:0"});
  const int port = server->port();
  const std::int64_t study = create_study(GrpcClient(port));
  std::atomic<bool> goes_on = true;
  std::mutex mutex;
  std::map<std::int64_t, double> acknowledged;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      GrpcClient client(port);
      client.wait_for_server();
      for (double value = i; goes_on; value += kClients) {
        wire::CreateNewTrialRequest create;
        create.set_study_id(study);
        create.set_template_trial_is_none(true);
        wire::CreateNewTrialReply created;
        if (!client.call(create, created).ok()) continue;
        wire::SetTrialStateValuesRequest end;
        end.set_trial_id(created.trial_id());
        end.set_state(wire::COMPLETE);
        end.add_values(value);
        wire::SetTrialStateValuesReply ended;
        if (!client.call(end, ended).ok()) continue;
        const std::lock_guard lock(mutex);
        acknowledged[created.trial_id()] = value;
      }
    });
  }
  Rng rng(1, 0, "kills");
  for (int i = 0; i < kKills; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + rng.below(200)));
    EXPECT_EQ(server->end(SIGKILL), -SIGKILL);
    server = std::make_unique<Server>(std::vector<std::string>{
        "--storage", storage(), "--listen", "127.0.0.1:" + std::to_string(port)});
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  goes_on = false;
  for (std::thread& thread : threads) thread.join();
  const wire::GetTrialsReply reply = get_trials(GrpcClient(port), study);
  std::map<std::int64_t, double> there;
  for (int i = 0; i < reply.trials_size(); ++i) {
    const wire::Trial& trial = reply.trials(i);
    EXPECT_EQ(trial.number(), i);
    if (trial.state() == wire::COMPLETE) there[trial.trial_id()] = trial.values(0);
  }
  EXPECT_GT(acknowledged.size(), 20U);
  for (const auto& [trial, value] : acknowledged) {
    ASSERT_TRUE(there.contains(trial)) << trial;
    EXPECT_EQ(there.at(trial), value);
  }
  EXPECT_EQ(server->end(SIGTERM), 0);
}

}  // namespace
}  // namespace trimtab::server
