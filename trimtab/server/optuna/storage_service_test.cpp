#include "trimtab/server/optuna/storage_service.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/core/testing/forwarding_storage.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/server/optuna/optuna.pb.h"
#include "trimtab/server/testing/wire_client.hpp"

namespace trimtab::optuna {
namespace {

namespace wire = ::optuna;

constexpr const char* kFloat =
    R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}})";
constexpr const char* kChoice =
    R"({"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b"]}})";
constexpr const char* kOdd =
    R"({"name": "CategoricalDistribution", "attributes": {"choices": [[1], NaN]}})";

// Refuses every commit while `is_broken`; everything else passes through.
class BreakableStorage final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  Sequence transact(StudyId study, Sequence after, Durability durability, const Visitor& visit,
                    const Decide& decide) override {
    return ForwardingStorage::transact(study, after, durability, visit, [&](Sequence last) {
      Batch batch = decide(last);
      if (is_broken) {
        throw EnvironmentError({.code = "storage.full",
                                .what = "no room",
                                .where = "",
                                .got = "",
                                .expected = "",
                                .hint = ""});
      }
      return batch;
    });
  }
  bool is_broken = false;
};

class StorageServiceTest : public ::testing::Test {
 protected:
  StudyId create_study(const std::string& name = "s", int num_directions = 1) {
    wire::CreateNewStudyRequest request;
    request.set_study_name(name);
    for (int i = 0; i < num_directions; ++i) request.add_directions(wire::MINIMIZE);
    return client_.get<wire::CreateNewStudyReply>(request).study_id();
  }
  TrialId create_trial(StudyId study) { return create_trial(study, nullptr); }
  TrialId create_trial(StudyId study, const wire::Trial* given) {
    wire::CreateNewTrialRequest request;
    request.set_study_id(study);
    request.set_template_trial_is_none(given == nullptr);
    if (given != nullptr) *request.mutable_template_trial() = *given;
    return client_.get<wire::CreateNewTrialReply>(request).trial_id();
  }
  CallStatus set_parameter(TrialId trial, const std::string& name, double value,
                           const std::string& distribution) {
    wire::SetTrialParameterRequest request;
    request.set_trial_id(trial);
    request.set_param_name(name);
    request.set_param_value_internal(value);
    request.set_distribution(distribution);
    return client_.call(request).status;
  }
  Reply set_state(TrialId trial, wire::TrialState state, const std::vector<double>& values = {}) {
    wire::SetTrialStateValuesRequest request;
    request.set_trial_id(trial);
    request.set_state(state);
    for (const double value : values) request.add_values(value);
    return client_.call(request);
  }
  static bool is_updated(const Reply& reply) {
    wire::SetTrialStateValuesReply message;
    return reply.status == CallStatus::Ok && message.ParseFromString(reply.bytes) &&
           message.trial_updated();
  }
  CallStatus set_attribute(TrialId trial, const std::string& key, const std::string& value) {
    wire::SetTrialUserAttributeRequest request;
    request.set_trial_id(trial);
    request.set_key(key);
    request.set_value(value);
    return client_.call(request).status;
  }
  wire::Trial get_trial(TrialId trial) const {
    wire::GetTrialRequest request;
    request.set_trial_id(trial);
    return client_.get<wire::GetTrialReply>(request).trial();
  }
  static Reply get_trials(const WireClient& client, StudyId study, TrialId bound = -1,
                          const std::vector<TrialId>& listed = {}) {
    wire::GetTrialsRequest request;
    request.set_study_id(study);
    request.set_trial_id_greater_than(bound);
    for (const TrialId trial : listed) request.add_included_trial_ids(trial);
    return client.call(request);
  }
  std::vector<std::int64_t> numbers(StudyId study, TrialId bound,
                                    const std::vector<TrialId>& listed = {}) const {
    wire::GetTrialsReply reply;
    EXPECT_TRUE(reply.ParseFromString(get_trials(client_, study, bound, listed).bytes));
    std::vector<std::int64_t> all;
    for (const wire::Trial& trial : reply.trials()) all.push_back(trial.number());
    return all;
  }

