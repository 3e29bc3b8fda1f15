#include "trimtab/server/native/native_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab::server {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000;

class NativeDeskTest : public ::testing::Test {
 protected:
  static constexpr const char* kDefinition = R"(
[study]
name = "line"
budget = { trials = 6 }
lease = "10s"
[space]
x = { float = [0.0, 1.0], default = 0.5 }
[sampler]
name = "random"
[validity]
confirm = { top = 1, seeds = 2 }
)";
  void create(const std::string& definition = kDefinition) {
    v1::CreateStudyRequest request;
    request.set_definition(definition);
    request.set_format("toml");
    desk().create_study(request);
  }
  NativeDesk& desk() {
    if (!desk_) desk_ = std::make_unique<NativeDesk>(registry_, storage_, clock_, server_++);
    return *desk_;
  }
  // A server that takes the place of the one that is gone.
  void restart() { desk_.reset(); }

  v1::ExchangeReply ask(const std::string& client, int count = 1, const std::string& id = "") {
    v1::ExchangeRequest request;
    request.set_study("line");
    request.set_client(client);
    request.set_request_id(id);
    request.set_ask(count);
    return desk().exchange(request);
  }
  v1::Told tell(const std::string& client, std::int64_t number, double value) {
    v1::ExchangeRequest request;
    request.set_study("line");
    request.set_client(client);
    v1::Outcome& outcome = *request.add_outcomes();
    outcome.set_number(number);
    outcome.add_values(value);
    (*outcome.mutable_metrics())["seconds"] = 2.0;
    return desk().exchange(request).told(0);
  }
  std::vector<std::int64_t> lost(const std::string& client) {
    v1::HeartbeatRequest request;
    request.set_study("line");
    request.set_client(client);
    const v1::HeartbeatReply reply = desk().heartbeat(request);
    return {reply.lost().begin(), reply.lost().end()};
  }
  Json summary() {
    v1::SummaryRequest request;
    request.set_study("line");
    return Json::parse(desk().summary(request).json());
  }
  v1::WatchReply watch(std::int64_t after, double seconds = 0.0) {
    v1::WatchRequest request;
    request.set_study("line");
    request.set_after(after);
    request.set_seconds(seconds);
    return desk().watch(request);
  }
  static std::string code_of(const std::function<void()>& action) {
    try {
      action();
      return "";
    } catch (const UserError& error) {
      return error.info().code;
    }
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
  ManualClock clock_;
  // Processes of this machine that do not run.
  std::int64_t server_ =
      (own_worker_id() & ~((std::int64_t{1} << 45) - 1)) | std::int64_t{0x3FFFFE} << 23 | 1;
  std::unique_ptr<NativeDesk> desk_;
};

TEST_F(NativeDeskTest, TunesAStudyToItsEnd) {
  create();
  int count = 0;
  std::string done;
  for (;;) {
    const v1::ExchangeReply reply = ask("a");
    if (reply.trials().empty()) {
      done = reply.done();
      break;
    }
    const v1::Trial& trial = reply.trials(0);
    const double x = Json::parse(trial.params())["x"];
    EXPECT_EQ(trial.purpose(), count == 0 ? "default" : count < 6 ? "search" : "confirm");
    ASSERT_EQ(trial.seeds_size(), 1);
    EXPECT_EQ(trial.seeds(0) % 2, count < 6 ? 0u : 1u) << "fresh seeds are odd";
    EXPECT_EQ(tell("a", trial.number(), x * x).state(), "complete");
    ++count;
  }
  EXPECT_EQ(done, "budget of 6 trials used");
  const Json study = summary();
  EXPECT_EQ(study["stage"], "done");
  EXPECT_EQ(study["trials"]["complete"], count);
  EXPECT_GT(count, 6);
  EXPECT_EQ(study["best"]["metrics"]["seconds"], 2.0);
}

TEST_F(NativeDeskTest, ARepeatedCallGetsTheFirstAnswerAndDoesNothing) {
  create();
  const v1::ExchangeReply first = ask("a", 2, "call-1");
  const v1::ExchangeReply again = ask("a", 2, "call-1");
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_EQ(summary()["trials"]["all"], 2);
  EXPECT_EQ(ask("a", 1, "call-2").trials(0).number(), 2);
}

TEST_F(NativeDeskTest, ConcurrentRepeatsShareOneAnswer) {
  create();
  std::vector<std::thread> threads;
  std::set<std::int64_t> numbers;
  std::mutex mutex;
  desk();
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const v1::ExchangeReply reply = ask("a", 1, "same");
      const std::lock_guard lock(mutex);
      numbers.insert(reply.trials(0).number());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(numbers, std::set<std::int64_t>{0});
}

