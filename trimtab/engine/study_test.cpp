#include "trimtab/engine/study.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/core/testing/forwarding_storage.hpp"
#include "trimtab/engine/replay.hpp"
#include "trimtab/engine/seeds.hpp"

namespace trimtab {
namespace {

StudySpec parabola(std::int64_t trials) {
  StudySpec spec;
  spec.name = "parabola";
  spec.budget.trials = trials;
  spec.space_definition = R"({"x": {"float": [-5.0, 5.0]}, "y": {"float": [-5.0, 5.0]}})";
  spec.sampler = {.name = "random", .options = "{}"};
  spec.validity.confirm_top = 0;
  return spec;
}

double bowl(PointView point) { return point[0] * point[0] + point[1] * point[1]; }

class StudyTest : public ::testing::Test {
 protected:
  Study make(StudySpec spec) { return Study(std::move(spec), registry_, storage_); }
  template <typename Read>
  static auto read(const Study& study, Read read) {
    std::invoke_result_t<Read, const History&> result{};
    study.view([&](const StudyView& view) { result = read(view.history); });
    return result;
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
};

TEST_F(StudyTest, AsksUntilTheBudgetIsUsedAndKnowsTheBest) {
  Study study = make(parabola(30));
  double best = std::numeric_limits<double>::infinity();
  std::int64_t count = 0;
  while (const std::optional<Trial> trial = study.ask()) {
    EXPECT_EQ(trial->number, count++);
    best = std::min(best, bowl(trial->point));
    study.tell(trial->number, {.values = {bowl(trial->point)}});
  }
  EXPECT_EQ(count, 30);
  EXPECT_EQ(read(study, [](const History& history) { return history.value(history.best()); }),
            best);
  EXPECT_EQ(study.stage(), Stage::Done);
}

TEST_F(StudyTest, TriesTheDeclaredDefaultFirst) {
  StudySpec spec = parabola(3);
  spec.space_definition = R"({"x": {"float": [-5, 5], "default": 1.5}, "y": {"float": [-5, 5]}})";
  Study study = make(spec);
  const std::optional<Trial> trial = study.ask();
  ASSERT_TRUE(trial);
  EXPECT_EQ(trial->purpose, Purpose::Default);
  EXPECT_EQ(trial->point[0], 1.5);
  EXPECT_EQ(trial->point[1], 0.0);
}

TEST_F(StudyTest, NeverProposesAPointTwiceAndStopsWhenAllWereTried) {
  StudySpec spec = parabola(1000);
  spec.space_definition = R"({"a": {"int": [1, 4]}, "b": {"choice": ["u", "v", "w"]}})";
  Study study = make(spec);
  std::set<Point> points;
  while (const std::optional<Trial> trial = study.ask()) {
    EXPECT_TRUE(points.insert(trial->point).second);
    study.tell(trial->number, {.values = {1.0}});
  }
  EXPECT_EQ(points.size(), 12u);
  const NextTrial next = study.next();
  ASSERT_TRUE(std::holds_alternative<StudyDone>(next));
  EXPECT_EQ(std::get<StudyDone>(next).reason, "every point of the space was tried");
}

TEST_F(StudyTest, ReusesTheResultOfAnEnqueuedTwin) {
  Study study = make(parabola(10));
  const Trial trial = *study.ask();
  study.tell(trial.number, {.values = {4.0}});
  const std::int64_t twin = study.enqueue(trial.point);
  study.refresh();
  EXPECT_EQ(read(study, [&](const History& history) { return history.copy_of(twin); }), 0);
  EXPECT_EQ(read(study, [&](const History& history) { return history.value(twin); }), 4.0);
}

TEST_F(StudyTest, RunsAPointThatIsEnqueuedTwiceOnlyOnce) {
  Study study = make(parabola(10));
  const std::int64_t first = study.enqueue({1.0, 2.0});
  const std::int64_t second = study.enqueue({1.0, 2.0});
  EXPECT_EQ(study.ask()->number, first);
  const Trial other = *study.ask();  // the second waits for the first
  EXPECT_EQ(other.purpose, Purpose::Search);
  study.tell(first, {.values = {3.0}});
  EXPECT_NE(study.ask()->number, second);
  EXPECT_EQ(read(study, [&](const History& history) { return history.copy_of(second); }), first);
  EXPECT_EQ(read(study, [&](const History& history) { return history.value(second); }), 3.0);
}

TEST_F(StudyTest, RunsAPointItselfWhenItsTwinFailed) {
  Study study = make(parabola(10));
  const std::int64_t first = study.enqueue({1.0, 2.0});
  const std::int64_t second = study.enqueue({1.0, 2.0});
  EXPECT_EQ(study.ask()->number, first);
  study.tell(first, {.state = TrialState::Failed, .values = {}});
  EXPECT_EQ(study.ask()->number, second);
}

TEST_F(StudyTest, RunsAReplicateOnASeedThatNoTrialOfThePointHad) {
  Study study = make(parabola(10));
  const Trial trial = *study.ask();
  study.tell(trial.number, {.values = {4.0}});
  std::set<std::uint64_t> seeds = {trial.seed};
  for (int k = 0; k < 3; ++k) {
    const std::int64_t number = study.enqueue(trial.point, /*is_replicate=*/true);
    const Trial replicate = *study.ask();
    EXPECT_EQ(replicate.number, number);
    EXPECT_EQ(replicate.point, trial.point);
    EXPECT_EQ(replicate.of_trial, trial.number);
    EXPECT_TRUE(seeds.insert(replicate.seed).second);
    EXPECT_EQ(replicate.seed % 2, 0u);  // still a tuning seed, never one of the confirm stage
    study.tell(number, {.values = {5.0 + k}});
    EXPECT_EQ(read(study, [&](const History& history) { return history.value(number); }), 5.0 + k);
  }
}

TEST_F(StudyTest, AsksEnqueuedPointsBeforeAnythingElse) {
  Study study = make(parabola(10));
  study.enqueue({1.0, 2.0});
  const Trial trial = *study.ask();
  EXPECT_EQ(trial.purpose, Purpose::Enqueued);
  EXPECT_EQ(trial.point, (Point{1.0, 2.0}));
}

TEST_F(StudyTest, RecordsNaNAsAFailureNotAsAValue) {
  Study study = make(parabola(2));
  const Trial trial = *study.ask();
  study.tell(trial.number, {.values = {std::nan("")}});
  study.refresh();
  EXPECT_EQ(read(study, [](const History& history) { return history.failure(0).reason; }),
            FailureReason::NotANumber);
}

TEST_F(StudyTest, RefusesAnUnknownTrialASecondTellAndAWrongNumberOfValues) {
  Study study = make(parabola(5));
  const Trial trial = *study.ask();
  const auto code_of = [&](std::int64_t number, std::vector<double> values) -> std::string {
    try {
      study.tell(number, {.values = std::move(values)});
      return "";
    } catch (const UserError& error) {
      return error.info().code;
    }
  };
  EXPECT_EQ(code_of(17, {1.0}), "study.unknown_trial");
  EXPECT_EQ(code_of(trial.number, {1.0, 2.0}), "study.num_values");
  EXPECT_EQ(code_of(trial.number, {1.0}), "");
  EXPECT_EQ(code_of(trial.number, {1.0}), "study.already_finished");
}

TEST_F(StudyTest, StopsAtTheTargetAndAfterPatience) {
  StudySpec spec = parabola(1000);
  spec.objectives[0].target = 1e9;
  Study reached = make(spec);
  reached.tell(reached.ask()->number, {.values = {1.0}});
  EXPECT_FALSE(reached.ask());

  spec = parabola(1000);
  spec.name = "patient";
  spec.budget.patience = 4;
  Study patient = make(spec);
  int asked = 0;
  while (const std::optional<Trial> trial = patient.ask()) {
    patient.tell(trial->number, {.values = {static_cast<double>(asked++)}});
  }
  EXPECT_EQ(asked, 5);  // the first is the best, then four without improvement
}

TEST_F(StudyTest, ConfirmsFinalistsAndDefaultOnTheSameFreshSeeds) {
  StudySpec spec = parabola(12);
  spec.space_definition = R"({"x": {"float": [-5, 5], "default": 4.0}, "y": {"float": [-5, 5]}})";
  spec.validity = {.tuning_seeds = 1, .confirm_top = 2, .confirm_seeds = 3};
  Study study = make(spec);
  while (const std::optional<Trial> trial = study.ask()) {
    EXPECT_EQ(trial->seed, tuning_seed(spec.seed, 0));
    study.tell(trial->number, {.values = {bowl(trial->point)}});
  }
  std::map<std::int64_t, std::set<std::uint64_t>> seeds;  // finalist -> seeds
  for (;;) {
    const NextTrial next = study.next();
    const auto* trial = std::get_if<Trial>(&next);
    if (trial == nullptr) break;
    EXPECT_EQ(trial->purpose, Purpose::Confirm);
    EXPECT_NE(trial->seed, tuning_seed(spec.seed, 0));
    seeds[trial->of_trial].insert(trial->seed);
    study.tell(trial->number, {.values = {bowl(trial->point)}});
  }
  ASSERT_EQ(seeds.size(), 3u);  // two finalists and the default
  EXPECT_TRUE(seeds.contains(0));
  for (const auto& [number, used] : seeds) {
    EXPECT_EQ(used.size(), 3u);
    EXPECT_EQ(used, seeds.begin()->second);
  }
  EXPECT_EQ(study.stage(), Stage::Done);
}

TEST_F(StudyTest, ContinuesAnExistingStudyAndTakesANewBudget) {
  {
    Study study = make(parabola(3));
    while (const std::optional<Trial> trial = study.ask())
      study.tell(trial->number, {.values = {1.0}});
  }
  Study resumed = make(parabola(5));
  int more = 0;
  while (const std::optional<Trial> trial = resumed.ask()) {
    resumed.tell(trial->number, {.values = {1.0}});
    ++more;
  }
  EXPECT_EQ(more, 2);
  EXPECT_EQ(*Study::open("parabola", registry_, storage_).spec().budget.trials, 5);
}

// Finds nothing at first, as if another process created the study a moment later.
class LateStorage final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  std::optional<StudyRecord> find_study(const std::string& name) const override {
    return num_looks_++ == 0 ? std::nullopt : ForwardingStorage::find_study(name);
  }