  Registry registry_ = make_registry();
  std::shared_ptr<BreakableStorage> storage_ =
      std::make_shared<BreakableStorage>(registry_.open_storage("memory:"));
  Desk desk_{storage_, wall_clock(), {.freshness = std::chrono::milliseconds(0)}};
  WireClient client_{desk_};
};

using Numbers = std::vector<std::int64_t>;

TEST_F(StorageServiceTest, ReturnsTrialsAboveTheBoundAndThoseListed) {
  const StudyId study = create_study();
  const StudyId other = create_study("other");
  std::vector<TrialId> trials;
  for (int i = 0; i < 4; ++i) trials.push_back(create_trial(study));
  const TrialId foreign = create_trial(other);
  EXPECT_EQ(numbers(study, -1), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(numbers(study, 0), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(numbers(study, trials[1]), (Numbers{2, 3}));
  EXPECT_EQ(numbers(study, trials[2], {trials[3], trials[0], trials[0], foreign, -5, 99}),
            (Numbers{0, 3}));
  EXPECT_EQ(numbers(study, foreign), Numbers());
  EXPECT_EQ(numbers(other, trials[3]), Numbers{0});
}

TEST_F(StorageServiceTest, ChecksExistenceThenStateThenCompatibility) {
  const StudyId study = create_study();
  const TrialId trial = create_trial(study);
  EXPECT_EQ(set_parameter(trial, "x", 0.5, kFloat), CallStatus::Ok);
  EXPECT_EQ(set_parameter(trial, "x", 0.0, kChoice), CallStatus::InvalidArgument);
  EXPECT_EQ(set_parameter(trial, "x", 0.0, "no JSON"), CallStatus::InvalidArgument);
  EXPECT_TRUE(is_updated(set_state(trial, wire::COMPLETE, {1.0})));
  EXPECT_EQ(set_parameter(trial, "x", 0.0, kChoice), CallStatus::FailedPrecondition);
  EXPECT_EQ(set_parameter(trial + 1, "x", 0.0, kChoice), CallStatus::NotFound);
  EXPECT_EQ(set_attribute(trial + 1, "k", "1"), CallStatus::NotFound);
  EXPECT_EQ(set_attribute(make_trial_id(77, 0), "k", "1"), CallStatus::NotFound);
  EXPECT_EQ(set_state(trial, wire::RUNNING).status, CallStatus::FailedPrecondition);
  EXPECT_EQ(set_state(create_trial(study), static_cast<wire::TrialState>(9)).status,
            CallStatus::InvalidArgument);
}

TEST_F(StorageServiceTest, GivesAWaitingTrialToExactlyOneOfManyClients) {
  const StudyId study = create_study();
  wire::Trial waiting;
  waiting.set_state(wire::WAITING);
  constexpr int kTrials = 20;
  std::vector<TrialId> trials;
  for (int i = 0; i < kTrials; ++i) trials.push_back(create_trial(study, &waiting));
  EXPECT_EQ(get_trial(trials[0]).datetime_start(), "");
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (const TrialId trial : trials) won += is_updated(set_state(trial, wire::RUNNING));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, kTrials);
  EXPECT_NE(get_trial(trials[0]).datetime_start(), "");
}

TEST_F(StorageServiceTest, NumbersTrialsOfConcurrentClientsWithoutGaps) {
  const StudyId study = create_study();
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<TrialId> trials;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 25; ++k) {
        const TrialId trial = create_trial(study);
        // What was created is there for everybody before its creator hears of it.
        EXPECT_EQ(get_trial(trial).trial_id(), trial);
        const std::lock_guard lock(mutex);
        trials.insert(trial);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(trials.size(), 200U);
  EXPECT_EQ(*trials.rbegin(), make_trial_id(study, 199));
}

TEST_F(StorageServiceTest, KeepsWhatEventsCannotSayExactly) {
  const StudyId study = create_study("s", 2);
  const TrialId trial = create_trial(study);
  wire::SetTrialIntermediateValueRequest report;
  report.set_trial_id(trial);
  report.set_step(std::numeric_limits<std::int64_t>::max());
  report.set_intermediate_value(0.5);
  EXPECT_EQ(client_.call(report).status, CallStatus::Ok);
  EXPECT_EQ(set_attribute(trial, "optuna:values", "NaN"), CallStatus::Ok);
  EXPECT_EQ(set_parameter(trial, "p", 1.0, kOdd), CallStatus::Ok);
  EXPECT_TRUE(is_updated(set_state(trial, wire::COMPLETE, {1.0})));  // of two values
  const wire::Trial got = get_trial(trial);
  EXPECT_EQ(got.intermediate_values().at(std::numeric_limits<std::int64_t>::max()), 0.5);
  EXPECT_EQ(got.user_attributes().at("optuna:values"), "NaN");
  EXPECT_EQ(got.distributions().at("p"), kOdd);
  EXPECT_EQ(got.state(), wire::COMPLETE);
  ASSERT_EQ(got.values_size(), 1);
  EXPECT_EQ(got.values(0), 1.0);
}

TEST_F(StorageServiceTest, ShowsAStudyOfOptunaClientsToTrimtab) {
  const StudyId study = create_study("by clients");
  const TrialId first = create_trial(study);
  EXPECT_EQ(set_parameter(first, "x", 0.25, kFloat), CallStatus::Ok);
  EXPECT_EQ(set_parameter(first, "kind", 1.0, kChoice), CallStatus::Ok);
  EXPECT_EQ(set_attribute(first, "note", R"("good")"), CallStatus::Ok);
  EXPECT_TRUE(is_updated(set_state(first, wire::COMPLETE, {0.125})));
  const TrialId second = create_trial(study);
  EXPECT_EQ(set_parameter(second, "x", 5.0, kFloat), CallStatus::Ok);  // outside of its range
  EXPECT_TRUE(is_updated(set_state(second, wire::FAIL)));
  const Study native = Study::open("by clients", registry_, storage_);
  native.view([&](const StudyView& view) {
    EXPECT_EQ(view.history.size(), 2);
    EXPECT_EQ(view.history.best(), 0);
    EXPECT_EQ(view.history.value(0), 0.125);
    EXPECT_EQ(view.space.to_json(view.history.point(0)).dump(), R"({"x":0.25,"kind":"b"})");
    EXPECT_EQ(view.history.attributes(0).at("note"), R"("good")");
    EXPECT_EQ(view.history.state(1), TrialState::Failed);
    EXPECT_FALSE(is_active(view.history.point(1)[0]));
  });
}

TEST_F(StorageServiceTest, ShowsAStudyOfTrimtabToOptunaClients) {
  Study native({.name = "native",
                .objectives = {{.name = "score", .goal = Goal::Maximise, .target = {}}},
                .space_definition = R"({"lr": {"float": [1e-3, 1.0], "log": true},
                                        "kind": {"choice": ["a", 2]},
                                        "depth": {"int": [1, 9], "when": {"kind": [2]}}})",
                .sampler = {.name = "random", .options = "{}"}},
               registry_, storage_);
  const std::int64_t queued = native.enqueue({0.5, 1.0, 3.0});
  const std::optional<Trial> asked = native.ask();
  ASSERT_TRUE(asked && asked->number == queued);
  native.report(queued, {2.0, 0.75});
  native.tell(queued, {.values = {0.875}});
  native.set_attribute(queued, "late", "1");
  wire::GetStudyIdFromNameRequest request;
  request.set_study_name("native");
  const StudyId study = client_.get<wire::GetStudyIdFromNameReply>(request).study_id();
  const wire::Trial trial = get_trial(make_trial_id(study, queued));
  EXPECT_EQ(trial.state(), wire::COMPLETE);
  EXPECT_EQ(trial.values(0), 0.875);
  EXPECT_EQ(trial.params().at("depth"), 3.0);
  EXPECT_EQ(trial.intermediate_values().at(2), 0.75);
  EXPECT_EQ(trial.user_attributes().at("late"), "1");
  EXPECT_EQ(trial.distributions().at("kind"),
            R"({"name": "CategoricalDistribution", "attributes": {"choices": ["a", 2]}})");
  // And what a client adds is in the study's own space.
  const TrialId more = create_trial(study);
  EXPECT_EQ(set_parameter(more, "kind", 0.0, trial.distributions().at("kind")), CallStatus::Ok);
  EXPECT_EQ(set_parameter(more, "lr", 0.0, kChoice), CallStatus::InvalidArgument);
  native.refresh();
  native.view([](const StudyView& view) { EXPECT_EQ(view.history.point(1)[1], 0.0); });
}

