#include "trimtab/engine/auto_policy.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "trimtab/base/testing/places.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/replay.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {
namespace {

StudySpec study(const std::string& space, std::int64_t trials, std::size_t num_objectives = 1) {
  StudySpec spec;
  spec.name = "auto";
  spec.space_definition = space;
  if (trials > 0) {
    spec.budget.trials = trials;
  } else {
    spec.budget.wall_seconds = 1e6;
  }
  spec.objectives.assign(num_objectives, Objective{});
  for (std::size_t k = 0; k < num_objectives; ++k) {
    spec.objectives[k].name = "f" + std::to_string(k);
  }
  spec.validity.confirm_top = 0;
  return spec;
}

// What "auto" stands for; also checks that the choice can handle the study.
std::string choice_for(const StudySpec& spec) {
  const Space parsed = Space::parse_text(spec.space_definition);
  const AutoDecision decision = resolve_auto(spec, parsed);
  EXPECT_NE(decision.reason, "");
  EXPECT_EQ(resolve_sampler(spec, parsed).name, decision.choice.name);
  make_registry().make_sampler(decision.choice, parsed, {.num_objectives = spec.objectives.size()},
                               "test");
  return decision.choice.name;
}

std::string cube(int d) {
  Json space = Json::object();
  for (int j = 0; j < d; ++j) space["x" + std::to_string(j)] = {0.0, 1.0};
  return space.dump();
}

TEST(AutoPolicy, TakesTheFirstRuleThatMatches) {
  const std::string ten = R"({"n": {"int": [1, 10]}})";
  EXPECT_EQ(choice_for(study(ten, 10)), "grid");
  EXPECT_EQ(choice_for(study(ten, 9)), "gp");
  EXPECT_EQ(choice_for(study(cube(3), 100)), "gp");
  EXPECT_EQ(choice_for(study(cube(3), 500)), "gp");
  EXPECT_EQ(choice_for(study(cube(3), 501)), "cmaes");
  EXPECT_EQ(choice_for(study(cube(3), 0)), "gp");  // until time runs out
  EXPECT_EQ(choice_for(study(cube(60), 400)), "tpe");
  EXPECT_EQ(choice_for(study(cube(9), 10)), "sobol");
  EXPECT_EQ(choice_for(study(cube(1), 100, 2)), "evolution");
  StudySpec rungs = study(cube(2), 40);
  rungs.fidelity.emplace();
  EXPECT_EQ(choice_for(rungs), "tpe");
  StudySpec wide = study(cube(2), 40);
  wide.parallel = 20;
  EXPECT_EQ(choice_for(wide), "sobol");
}

TEST(AutoPolicy, LeavesANamedSamplerAlone) {
  StudySpec spec;
  spec.sampler.name = "random";
  EXPECT_EQ(resolve_sampler(spec, Space::parse_text(R"({"n": {"int": [1, 2]}})")).name, "random");
}

TEST(AutoPolicy, StepsDownWhenASuggestionTakesMoreThanATenthOfATrial) {
  const AutoMeasurement dear = {.ask_seconds = {0.02, 0.02, 0.02, 0.02, 9.0},
                                .trial_seconds = {0.1, 0.1, 0.1, 0.1, 0.1},
                                .num_trials = 20};
  const auto next = reconsider({.name = "gp"}, dear);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->choice.name, "tpe");
  EXPECT_EQ(next->reason, "a suggestion of gp took 20 ms, more than 10 % of a trial's 100 ms");
  EXPECT_EQ(reconsider({.name = "tpe"}, dear)->choice.name, "cmaes");
  EXPECT_EQ(reconsider({.name = "cmaes"}, dear)->choice.name, "random");
  EXPECT_FALSE(reconsider({.name = "random"}, dear));
  EXPECT_FALSE(reconsider({.name = "grid"}, dear));
}

TEST(AutoPolicy, StaysWhileItIsCheapOrNothingIsKnown) {
  AutoMeasurement measured = {.ask_seconds = {0.009, 0.009, 0.009, 0.009, 9.0},
                              .trial_seconds = {0.1, 0.1, 0.1, 0.1, 0.1}};
  EXPECT_FALSE(reconsider({.name = "gp"}, measured));
  measured.ask_seconds.assign(5, 1.0);
  measured.trial_seconds.assign(4, 0.1);
  EXPECT_FALSE(reconsider({.name = "gp"}, measured));  // four trials are too few
  measured = {.ask_seconds = std::vector<double>(5, 1e-4),
              .trial_seconds = std::vector<double>(5, 1e-6)};
  EXPECT_FALSE(reconsider({.name = "tpe"}, measured));  // nobody waits for 0.1 ms
}

