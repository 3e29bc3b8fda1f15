// The native service over a network that is narrow, drops packets, or breaks: in a network
// namespace of its own, whose loopback is throttled by a token bucket and taken down for a while.
// (A kernel with netem could delay and reorder, too; not every one has it.)

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "trimtab/core/registry.hpp"
#include "trimtab/server/grpc_server.hpp"
#include "trimtab/server/native/trimtab.pb.h"
#include "trimtab/server/testing/grpc_client.hpp"

namespace trimtab::server {
namespace {

bool run(const std::string& command) {
  return std::system((command + " 2>/dev/null").c_str()) == 0;
}

// Whether this process may have a network of its own; then it has one, with a loopback alone.
bool enter_network() { return ::unshare(CLONE_NEWNET) == 0 && run("ip link set lo up"); }

void set_link(bool is_up) {
  if (!run(is_up ? "ip link set lo up" : "ip link set lo down")) std::_Exit(3);
}

// Packets beyond 2 Mbit/s are dropped, and for 150 ms of each second all of them.
class BadNetwork {
 public:
  BadNetwork() {
    if (!run("tc qdisc add dev lo root tbf rate 2mbit burst 4k limit 6k")) std::_Exit(77);
  }
  ~BadNetwork() {
    is_ending_ = true;
    flapping_.join();
  }

 private:
  void flap() {
    while (!is_ending_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(850));
      set_link(false);
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
      set_link(true);
    }
  }
  std::atomic<bool> is_ending_ = false;
  std::thread flapping_{[this] { flap(); }};
};

// What must hold inside of a death test, whose process cannot use EXPECT.
void require(bool is_true, const char* what) {
  if (is_true) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::_Exit(1);
}

struct Site {
  explicit Site(std::int64_t trials) {
    v1::CreateStudyRequest create;
    create.set_format("toml");
    create.set_definition(
        "[study]\nname = \"net\"\nlease = \"2s\"\nbudget = { trials = " + std::to_string(trials) +
        " }\n[space]\nx = [0.0, 1.0]\n[sampler]\nname = \"random\"\n"
        "[validity]\nconfirm = false\n");
    native.create_study(create);
  }
  Registry registry = make_registry();
  std::shared_ptr<Storage> storage = registry.open_storage("memory:");
  optuna::Desk desk{storage};
  NativeDesk native{registry, storage};
  GrpcServer server{desk, {.address = "127.0.0.1:0", .native = &native}};
};

// Repeats a call with the same id until it is answered, as a client does.
v1::ExchangeReply exchange(const GrpcClient& client, const v1::ExchangeRequest& request) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    v1::ExchangeReply reply;
    if (client.call_path("/trimtab.v1.Tuner/Exchange", request, reply).ok()) return reply;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  require(false, "a call is answered in the end");
  return {};
}

// The same of a heartbeat: a connection that was cut needs its time.
std::vector<std::int64_t> lost_trials(const GrpcClient& client, const std::string& name) {
  v1::HeartbeatRequest request;
  request.set_study("net");
  request.set_client(name);
  for (int attempt = 0; attempt < 100; ++attempt) {
    v1::HeartbeatReply reply;
    if (client.call_path("/trimtab.v1.Tuner/Heartbeat", request, reply).ok()) {
      return {reply.lost().begin(), reply.lost().end()};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return {};
}

v1::ExchangeRequest request_of(const std::string& client, int id) {
  v1::ExchangeRequest request;
  request.set_study("net");
  request.set_client(client);
  request.set_request_id(client + "-" + std::to_string(id));
  return request;
}

// Every trial has one accepted result, whatever was lost on the way.
void tune_over_a_bad_network() {
  if (!enter_network()) std::_Exit(77);
  constexpr int kTrials = 1500, kClients = 4;
  Site site(kTrials);
  std::optional<BadNetwork> network(std::in_place);
  std::mutex mutex;
  std::map<std::int64_t, int> accepted;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, name = "client" + std::to_string(i)] {
      const GrpcClient client(site.server.port());
      v1::ExchangeRequest request = request_of(name, 0);
      request.set_ask(1);
      for (int id = 1;; ++id) {
        const v1::ExchangeReply reply = exchange(client, request);
        {
          const std::lock_guard lock(mutex);
          for (const v1::Told& told : reply.told()) {
            if (!told.has_problem()) ++accepted[told.number()];
          }
        }
        if (!reply.done().empty()) return;
        request = request_of(name, id);
        request.set_ask(1);
        for (const v1::Trial& trial : reply.trials()) {
          v1::Outcome& outcome = *request.add_outcomes();
          outcome.set_number(trial.number());
          outcome.add_values(0.5);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  network.reset();
  require(accepted.size() == kTrials, "every trial has a result");
  for (const auto& [number, count] : accepted) require(count == 1, "one result each");
  std::_Exit(0);
}

// A client that cannot be heard for longer than its lease loses its trial, once.
void lose_a_trial_to_a_partition() {
  if (!enter_network()) std::_Exit(77);
  Site site(3);
  const GrpcClient cut_off(site.server.port()), other(site.server.port());
  v1::ExchangeRequest ask = request_of("cut off", 0);
  ask.set_ask(1);
  const std::int64_t number = exchange(cut_off, ask).trials(0).number();
  set_link(false);
  std::this_thread::sleep_for(std::chrono::seconds(4));
  set_link(true);
  require(lost_trials(cut_off, "cut off") == std::vector<std::int64_t>{number},
          "the client hears that it lost its trial");
  v1::ExchangeRequest take = request_of("other", 0);
  take.set_ask(1);
  const v1::ExchangeReply taken = exchange(other, take);
  require(taken.trials_size() == 1 && taken.trials(0).number() == number,
          "the trial goes to somebody else");
  v1::ExchangeRequest late = request_of("cut off", 1);
  late.add_outcomes()->set_number(number);
  late.mutable_outcomes(0)->add_values(0.1);
  require(exchange(cut_off, late).told(0).problem().code() == "study.lease_lost",
          "the late result is refused");
  v1::ExchangeRequest tell = request_of("other", 1);
  tell.add_outcomes()->set_number(number);
  tell.mutable_outcomes(0)->add_values(0.2);
  require(exchange(other, tell).told(0).state() == "complete", "the other one's result counts");
  std::_Exit(0);
}

bool is_over(int status, bool& is_skipped) {
  is_skipped = WIFEXITED(status) && WEXITSTATUS(status) == 77;
  return is_skipped || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

class NetworkSlow : public ::testing::Test {
 protected:
  void check(void (*scenario)()) {
    if (kCannotBeChecked) GTEST_SKIP() << "the thread sanitizer cannot check gRPC";
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own, begun anew
    bool is_skipped = false;
    EXPECT_EXIT(scenario(), [&](int status) { return is_over(status, is_skipped); }, "");
    if (is_skipped) GTEST_SKIP() << "this user may not have a network namespace, or no tc";
  }
};

TEST_F(NetworkSlow, EveryTrialHasOneResultOverABadNetwork) { check(tune_over_a_bad_network); }

TEST_F(NetworkSlow, APartitionCostsATrialItsHolderOnce) { check(lose_a_trial_to_a_partition); }

}  // namespace
}  // namespace trimtab::server