 private:
  mutable int num_looks_ = 0;
};

TEST_F(StudyTest, OpensAStudyThatAnotherProcessCreatesAtTheSameMoment) {
  Study first = make(parabola(5));
  Study second(parabola(5), registry_, std::make_shared<LateStorage>(storage_));
  EXPECT_EQ(first.ask()->number, 0);
  EXPECT_EQ(second.ask()->number, 1);
}

TEST_F(StudyTest, RefusesToContinueWithAnotherSpace) {
  make(parabola(3));
  StudySpec other = parabola(3);
  other.space_definition = R"({"x": {"float": [-5.0, 6.0]}, "y": {"float": [-5.0, 5.0]}})";
  try {
    make(other);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "study.changed");
  }
}

TEST_F(StudyTest, NamesTheNearestStudyWhenOneIsUnknown) {
  make(parabola(3));
  try {
    Study::open("parabolla", registry_, storage_);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().hint, "did you mean \"parabola\"?");
  }
}

TEST_F(StudyTest, LeavesNothingBehindWhenTheSamplerIsWrong) {
  StudySpec spec = parabola(3);
  spec.sampler.name = "randon";
  EXPECT_THROW(make(spec), UserError);
  EXPECT_TRUE(storage_->list_studies().empty());
}

TEST_F(StudyTest, CountsWallTimeInsideSessionsOnly) {
  ManualClock clock;
  clock.advance(1'000'000);
  StudySpec spec = parabola(1000);
  spec.budget = {.trials = {}, .wall_seconds = 10.0, .patience = {}};
  Study study(spec, registry_, storage_, clock);
  study.begin_session();
  const Trial first = *study.ask();
  clock.advance(4'000'000);
  study.tell(first.number, {.values = {1.0}});
  clock.advance(3600'000'000);  // a pause
  Study resumed(spec, registry_, storage_, clock);
  resumed.begin_session();
  resumed.refresh();
  EXPECT_NEAR(resumed.wall_seconds(), 4.0, 1e-9);
  ASSERT_TRUE(resumed.ask());
  clock.advance(6'000'001);
  EXPECT_FALSE(resumed.ask());
}

