// Pruning through ask, report and tell: who is stopped, what the log says, and replay.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/engine/replay.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {
namespace {

class StudyPruning : public ::testing::Test {
 protected:
  static StudySpec spec(const std::string& pruner = "median",
                        const std::string& options = R"({"startup_trials": 3})") {
    StudySpec spec;
    spec.name = "pruned";
    spec.budget.trials = 1000;
    spec.space_definition = R"({"x": {"float": [-5.0, 5.0]}})";
    spec.sampler = {.name = "random", .options = "{}"};
    spec.pruner = {.name = pruner, .options = options};
    spec.validity.confirm_top = 0;
    return spec;
  }
  Study open(const StudySpec& spec) { return Study(spec, registry_, storage_); }

  /// Asks for a trial whose reports are all `value` and tells it. Stops when it is told so.
  static std::int64_t run(Study& study, double value, int num_steps = 4) {
    const std::int64_t number = study.ask()->number;
    for (int step = 1; step <= num_steps; ++step) {
      if (!study.report(number, {double(step), value + 1.0 / step})) continue;
      study.prune(number);
      return number;
    }
    study.tell(number, {.values = {value}});
    return number;
  }
  template <typename Read>
  static auto read(const Study& study, Read read) {
    std::invoke_result_t<Read, const History&> result{};
    study.view([&](const StudyView& view) { result = read(view.history); });
    return result;
  }
  static TrialState state(const Study& study, std::int64_t number) {
    return read(study, [&](const History& history) { return history.state(number); });
  }
  static PruneDecided decision(const Study& study, std::int64_t number) {
    return read(study, [&](const History& history) {
      const PruneDecided* found = history.prune_decision(number);
      return found == nullptr ? PruneDecided{-1, 0.0, ""} : *found;
    });
  }
  ReplayResult replay() { return replay_study("pruned", registry_, storage_); }
  void append(const EventBody& body) {
    const StudyId id = storage_->find_study("pruned")->id;
    std::string bytes;
    encode({.time = 1, .body = body}, bytes);
    storage_->transact(
        id, 0, Durability::Process, [](Sequence, std::string_view) {},
        [&](Sequence) { return Storage::Batch{bytes}; });
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
};

TEST_F(StudyPruning, StopsATrialThatIsWorseThanTheMedianAndLogsWhy) {
  Study study = open(spec());
  for (const double value : {3.0, 4.0, 5.0}) run(study, value);
  const std::int64_t bad = run(study, 9.0);
  EXPECT_EQ(state(study, bad), TrialState::Pruned);
  const PruneDecided decided = decision(study, bad);
  EXPECT_EQ(decided.number, bad);
  EXPECT_EQ(decided.step, 1.0);
  EXPECT_EQ(decided.reason, "best so far worse than the median of 3 trials, loss = 5");
  EXPECT_EQ(read(study, [&](const History& history) { return history.value(bad); }), 10.0);
  const std::int64_t good = run(study, 2.0);
  EXPECT_EQ(state(study, good), TrialState::Complete);
}

TEST_F(StudyPruning, EndsATrialWithItsValueAtTheDecisionWhateverItSaysLater) {
  Study study = open(spec());
  for (const double value : {3.0, 4.0, 5.0}) run(study, value);
  const std::int64_t number = study.ask()->number;
  EXPECT_FALSE(study.report(number, {1.0, 0.0}));
  EXPECT_FALSE(study.report(number, {2.0, 20.0}));  // its best so far is still 0
  study.report(number, {3.0, 0.5});
  study.prune(number);  // by hand: the last value
  EXPECT_EQ(read(study, [&](const History& history) { return history.value(number); }), 0.5);
  const std::int64_t other = study.ask()->number;
  EXPECT_TRUE(study.report(other, {1.0, 30.0}));
  EXPECT_TRUE(study.report(other, {2.0, -7.0}));  // decided is decided
  study.prune(other);
  EXPECT_EQ(read(study, [&](const History& history) { return history.value(other); }), 30.0);
}

TEST_F(StudyPruning, NeverStopsTheDefaultConfigurationNorTheConfirmStage) {
  StudySpec with_default = spec();
  with_default.space_definition = R"({"x": {"float": [-5.0, 5.0], "default": 1.0}})";
  with_default.budget.trials = 5;
  with_default.validity = {.tuning_seeds = 1, .confirm_top = 1, .confirm_seeds = 2};
  Study study = open(with_default);
  const std::int64_t standard = study.ask()->number;
  for (const double value : {3.0, 4.0, 5.0}) run(study, value);
  EXPECT_FALSE(study.report(standard, {1.0, 99.0}));
  study.tell(standard, {.values = {99.0}});
  run(study, 1.0);
  const Trial confirm = std::get<Trial>(study.next());
  ASSERT_EQ(confirm.purpose, Purpose::Confirm);
  EXPECT_FALSE(study.report(confirm.number, {1.0, 99.0}));
}

TEST_F(StudyPruning, JudgesByWhatAllWorkersReported) {
  Study first = open(spec());
  Study second = open(spec());
  for (const double value : {3.0, 4.0, 5.0}) run(first, value);
  EXPECT_EQ(state(second, run(second, 9.0)), TrialState::Pruned);
}

TEST_F(StudyPruning, ComesOutTheSameInAReplay) {
  Study first = open(spec());
  Study second = open(spec());
  std::int64_t num_pruned = 0;
  for (int i = 0; i < 40; ++i) {
    Study& study = i % 3 == 0 ? first : second;
    num_pruned += state(study, run(study, std::fmod(i * 7.3, 5.0))) == TrialState::Pruned;
  }
  EXPECT_GT(num_pruned, 10);
  const ReplayResult result = replay();
  EXPECT_EQ(result.num_proposals, 40);
  EXPECT_EQ(result.num_equal, 40);
  EXPECT_EQ(result.num_stops, num_pruned);
  EXPECT_EQ(result.num_equal_stops, num_pruned);
}

TEST_F(StudyPruning, ShowsInAReplayWhatComesOutDifferently) {
  Study study = open(spec());
  for (const double value : {3.0, 4.0, 5.0}) run(study, value);
  const std::int64_t stopped_for_nothing = study.ask()->number;
  study.report(stopped_for_nothing, {1.0, 0.0});
  append(PruneDecided{stopped_for_nothing, 1.0, "no reason"});
  study.prune(stopped_for_nothing);
  run(study, 9.0);
  const std::int64_t let_go = study.ask()->number;
  append(TrialReported{let_go, {1.0, 50.0}});  // nobody judged it
  append(TrialFinished{let_go, {.values = {50.0}}, -1});
  const ReplayResult result = replay();
  EXPECT_EQ(result.num_stops, 3);
  EXPECT_EQ(result.num_equal_stops, 1);
  EXPECT_EQ(result.first_other_stop, stopped_for_nothing);
}

// A worker that died between the decision and the end leaves nothing to run again.
TEST_F(StudyPruning, EndsADeadWorkersTrialThatWasToBeStopped) {
  Study study = open(spec());
  for (const double value : {3.0, 4.0, 5.0}) run(study, value);
  append(
      TrialCreated{3, TrialState::Running, Purpose::Search, -1, 2, std::int64_t{1} << 40, {0.5}});
  append(TrialReported{3, {1.0, 9.0}});
  append(PruneDecided{3, 1.0, "worse"});
  append(
      TrialCreated{4, TrialState::Running, Purpose::Search, -1, 2, std::int64_t{1} << 40, {0.6}});
  study.recover();
  EXPECT_EQ(state(study, 3), TrialState::Pruned);
  EXPECT_EQ(read(study, [](const History& history) { return history.value(3); }), 9.0);
  EXPECT_EQ(state(study, 4), TrialState::Waiting);
}

TEST_F(StudyPruning, ForgetsTheDecisionAboutATrialThatGoesBackToTheQueue) {
  Study study = open(spec());
  for (const double value : {3.0, 4.0, 5.0}) run(study, value);
  const std::int64_t number = study.ask()->number;
  EXPECT_TRUE(study.report(number, {1.0, 9.0}));
  study.requeue({number});
  EXPECT_EQ(study.ask()->number, number);
  EXPECT_FALSE(study.report(number, {1.0, 2.0}));  // said again, and better
  EXPECT_EQ(decision(study, number).number, -1);
}

TEST_F(StudyPruning, GoesByTheNewPrunerWhenTheStudyFileChanges) {
  {
    Study study = open(spec("none", "{}"));
    for (const double value : {3.0, 4.0, 5.0, 9.0}) {
      EXPECT_EQ(state(study, run(study, value)), TrialState::Complete);
    }
  }
  Study study = open(spec());
  EXPECT_EQ(state(study, run(study, 9.0)), TrialState::Pruned);
  EXPECT_EQ(replay().num_equal_stops, 1);
}

TEST_F(StudyPruning, RanksSeveralObjectivesByDominance) {
  StudySpec two = spec();
  two.objectives = {{.name = "error"}, {.name = "speed", .goal = Goal::Maximise}};
  Study study = open(two);
  const auto report = [&](std::int64_t number, double error, double speed) {
    const double values[] = {error, speed};
    return study.report(number, 1.0, values);
  };
  for (const double error : {1.0, 2.0, 3.0, 4.0}) {  // a front, each as good as the others
    const std::int64_t number = study.ask()->number;
    EXPECT_FALSE(report(number, error, error));
    study.tell(number, {.values = {error, error}});
  }
  EXPECT_FALSE(report(study.ask()->number, 2.5, 2.5));   // on the front
  EXPECT_FALSE(report(study.ask()->number, 99.0, 4.5));  // bad in one, best in the other
  const std::int64_t bad = study.ask()->number;
  EXPECT_TRUE(report(bad, 5.0, 0.5));  // dominated by all
  EXPECT_EQ(decision(study, bad).reason, "dominated by more trials than the median of 4 trials");
  study.prune(bad);
  EXPECT_EQ(read(study, [&](const History& history) { return history.losses(bad)[1]; }), -0.5);
  EXPECT_TRUE(report(study.ask()->number, 5.0, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(replay().num_equal_stops, 2);
}

TEST_F(StudyPruning, PrunesANotANumberWithoutAValue) {
  Study study = open(spec());
  for (const double value : {3.0, 4.0, 5.0}) run(study, value);
  const std::int64_t number = study.ask()->number;
  EXPECT_TRUE(study.report(number, {1.0, std::nan("")}));
  study.prune(number);
  EXPECT_TRUE(
      std::isnan(read(study, [&](const History& history) { return history.loss(number); })));
}

TEST_F(StudyPruning, RefusesAStepThatIsNotFinite) {
  Study study = open(spec());
  const std::int64_t number = study.ask()->number;
  EXPECT_THROW(study.report(number, {std::nan(""), 1.0}), UserError);
  EXPECT_THROW(study.report(number, {HUGE_VAL, 1.0}), UserError);
}

TEST_F(StudyPruning, RefusesAnUnknownPrunerAndItsOptionsBeforeAnythingIsWritten) {
  const auto message = [&](const StudySpec& wrong) {
    try {
      open(wrong);
      return std::string();
    } catch (const UserError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(message(spec("medien")).find("did you mean \"median\"?"), std::string::npos);
  EXPECT_NE(message(spec("median", R"({"warmpu": 3})")).find("did you mean \"warmup\"?"),
            std::string::npos);
  EXPECT_NE(message(spec("patient", R"({"agree": "hyperbend"})")).find("\"hyperband\""),
            std::string::npos);
  EXPECT_NE(message(spec("threshold", R"({"lower": 2, "upper": 1})")).find("lower <= upper"),
            std::string::npos);
  EXPECT_TRUE(storage_->list_studies().empty());
}

}  // namespace
}  // namespace trimtab
