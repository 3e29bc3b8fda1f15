// How many calls of Optuna's storage protocol a server answers, and how long large readings take.
//   bench_server HOST:PORT CLIENTS SECONDS                     calls per second of random-sampler
//   trials bench_server HOST:PORT fill TRIALS PARAMETERS              a study of complete trials;
//   prints its id bench_server HOST:PORT read STUDY                          GetTrials of all, then
//   of nothing new
//   bench_server HOST:PORT native CLIENTS SECONDS              trials of Trimtab's own service
// One line of JSON each. The same program measures any server of the protocol.
#include <fmt/format.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/server/native/trimtab.pb.h"
#include "trimtab/server/optuna/optuna.pb.h"

namespace {

constexpr int kParameters = 5;
constexpr int kRepeats = 20;

std::string distribution() {
  return R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, )"
         R"("log": false}})";
}

class Client {
 public:
  explicit Client(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetInt("grpc.use_local_subchannel_pool", 1);
    channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  }

  template <typename Request, typename Reply>
  Reply call(const char* path, const Request& request) const {
    const grpc::internal::RpcMethod method(path, grpc::internal::RpcMethod::NORMAL_RPC, channel_);
    grpc::ClientContext context;
    Reply reply;
    const grpc::Status status =
        grpc::internal::BlockingUnaryCall(channel_.get(), method, &context, request, &reply);
    if (!status.ok()) throw std::runtime_error(path + (": " + status.error_message()));
    return reply;
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

#define CALL(client, name, request)                                                          \
  (client).call<optuna::name##Request, optuna::name##Reply>("/optuna.StorageService/" #name, \
                                                            request)

std::int64_t create_study(const Client& client) {
  optuna::CreateNewStudyRequest request;
  request.set_study_name(fmt::format("bench {}", trimtab::wall_clock().now()));
  request.add_directions(optuna::MINIMIZE);
  return CALL(client, CreateNewStudy, request).study_id();
}

// The ten calls of one trial of Optuna's random sampler with five parameters.
void run_trial(const Client& client, std::int64_t study, std::int64_t& seen,
               std::atomic<std::int64_t>& calls) {
  optuna::GetTrialsRequest news;
  news.set_study_id(study);
  news.set_trial_id_greater_than(seen);
  CALL(client, GetTrials, news);
  optuna::CreateNewTrialRequest create;
  create.set_study_id(study);
  create.set_template_trial_is_none(true);
  const std::int64_t trial = CALL(client, CreateNewTrial, create).trial_id();
  optuna::GetTrialRequest look;
  look.set_trial_id(trial);
  CALL(client, GetTrial, look);
  for (int i = 0; i < kParameters; ++i) {
    optuna::SetTrialParameterRequest set;
    set.set_trial_id(trial);
    set.set_param_name(fmt::format("x{}", i));
    set.set_param_value_internal(0.125 * i);
    set.set_distribution(distribution());
    CALL(client, SetTrialParameter, set);
  }
  CALL(client, GetTrial, look);
  optuna::SetTrialStateValuesRequest end;
  end.set_trial_id(trial);
  end.set_state(optuna::COMPLETE);
  end.add_values(0.5);
  CALL(client, SetTrialStateValues, end);
  seen = trial;
  calls += kParameters + 5;
}

void load(const std::string& address, int num_clients, double seconds) {
  const std::int64_t study = create_study(Client(address));
  std::atomic<std::int64_t> calls = 0;
  const trimtab::Stopwatch elapsed;
  std::vector<std::thread> threads;
  for (int i = 0; i < num_clients; ++i) {
    threads.emplace_back([&] {
      const Client client(address);
      std::int64_t seen = -1;
      while (elapsed.seconds() < seconds) run_trial(client, study, seen, calls);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double rate = static_cast<double>(calls) / elapsed.seconds();
  fmt::print("{{\"clients\": {}, \"calls_per_second\": {:.0f}, \"trials_per_second\": {:.0f}}}\n",
             num_clients, rate, rate / (kParameters + 5));
}

#define NATIVE(client, name, request)                                                             \
  (client).call<trimtab::v1::name##Request, trimtab::v1::name##Reply>("/trimtab.v1.Tuner/" #name, \
                                                                      request)

// Each client tells its trial and asks for the next one in one call.
void load_native(const std::string& address, int num_clients, double seconds) {
  const std::string name = fmt::format("bench {}", trimtab::wall_clock().now());
  trimtab::v1::CreateStudyRequest create;
  create.set_format("toml");
  create.set_definition("[study]\nname = \"" + name +
                        "\"\nbudget = { trials = 1000000000 }\n[space]\na = [0.0, 1.0]\nb = [0.0, "
                        "1.0]\nc = [0.0, 1.0]\nd = [0.0, 1.0]\ne = [0.0, 1.0]\n[sampler]\nname = "
                        "\"random\"\n[validity]\nconfirm = false\n");
  NATIVE(Client(address), CreateStudy, create);
  std::atomic<std::int64_t> trials = 0;
  const trimtab::Stopwatch elapsed;
  std::vector<std::thread> threads;
  for (int i = 0; i < num_clients; ++i) {
    threads.emplace_back([&, client_name = fmt::format("client {}", i)] {
      const Client client(address);
      std::int64_t number = -1;
      while (elapsed.seconds() < seconds) {
        trimtab::v1::ExchangeRequest request;
        request.set_study(name);
        request.set_client(client_name);
        request.set_ask(1);
        if (number >= 0) {
          trimtab::v1::Outcome& outcome = *request.add_outcomes();
          outcome.set_number(number);
          outcome.add_values(0.5);
          ++trials;
        }
        number = NATIVE(client, Exchange, request).trials(0).number();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  fmt::print("{{\"clients\": {}, \"trials_per_second\": {:.0f}}}\n", num_clients,
             static_cast<double>(trials) / elapsed.seconds());
}

void fill(const std::string& address, int num_trials, int num_parameters) {
  const Client client(address);
  const std::int64_t study = create_study(client);
  constexpr int kThreads = 8;
  std::atomic<int> left = num_trials;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const Client own(address);
      optuna::CreateNewTrialRequest request;
      request.set_study_id(study);
      optuna::Trial& trial = *request.mutable_template_trial();
      trial.set_state(optuna::COMPLETE);
      trial.set_datetime_start("2026-01-02 03:04:05.000006");
      trial.set_datetime_complete("2026-01-02 03:04:06.000007");
      for (int k = 0; k < num_parameters; ++k) {
        const std::string name = fmt::format("parameter_{}", k);
        (*trial.mutable_params())[name] = 1.0 / (k + 1);
        (*trial.mutable_distributions())[name] = distribution();
      }
      trial.add_values(0.5);
      while (left-- > 0) CALL(own, CreateNewTrial, request);
    });
  }
  for (std::thread& thread : threads) thread.join();
  fmt::print("{{\"study\": {}}}\n", study);
}

// Milliseconds of the fastest and the median of the repeats; the bytes of the reply.
void read(const std::string& address, std::int64_t study) {
  const Client client(address);
  optuna::GetTrialsRequest all;
  all.set_study_id(study);
  all.set_trial_id_greater_than(-1);
  optuna::GetTrialsRequest news = all;
  std::vector<double> whole, nothing;
  std::size_t bytes = 0;
  for (int i = 0; i < 5; ++i) {
    const trimtab::Stopwatch elapsed;
    // As bytes: what the client does with them is its own matter.
    const grpc::ByteBuffer reply = client.call<optuna::GetTrialsRequest, grpc::ByteBuffer>(
        "/optuna.StorageService/GetTrials", all);
    whole.push_back(elapsed.seconds() * 1e3);
    bytes = reply.Length();
    if (i > 0) continue;
    const auto trials = CALL(client, GetTrials, all);
    for (const optuna::Trial& trial : trials.trials()) {
      news.set_trial_id_greater_than(std::max(news.trial_id_greater_than(), trial.trial_id()));
    }
  }
  for (int i = 0; i < 50 * kRepeats; ++i) {
    const trimtab::Stopwatch elapsed;
    CALL(client, GetTrials, news);
    nothing.push_back(elapsed.seconds() * 1e6);
  }
  std::ranges::sort(whole);
  std::ranges::sort(nothing);
  fmt::print(
      "{{\"reply_megabytes\": {:.1f}, \"get_trials_ms\": {:.1f}, \"nothing_new_us\": {:.0f}, "
      "\"nothing_new_min_us\": {:.0f}}}\n",
      static_cast<double>(bytes) / 1e6, whole[whole.size() / 2], nothing[nothing.size() / 2],
      nothing[0]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() == 4 && words[1] == "fill") {
      fill(words[0], std::stoi(words[2]), std::stoi(words[3]));
    } else if (words.size() == 4 && words[1] == "native") {
      load_native(words[0], std::stoi(words[2]), std::stod(words[3]));
    } else if (words.size() == 3 && words[1] == "read") {
      read(words[0], std::stoll(words[2]));
    } else if (words.size() == 3) {
      load(words[0], std::stoi(words[1]), std::stod(words[2]));
    } else {
      std::fputs(
          "usage: bench_server HOST:PORT CLIENTS SECONDS | native CLIENTS SECONDS | fill TRIALS "
          "PARAMETERS | read STUDY\n",
          stderr);
      return 2;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