TEST_F(NativeDeskTest, OneBudgetForAllClients) {
  create();
  desk();
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::multiset<std::int64_t> run;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, client = "client " + std::to_string(i)] {
      for (;;) {
        const v1::ExchangeReply reply = ask(client);
        if (!reply.done().empty()) return;
        for (const v1::Trial& trial : reply.trials()) {
          EXPECT_EQ(tell(client, trial.number(), 0.5).state(), "complete");
          const std::lock_guard lock(mutex);
          run.insert(trial.number());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Json trials = summary()["trials"];
  EXPECT_EQ(trials["all"].get<int>() - trials["confirm"].get<int>(), 6);
  EXPECT_EQ(run.size(), trials["all"].get<std::size_t>());
  EXPECT_EQ(std::set<std::int64_t>(run.begin(), run.end()).size(), run.size()) << "none twice";
}

TEST_F(NativeDeskTest, ASilentClientLosesItsTrialToAnother) {
  create();
  EXPECT_EQ(ask("silent").trials(0).number(), 0);
  for (int i = 0; i < 3; ++i) {
    clock_.advance(4 * kSecond);
    EXPECT_EQ(lost("steady"), std::vector<std::int64_t>{});
    desk().tend();
  }
  EXPECT_EQ(ask("steady").trials(0).number(), 0) << "the trial that was lost comes first";
  const v1::Told late = tell("silent", 0, 0.1);
  EXPECT_EQ(late.problem().code(), "study.lease_lost");
  EXPECT_THAT(late.problem().text(), HasSubstr("held by \"steady\""));
  EXPECT_EQ(lost("silent"), std::vector<std::int64_t>{0});
  EXPECT_EQ(tell("steady", 0, 0.2).state(), "complete");
  EXPECT_EQ(summary()["best"]["values"]["loss"], 0.2);
}

TEST_F(NativeDeskTest, AHeartbeatKeepsATrial) {
  create();
  ask("slow");
  for (int i = 0; i < 20; ++i) {
    clock_.advance(4 * kSecond);
    lost("slow");
    desk().tend();
  }
  EXPECT_EQ(tell("slow", 0, 0.3).state(), "complete");
}

TEST_F(NativeDeskTest, AClientGoesOnWithTheNextServer) {
  create();
  ask("a", 2);
  restart();
  EXPECT_EQ(tell("a", 0, 0.25).state(), "complete");
  for (int i = 0; i < 5; ++i) {  // trial 1 is nobody's here: it goes back after the lease
    clock_.advance(4 * kSecond);
    desk().tend();
  }
  EXPECT_EQ(ask("b").trials(0).number(), 1);
  EXPECT_EQ(tell("a", 1, 0.25).problem().code(), "study.lease_lost");
}

TEST_F(NativeDeskTest, ReportsAnswerWhetherToStop) {
  create(std::string(kDefinition) + "[pruner]\nname = \"threshold\"\nupper = 0.9\nwarmup = 0\n");
  ask("a", 2);
  v1::ExchangeRequest request;
  request.set_study("line");
  request.set_client("a");
  for (const double value : {0.5, 0.95}) {
    v1::Report& report = *request.add_reports();
    report.set_number(value > 0.9 ? 1 : 0);
    report.set_step(1.0);
    report.add_values(value);
  }
  const v1::ExchangeReply reply = desk().exchange(request);
  EXPECT_FALSE(reply.reported(0).should_stop());
  EXPECT_TRUE(reply.reported(1).should_stop()) << reply.ShortDebugString();
}

TEST_F(NativeDeskTest, AnErrorOfOneOutcomeLeavesTheOthersAsTheyAre) {
  create();
  ask("a", 1);
  v1::ExchangeRequest request;
  request.set_study("line");
  request.set_client("a");
  for (const std::int64_t number : {77, 0, 0}) {
    request.add_outcomes()->set_number(number);
    request.mutable_outcomes()->rbegin()->add_values(0.5);
  }
  const v1::ExchangeReply reply = desk().exchange(request);
  EXPECT_EQ(reply.told(0).problem().code(), "study.unknown_trial");
  EXPECT_EQ(reply.told(1).state(), "complete");
  EXPECT_EQ(reply.told(2).problem().code(), "study.already_finished");
}

TEST_F(NativeDeskTest, SaysWhatIsWrongWithADefinitionOrAName) {
  create();
  EXPECT_EQ(code_of([&] { create("[study]\nname = \"line\"\n[space]\ny = [0.0, 1.0]\n"); }),
            "study.changed");
  EXPECT_EQ(
      code_of([&] {
        create("[study]\nname = \"b\"\n[space]\nx = [0.0, 1.0]\n[sampler]\nname = \"tpee\"\n");
      }),
      "registry.unknown_sampler");
  v1::SummaryRequest request;
  request.set_study("lime");
  try {
    desk().summary(request);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "study.unknown");
    EXPECT_EQ(error.info().hint, "did you mean \"line\"?");
  }
}

TEST_F(NativeDeskTest, AWatcherSeesWhatHappenedAndWaitsForMore) {
  create();
  ask("a");
  tell("a", 0, 0.25);
  const v1::WatchReply past = watch(0);
  std::vector<std::string> states;
  for (const auto& event : past.events()) states.push_back(event.state());
  EXPECT_EQ(states, (std::vector<std::string>{"running", "complete"}));
  EXPECT_EQ(past.events(1).values(0), 0.25);
  EXPECT_EQ(watch(past.last()).events_size(), 0);
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ask("a");
  });
  const v1::WatchReply next = watch(past.last(), 20.0);
  later.join();
  ASSERT_EQ(next.events_size(), 1);
  EXPECT_EQ(next.events(0).trial(), 1);
  EXPECT_GT(next.last(), past.last());
}

TEST_F(NativeDeskTest, DeletesAndLists) {
  create();
  ask("a");
  v1::ListStudiesReply list = desk().list_studies({});
  ASSERT_EQ(list.studies_size(), 1);
  EXPECT_EQ(list.studies(0).running(), 1);
  v1::DeleteStudyRequest request;
  request.set_study("line");
  desk().delete_study(request);
  EXPECT_EQ(desk().list_studies({}).studies_size(), 0);
  create();
  EXPECT_EQ(ask("a").trials(0).number(), 0) << "a new study of the old name";
}

}  // namespace
}  // namespace trimtab::server