TEST_F(StudyTest, HandsOutEachTrialOnceToManyThreads) {
  StudySpec spec = parabola(400);
  spec.sampler.name = "tpe";
  Study study = make(spec);
  std::mutex mutex;
  std::set<std::int64_t> numbers;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      while (const std::optional<Trial> trial = study.ask()) {
        {
          const std::lock_guard lock(mutex);
          EXPECT_TRUE(numbers.insert(trial->number).second);
        }
        study.tell(trial->number, {.values = {bowl(trial->point)}});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(numbers.size(), 400u);
  EXPECT_EQ(*numbers.rbegin(), 399);
  const ReplayResult replay = replay_study("parabola", registry_, storage_);
  EXPECT_EQ(replay.num_proposals, 400);
  EXPECT_EQ(replay.num_equal, 400) << "first difference: " << replay.first_difference.value_or(-1);
}

TEST(Seeds, OfTuningAndEvaluationAreDisjointByConstruction) {
  std::set<std::uint64_t> tuning;
  for (std::int64_t i = 0; i < 1000; ++i) tuning.insert(tuning_seed(1, i));
  for (std::int64_t i = 0; i < 1000; ++i) {
    EXPECT_LT(evaluation_seed(1, i), std::uint64_t{1} << 31);
    EXPECT_FALSE(tuning.contains(evaluation_seed(1, i)));
  }
}

}  // namespace
}  // namespace trimtab