// Its values go through a mechanism that this protocol does not know.
TEST_F(StorageServiceTest, RefusesValuesOfAStudyThatGuardsItsHoldout) {
  StudySpec spec;
  spec.name = "guarded";
  spec.space_definition = R"({"x": [0.0, 1.0]})";
  spec.sampler = {.name = "random", .options = "{}"};
  spec.validity.confirm_top = 0;
  spec.validity.holdout = Holdout{.metric = "held", .items = 100, .threshold = 0.4, .noise = 0.025};
  const Study native(spec, registry_, storage_);
  wire::GetStudyIdFromNameRequest request;
  request.set_study_name("guarded");
  const StudyId study = client_.get<wire::GetStudyIdFromNameReply>(request).study_id();
  const TrialId trial = create_trial(study);
  EXPECT_EQ(set_state(trial, wire::COMPLETE, {0.5}).status, CallStatus::FailedPrecondition);
  EXPECT_EQ(get_trial(trial).state(), wire::RUNNING);
  EXPECT_EQ(set_state(trial, wire::FAIL).status, CallStatus::Ok);
}

TEST_F(StorageServiceTest, ForgetsWhatCouldNotBeWrittenAndGoesOn) {
  const StudyId study = create_study();
  const TrialId trial = create_trial(study);
  storage_->is_broken = true;
  EXPECT_EQ(set_state(trial, wire::COMPLETE, {1.0}).status, CallStatus::Unavailable);
  wire::CreateNewTrialRequest request;
  request.set_study_id(study);
  request.set_template_trial_is_none(true);
  EXPECT_EQ(client_.call(request).status, CallStatus::Unavailable);
  EXPECT_EQ(get_trial(trial).state(), wire::RUNNING);
  storage_->is_broken = false;
  EXPECT_EQ(numbers(study, -1), Numbers{0});
  EXPECT_TRUE(is_updated(set_state(trial, wire::COMPLETE, {2.0})));
  EXPECT_EQ(get_trial(trial).values(0), 2.0);
}

