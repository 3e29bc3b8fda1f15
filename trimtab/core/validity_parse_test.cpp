#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {
namespace {

StudySpec parse(const std::string& rest) {
  const std::string toml = "[study]\nname = \"s\"\n[space]\nx = [0.0, 1.0]\n" + rest;
  return parse_study(Document::parse(toml, Document::Format::Toml, "study.toml"));
}

std::string problem_of(const std::string& rest) {
  try {
    parse(rest);
  } catch (const UserError& error) {
    return error.info().what;
  }
  return "";
}

StudySpec again(const StudySpec& spec) { return study_from_json(spec.to_json()); }

TEST(Validity, ReadsTheScenariosOfTwoPhases) {
  const StudySpec spec = parse("[validity]\nscenario = { tune = \"A\", evaluate = \"B\" }\n");
  ASSERT_TRUE(spec.validity.scenario);
  EXPECT_EQ(*spec.validity.scenario, (Scenario{"A", "B"}));
  EXPECT_TRUE(spec.has_sealed_data());
  EXPECT_EQ(again(spec).validity.scenario, spec.validity.scenario);
  EXPECT_FALSE(parse("").has_sealed_data());
}

TEST(Validity, AScenarioNeedsSomebodyToEvaluateAndAnotherPlace) {
  EXPECT_EQ(problem_of("[validity]\nscenario = { tune = \"A\", evaluate = \"A\" }\n"),
            "\"evaluate\" is what is tuned on");
  EXPECT_EQ(problem_of("[validity]\nconfirm = false\nscenario = { tune = \"A\", evaluate = \"B\" "
                       "}\n"),
            "\"scenario\" has nobody to evaluate on it");
  EXPECT_EQ(problem_of("[validity]\nscenario = { tune = \"A\" }\n"),
            "the confirm stage has no scenario");
}

TEST(Validity, AHoldoutsThresholdAndNoiseFollowItsSize) {
  const StudySpec spec =
      parse("[validity]\nconfirm = false\nholdout = { metric = \"held\", items = 400 }\n");
  ASSERT_TRUE(spec.validity.holdout);
  EXPECT_DOUBLE_EQ(spec.validity.holdout->threshold, 0.2);
  EXPECT_DOUBLE_EQ(spec.validity.holdout->noise, 0.0125);
  EXPECT_EQ(spec.validity.holdout->budget, 50);
  EXPECT_EQ(again(spec).validity.holdout, spec.validity.holdout);
}

TEST(Validity, RefusesWhateverElseCouldSpeakOfTheHoldout) {
  const std::string holdout = "holdout = { metric = \"held\", items = 400 }\n";
  EXPECT_EQ(problem_of("[validity]\n" + holdout),
            "\"holdout\" leaves the confirm stage without data of its own");
  EXPECT_EQ(problem_of("[pruner]\nname = \"median\"\n[validity]\nconfirm = false\n" + holdout),
            "\"holdout\" cannot answer while a trial runs");
  EXPECT_EQ(problem_of("[fidelity]\nmax = 9\n[validity]\nconfirm = false\n" + holdout),
            "\"holdout\" cannot answer below the full fidelity");
  EXPECT_EQ(problem_of("[validity]\nconfirm = false\nholdout = { metric = \"loss\", items = 9 }\n"),
            "\"holdout\" has a metric that the search sees");
  EXPECT_EQ(problem_of("[validity]\nscenario = { tune = \"A\", evaluate = \"B\" }\n" + holdout),
            "");
}

TEST(Validity, ReadsAComputeClass) {
  const StudySpec spec = parse(
      "[fidelity]\nname = \"steps\"\nmax = 1e6\n[validity]\ncompute_class = { time = \"2m\", "
      "clock = \"wall\" }\n");
  ASSERT_TRUE(spec.validity.compute_class);
  EXPECT_EQ(spec.validity.compute_class->seconds, 120.0);
  EXPECT_TRUE(spec.validity.compute_class->is_wall);
  EXPECT_EQ(again(spec).validity.compute_class, spec.validity.compute_class);
  EXPECT_EQ(problem_of("[validity]\ncompute_class = { time = 5 }\n"),
            "\"compute_class\" has no unit to measure");
  EXPECT_EQ(problem_of("[fidelity]\nmax = 9\nschedule = \"asha\"\n[validity]\ncompute_class = { "
                       "time = 5 }\n"),
            "\"compute_class\" gives every trial its whole time");
}

TEST(Data, ReadsFilesOrATableWithItsSplit) {
  const StudySpec files = parse("[data]\ntune = \"a.csv\"\nevaluate = [\"b.csv\", \"c.csv\"]\n");
  EXPECT_EQ(files.data.tune, std::vector<std::string>{"a.csv"});
  EXPECT_EQ(files.data.evaluate, (std::vector<std::string>{"b.csv", "c.csv"}));
  EXPECT_EQ(again(files).data, files.data);
  const StudySpec table = parse(
      "[data]\ntable = \"a.csv\"\nlabel = \"kind\"\n[data.split]\n"
      "by = \"class\"\nfolds = 3\nsealed = [\"x\", \"y\"]\n"
      "reshuffle = true\n");
  ASSERT_TRUE(table.data.split);
  EXPECT_TRUE(table.data.split->is_by_class);
  EXPECT_TRUE(table.data.split->is_reshuffled);
  EXPECT_EQ(table.data.split->sealed_classes, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(table.validity.tuning_seeds, 3) << "one run a fold";
  EXPECT_TRUE(table.has_sealed_data());
  EXPECT_EQ(again(table).data, table.data);
  EXPECT_TRUE(parse("[data]\ntable = \"a.csv\"\n").data.split) << "five folds and a fifth sealed";
}

TEST(Data, RefusesWhatContradictsItself) {
  EXPECT_EQ(problem_of("[data]\ntable = \"a.csv\"\ntune = \"b.csv\"\n"),
            "\"table\" cannot stand beside \"tune\" and \"evaluate\"");
  EXPECT_EQ(problem_of("[data]\nsplit = { folds = 3 }\n"), "\"split\" has nothing to split");
  EXPECT_EQ(problem_of("[data]\ntable = \"a.csv\"\nsplit = { by = \"class\" }\n"),
            "\"split\" needs the classes");
  EXPECT_EQ(problem_of("[data]\ntable = \"a.csv\"\nsplit = { sealed = [\"x\"] }\n"),
            "\"sealed\" names classes, but rows are dealt");
  EXPECT_EQ(problem_of("[data]\ntable = \"a.csv\"\nsplit = { outer = { folds = 3, fold = 3 } }\n"),
            "\"fold\" is out of range");
  EXPECT_EQ(problem_of("[data]\ntune = []\n"), "\"tune\" is no list of texts");
}

}  // namespace
}  // namespace trimtab
