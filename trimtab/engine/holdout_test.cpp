// Studies whose values go through a reusable holdout.

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {
namespace {

class HoldoutTest : public ::testing::Test {
 protected:
  static StudySpec guarded(Holdout holdout, std::int64_t trials = 100) {
    StudySpec spec;
    spec.name = "guarded";
    spec.objectives = {{.name = "accuracy", .goal = Goal::Maximise}};
    spec.budget.trials = trials;
    spec.space_definition = R"({"x": [0.0, 1.0]})";
    spec.sampler = {.name = "random", .options = "{}"};
    spec.validity.confirm_top = 0;
    spec.validity.holdout = holdout;
    return spec;
  }
  Study open(const StudySpec& spec) { return Study(spec, registry_, storage_); }
  static Outcome tell(Study& study, double train, double holdout) {
    const std::optional<Trial> trial = study.ask();
    return study.tell(trial.value().number,
                      {.values = {train}, .metrics = {{"held", holdout}, {"seconds", 2.0}}});
  }
  template <typename Read>
  static auto look(Study& study, Read read) {
    study.refresh();
    std::invoke_result_t<Read, const History&> result{};
    study.view([&](const StudyView& view) { result = read(view.history); });
    return result;
  }
  static HoldoutLedger ledger(Study& study) {
    return look(study, [](const History& history) { return history.holdout(); });
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
};

constexpr double kTiny = 1e-7;

TEST_F(HoldoutTest, RecordsTheMechanismsAnswerAndNeverTheHoldoutsValue) {
  Study study = open(
      guarded({.metric = "held", .items = 100, .threshold = 0.1, .noise = kTiny, .budget = 5}));
  EXPECT_EQ(tell(study, 0.8, 0.75).values.front(), 0.8) << "the two agree";
  const double answer = tell(study, 0.9, 0.6).values.front();
  EXPECT_NEAR(answer, 0.6, 1e-4);
  EXPECT_NE(answer, 0.6);
  EXPECT_EQ(ledger(study).num_queries, 2);
  EXPECT_EQ(ledger(study).num_overruns, 1);
  EXPECT_EQ(look(study, [](const History& history) { return history.metrics(1); }),
            (std::map<std::string, double>{{"seconds", 2.0}}));
  EXPECT_EQ(look(study, [](const History& history) { return history.value(1); }), answer);
}

TEST_F(HoldoutTest, ASpentBudgetEndsTheSearchAndReleasesNothing) {
  Study study = open(
      guarded({.metric = "held", .items = 100, .threshold = 0.1, .noise = kTiny, .budget = 2}));
  const std::optional<Trial> late = study.ask();
  tell(study, 0.9, 0.5);
  tell(study, 0.9, 0.5);
  EXPECT_FALSE(study.ask());
  EXPECT_EQ(study.stage(), Stage::Search) << "a trial is still out";
  const Outcome refused = study.tell(late->number, {.values = {0.7}, .metrics = {{"held", 0.7}}});
  EXPECT_EQ(refused.state, TrialState::Failed);
  EXPECT_TRUE(refused.values.empty());
  EXPECT_EQ(refused.failure.detail, "the holdout has spoken 2 times, which is all it may");
  EXPECT_EQ(ledger(study).num_queries, 2);
  EXPECT_EQ(study.stage(), Stage::Done);
}

TEST_F(HoldoutTest, TheLedgerGoesOnInAnotherProcessAndCannotBeLoosened) {
  const Holdout holdout = {
      .metric = "held", .items = 100, .threshold = 0.1, .noise = kTiny, .budget = 3};
  {
    Study first = open(guarded(holdout));
    tell(first, 0.9, 0.5);
  }
  Study second = open(guarded(holdout));
  tell(second, 0.9, 0.5);
  EXPECT_EQ(ledger(second).num_overruns, 2);
  StudySpec looser = guarded(holdout);
  looser.validity.holdout->budget = 1000;
  try {
    open(looser);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "study.changed");
  }
  looser.validity.holdout.reset();
  EXPECT_THROW(open(looser), UserError);
}

TEST_F(HoldoutTest, SharesOfTwoWorkersAddUp) {
  const StudySpec spec =
      guarded({.metric = "held", .items = 100, .threshold = 0.1, .noise = kTiny, .budget = 10});
  Study one = open(spec), two = open(spec);
  for (int i = 0; i < 5; ++i) {
    tell(one, 0.9, 0.5);
    tell(two, 0.9, 0.5);
  }
  EXPECT_FALSE(one.ask());
  EXPECT_FALSE(two.ask());
  EXPECT_EQ(ledger(one).num_overruns, 10);
}

TEST_F(HoldoutTest, AResultThatCannotBeGuardedIsAFailure) {
  Study study = open(
      guarded({.metric = "held", .items = 100, .threshold = 0.1, .noise = kTiny, .budget = 5}));
  EXPECT_EQ(tell(study, 1.2, 0.5).failure.detail,
            "accuracy = 1.2 is not in [0, 1], which a guarded holdout needs");
  EXPECT_EQ(tell(study, 0.5, 80.0).failure.detail, "held is not in [0, 1]")
      << "without the value itself";
  const Outcome silent = study.tell(study.ask().value().number, {.values = {0.5}});
  EXPECT_EQ(silent.failure.detail, "the program never reported held");
  Outcome failed = {.state = TrialState::Failed, .values = {}, .metrics = {{"held", 0.5}}};
  EXPECT_TRUE(study.tell(study.ask().value().number, failed).metrics.empty());
  EXPECT_EQ(ledger(study).num_queries, 0);
}

TEST_F(HoldoutTest, NoiseIsNotAFunctionOfTheStudysSeed) {
  const StudySpec spec =
      guarded({.metric = "held", .items = 100, .threshold = 0.01, .noise = 0.01, .budget = 100});
  std::set<double> answers;
  for (int i = 0; i < 20; ++i) {
    StudySpec copy = spec;
    copy.name += std::to_string(i);
    Study study = open(copy);
    answers.insert(tell(study, 0.9, 0.5).values.front());
  }
  EXPECT_EQ(answers.size(), 20u);
}

// n items of d features, labels of their own: nothing can be learned. The analyst asks about each
// feature, keeps those that look good on what it is told, and asks about their vote.
class PureNoise {
 public:
  PureNoise(std::size_t n, std::size_t d, std::uint64_t seed) : n_(n), d_(d) {
    Rng rng(seed, 0, "pure noise");
    for (auto* set : {&train_, &held_, &fresh_}) {
      set->resize(n * (d + 1));
      for (signed char& value : *set) value = rng.bernoulli(0.5) ? 1 : -1;
    }
  }
  using Set = std::vector<signed char>;
  double accuracy(const Set& set, const std::vector<int>& weights) const {
    std::size_t num_right = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      const signed char* row = set.data() + i * (d_ + 1);
      int vote = 0;
      for (std::size_t j = 0; j < d_; ++j) vote += weights[j] * row[j];
      num_right += (vote >= 0 ? 1 : -1) == row[d_];
    }
    return static_cast<double>(num_right) / static_cast<double>(n_);
  }
  // How often a single feature's sign is the label.
  double agreement(const Set& set, std::size_t feature) const {
    std::size_t num_right = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      const signed char* row = set.data() + i * (d_ + 1);
      num_right += row[feature] == row[d_];
    }
    return static_cast<double>(num_right) / static_cast<double>(n_);
  }
  // Released accuracy of the final vote, and its accuracy on fresh items.
  template <typename Ask>
  std::pair<double, double> analyse(Ask ask) const {
    std::vector<int> weights(d_, 0);
    const double clear = 0.5 / std::sqrt(static_cast<double>(n_));
    for (std::size_t j = 0; j < d_; ++j) {
      const double train = agreement(train_, j) - 0.5;
      const double told = ask(train + 0.5, agreement(held_, j)) - 0.5;
      if (train * told > 0.0 && std::abs(told) > clear) weights[j] = told > 0.0 ? 1 : -1;
    }
    const double released = ask(accuracy(train_, weights), accuracy(held_, weights));
    return {released, accuracy(fresh_, weights)};
  }

 private:
  std::size_t n_, d_;
  Set train_, held_, fresh_;
};

// Source: Dwork et al. 2015, section 4 (no correlation); here each question is a trial of a study.
// The noise is small enough that no draw of it decides.
TEST_F(HoldoutTest, AStudyThatAsksAdaptivelyIsNotFooledWhereAPlainOneIs) {
  constexpr std::size_t kItems = 1000, kFeatures = 1000;
  const PureNoise data(kItems, kFeatures, 11);
  const auto plain = data.analyse([](double, double held) { return held; });
  StudySpec spec = guarded({.metric = "held",
                            .items = static_cast<std::int64_t>(kItems),
                            .threshold = 4.0 / std::sqrt(static_cast<double>(kItems)),
                            .noise = 0.002,
                            .budget = 50},
                           /*trials=*/2000);
  Study study = open(spec);
  const auto asked = data.analyse(
      [&](double train, double held) { return tell(study, train, held).values.front(); });
  EXPECT_GT(plain.first - plain.second, 0.1) << "the plain holdout was used up";
  EXPECT_LT(std::abs(asked.first - asked.second), 0.06);
  EXPECT_EQ(ledger(study).num_queries, 1001);
  EXPECT_EQ(ledger(study).num_overruns, 1) << "of the final vote alone";
}

}  // namespace
}  // namespace trimtab