TEST_F(StorageServiceTest, SeesWhatAnotherServerOfTheSameStorageDoes) {
  Desk other_desk(storage_);
  const WireClient other(other_desk);
  const StudyId study = create_study();
  const TrialId trial = create_trial(study);
  wire::SetTrialStateValuesRequest end;
  end.set_trial_id(trial);
  end.set_state(wire::PRUNED);
  end.add_values(3.0);
  EXPECT_EQ(other.call(end).status, CallStatus::Ok);
  EXPECT_EQ(get_trial(trial).state(), wire::PRUNED);
  EXPECT_EQ(set_attribute(trial, "k", "1"), CallStatus::FailedPrecondition);
  wire::DeleteStudyRequest request;
  request.set_study_id(study);
  EXPECT_EQ(other.call(request).status, CallStatus::Ok);
  EXPECT_EQ(get_trials(client_, study).status, CallStatus::NotFound);
  EXPECT_NE(create_study(), study);
}

TEST_F(StorageServiceTest, RefusesRequestsThatCannotBeRead) {
  EXPECT_EQ(client_.call_bytes("GetTrial", "\xFF\xFF").status, CallStatus::InvalidArgument);
  EXPECT_EQ(client_.call_bytes("CreateNewTrial", "\x12\x7F").status, CallStatus::InvalidArgument);
  EXPECT_EQ(client_.call_bytes("GetTrial", "").status, CallStatus::NotFound);
  wire::CreateNewStudyRequest none;
  none.set_study_name("none");
  EXPECT_EQ(client_.call(none).status, CallStatus::InvalidArgument);
}