TEST(AutoPolicy, LeavesTheGaussianProcessWhenAStudyOfUnknownLengthGrows) {
  EXPECT_FALSE(reconsider({.name = "gp"}, {.num_trials = 999}));
  EXPECT_EQ(reconsider({.name = "gp"}, {.num_trials = 1000})->choice.name, "tpe");
}

TEST(AutoPolicy, WritesEveryDecisionIntoTheLogAndReplaysIt) {
  const Registry registry = make_registry();
  const std::shared_ptr<Storage> storage = registry.open_storage("memory:");
  Study running(study(cube(2), 40), registry, storage);
  while (const std::optional<Trial> trial = running.ask()) {
    const double loss = trial->point[0] + trial->point[1];
    // Told as so short that no suggestion of a model may take as long.
    running.tell(trial->number, {.values = {loss}, .resources = {.wall_seconds = 1e-5}});
  }
  running.view([](const StudyView& view) {
    const std::vector<AutoDecision> decisions = auto_decisions(view.history);
    ASSERT_GE(decisions.size(), 2U);
    EXPECT_EQ(decisions[0].choice.name, "gp");
    EXPECT_EQ(decisions[1].choice.name, "tpe");
  });
  const ReplayResult replayed = replay_study("auto", registry, storage);
  EXPECT_EQ(replayed.num_proposals, 40);
  EXPECT_EQ(replayed.num_equal, 40);
}

// The thresholds against what they were chosen from: on the problems that were used for choosing,
// the sampler that the policy takes at a budget is the best of those that were measured there.
// As a storage may when another process was faster.
class AsksTwice final : public Storage {
 public:
  explicit AsksTwice(std::unique_ptr<Storage> kept) : kept_(std::move(kept)) {}
  StudyRecord create_study(const std::string& name, const std::string& spec,
                           Timestamp now) override {
    return kept_->create_study(name, spec, now);
  }
  std::optional<StudyRecord> find_study(const std::string& name) const override {
    return kept_->find_study(name);
  }
  std::vector<StudyRecord> list_studies() const override { return kept_->list_studies(); }
  void delete_study(StudyId study) override { kept_->delete_study(study); }
  void read(StudyId study, Sequence after, const Visitor& visit) const override {
    kept_->read(study, after, visit);
  }
  Sequence transact(StudyId study, Sequence after, Durability durability, const Visitor& visit,
                    const Decide& decide) override {
    return kept_->transact(study, after, durability, visit, [&](Sequence last) {
      decide(last);
      return decide(last);
    });
  }

 private:
  std::unique_ptr<Storage> kept_;
};

TEST(AutoPolicy, IsWrittenDownHoweverOftenAStepIsDecided) {
  const Registry registry = make_registry();
  StudySpec spec;
  spec.name = "twice";
  spec.budget.trials = 30;
  spec.space_definition = R"({"x": [0.0, 1.0], "y": [0.0, 1.0]})";
  const auto trials_of = [&](std::shared_ptr<Storage> storage) {
    Study study(spec, registry, std::move(storage));
    std::vector<Point> points;
    for (int i = 0; i < 12; ++i) {
      const std::optional<Trial> trial = study.ask();
      points.push_back(trial->point);
      study.tell(trial->number, {.values = {trial->point[0]}});
    }
    study.view([&](const StudyView& view) { EXPECT_EQ(auto_decisions(view.history).size(), 1u); });
    return points;
  };
  EXPECT_EQ(trials_of(std::make_shared<AsksTwice>(registry.open_storage("memory:"))),
            trials_of(registry.open_storage("memory:")));
}

TEST(AutoPolicy, ItsThresholdsAgreeWithTheEvidence) {
  std::ifstream file(source_folder() + "/bench/efficiency/auto_evidence.json");
  const Json evidence = Json::parse(file);
  ASSERT_GE(evidence.at("rows").size(), 5U);
  for (const Json& row : evidence.at("rows")) {
    const auto budget = row.at("trials").get<std::int64_t>();
    const std::string chosen = choice_for(study(cube(6), budget));
    ASSERT_TRUE(row.at("scores").contains(chosen)) << budget;
    for (const auto& [sampler, score] : row.at("scores").items()) {
      EXPECT_LE(row.at("scores").at(chosen).get<double>(), score.get<double>())
          << sampler << " is better than " << chosen << " at " << budget;
    }
  }
}

}  // namespace
}  // namespace trimtab