// One random call of a client; most change something.
void act(StorageServiceTest&, const WireClient& client, StudyId study, int trials) {
  const TrialId trial = make_trial_id(study, *rc::gen::inRange(0, trials + 1));
  const double value = *rc::gen::element(0.0, -0.0, 0.5, 1e300, HUGE_VAL, std::nan(""));
  switch (*rc::gen::inRange(0, 6)) {
    case 0: {
      wire::CreateNewTrialRequest request;
      request.set_study_id(study);
      wire::Trial& given = *request.mutable_template_trial();
      given.set_state(static_cast<wire::TrialState>(*rc::gen::inRange(0, 5)));
      given.set_datetime_start(*rc::gen::element<std::string>("", "2026-01-02 03:04:05.000006"));
      given.set_datetime_complete(*rc::gen::element<std::string>("", "2026-01-02 03:04:05.000007"));
      if (*rc::gen::arbitrary<bool>()) given.add_values(value);
      (*given.mutable_params())["x"] = value;
      (*given.mutable_distributions())["x"] = kFloat;
      (*given.mutable_intermediate_values())[*rc::gen::arbitrary<std::int64_t>()] = value;
      (*given.mutable_system_attributes())["k"] = "{}";
      client.call(request);
      return;
    }
    case 1: {
      wire::SetTrialParameterRequest request;
      request.set_trial_id(trial);
      request.set_param_name(*rc::gen::element<std::string>("x", "y", "", "a b"));
      request.set_param_value_internal(value);
      request.set_distribution(*rc::gen::element<std::string>(kFloat, kChoice, kOdd));
      client.call(request);
      return;
    }
    case 2: {
      wire::SetTrialStateValuesRequest request;
      request.set_trial_id(trial);
      request.set_state(static_cast<wire::TrialState>(*rc::gen::inRange(0, 5)));
      if (*rc::gen::arbitrary<bool>()) request.add_values(value);
      client.call(request);
      return;
    }
    case 3: {
      wire::SetTrialSystemAttributeRequest request;
      request.set_trial_id(trial);
      request.set_key(*rc::gen::element<std::string>("a", "", "optuna:x"));
      request.set_value("[1, NaN]");
      client.call(request);
      return;
    }
    case 4: {
      wire::SetTrialIntermediateValueRequest request;
      request.set_trial_id(trial);
      request.set_step(*rc::gen::inRange<std::int64_t>(-2, 3));
      request.set_intermediate_value(value);
      client.call(request);
      return;
    }
    default: {
      wire::CreateNewTrialRequest request;
      request.set_study_id(study);
      request.set_template_trial_is_none(true);
      client.call(request);
    }
  }
}

RC_GTEST_FIXTURE_PROP(StorageServiceTest, ShowsAfterARestartExactlyWhatItShowedBefore, ()) {
  const StudyId study = create_study();
  for (int i = *rc::gen::inRange(1, 30); i > 0; --i) {
    act(*this, client_, study, static_cast<int>(numbers(study, -1).size()));
  }
  Desk restarted(storage_);
  const Reply before = get_trials(client_, study);
  const Reply after = get_trials(WireClient(restarted), study);
  RC_ASSERT(before.status == CallStatus::Ok);
  RC_ASSERT(before.bytes == after.bytes);
  // And the same log is a study to Trimtab.
  const auto num_trials = static_cast<std::int64_t>(numbers(study, -1).size());
  Study::open("s", registry_, storage_).view([&](const StudyView& view) {
    RC_ASSERT(view.history.size() == num_trials);
  });
}

}  // namespace
}  // namespace trimtab::optuna
