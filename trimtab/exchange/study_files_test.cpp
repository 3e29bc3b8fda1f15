// Study files from sweep files of other programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "trimtab/base/document.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/engine/study_check.hpp"
#include "trimtab/exchange/format.hpp"

namespace trimtab::exchange {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kSweep = R"(program: train.py
name: demo/1
description: a demo
method: bayes
metric: {goal: maximize, name: val/acc, target: 0.9}
run_cap: 40
parameters:
  rate: {min: 0.0001, max: 0.1}
  log: {distribution: log_uniform_values, min: 1e-5, max: 1e-1}
  exponent: {distribution: log_uniform, min: 0, max: 1}
  batch: {distribution: q_log_uniform_values, q: 8, min: 32, max: 256}
  units: {min: 16, max: 256}
  drop: {distribution: q_uniform, min: 0.0, max: 0.5, q: 0.1}
  weight: {distribution: normal, mu: 1, sigma: 0.5}
  beta: {distribution: beta, a: 2, b: 2}
  epochs: {value: 10}
  mixed: {values: [adam, 1, null, [1, 2], adam]}
  outer:
    parameters:
      kind: {values: [x, y], probabilities: [0.25, 0.75]}
early_terminate: {type: hyperband, s: 2, eta: 3, max_iter: 27}
command: ["${env}", python3, "${program}", "${args}", --cfg, my file.json, "${args_json}"]
)";

constexpr const char* kSpace = R"({
  "rate": {"_type": "loguniform", "_value": [0.0001, 0.1]},
  "batch": {"_type": "quniform", "_value": [16, 256, 16]},
  "n": {"_type": "randint", "_value": [1, 10]},
  "w": {"_type": "lognormal", "_value": [0, 1]},
  "layer": {"_type": "choice", "_value": [{"_name": "empty"},
    {"_name": "conv", "k": {"_type": "choice", "_value": [1, 3, 5]}}]}})";

constexpr const char* kExperiment = R"(apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {namespace: kubeflow, name: random}
spec:
  objective: {type: maximize, goal: 0.99, objectiveMetricName: accuracy}
  algorithm: {algorithmName: bayesianoptimization}
  parallelTrialCount: 3
  maxTrialCount: 12
  maxFailedTrialCount: 3
  parameters:
    - {name: lr, parameterType: double, feasibleSpace: {min: "0.01", max: "0.03", distribution: logUniform}}
    - {name: num-layers, parameterType: int, feasibleSpace: {min: "2", max: "6", step: "2"}}
    - {name: optimizer, parameterType: categorical, feasibleSpace: {list: [sgd, adam]}}
    - {name: size, parameterType: discrete, feasibleSpace: {list: ["16", "0.5"]}}
  earlyStopping:
    algorithmName: medianstop
    algorithmSettings: [{name: min_trials_required, value: "3"}, {name: start_step, value: "4"}]
  trialTemplate:
    trialParameters:
      - {name: learningRate, reference: lr}
      - {name: layers, reference: num-layers}
    trialSpec:
      spec: {containers: [{image: x/y, command: [python3, "--lr=${trialParameters.learningRate}",
        "${trialParameters.layers}"], args: ["a b{}"]}]}
)";

class StudyFiles : public ::testing::Test {
 protected:
  StudyFiles() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "trimtab-files-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~StudyFiles() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    return path;
  }

  // Made by the format that recognises the file.
  StudyFileText make(const std::string& name, const std::string& text) {
    const SourceFile source = open_source(write(name, text));
    const Format& format = find_format(formats_, "", source);
    recognised_ = format.name;
    return make_study_file(format, source);
  }

  // As `trimtab run` reads it.
  static StudySpec read(const StudyFileText& file) {
    static const Registry registry = make_registry();
    const Document document = Document::parse(file.text, Document::Format::Toml, "written");
    const auto where = [&](std::string_view place) { return document.where(place); };
    return parse_study(document,
                       {[&](StudySpec& spec) { check_against_registry(spec, registry, where); }});
  }

  static Json space_of(const StudyFileText& file) {
    return Document::parse(file.text, Document::Format::Toml, "written").root().at("space");
  }

  std::string errors_of(const std::string& name, const std::string& text) {
    try {
      make(name, text);
      return "";
    } catch (const UserError& error) {
      return error.what();
    }
  }

  std::filesystem::path folder_;
  std::vector<Format> formats_ = make_formats();
  std::string recognised_;
};

TEST_F(StudyFiles, OfASweepHaveItsParameters) {
  const StudyFileText file = make("sweep.yaml", kSweep);
  EXPECT_EQ(recognised_, "wandb");
  const Json space = space_of(file);
  const auto expect = [&](const char* name, const char* definition) {
    EXPECT_EQ(space.at(name), Json::parse(definition)) << name;
  };
  expect("rate", R"({"float": [0.0001, 0.1]})");
  expect("log", R"({"float": [1e-5, 0.1], "log": true})");
  expect("exponent", R"({"float": [1.0, 2.718281828459045], "log": true})");
  expect("batch", R"({"int": [32, 256], "log": true, "step": 8})");
  expect("units", R"({"int": [16, 256]})");
  expect("drop", R"({"float": [0.0, 0.5], "step": 0.1})");
  expect("weight", R"({"float": [-1.0, 3.0], "prior": {"normal": [1.0, 0.5]}})");
  expect("epochs", R"({"choice": [10]})");
  expect("mixed", R"({"choice": ["adam", 1, "None", "[1,2]"]})");
  expect("outer.kind", R"({"choice": ["x", "y"], "prior": {"weights": [0.25, 0.75]}})");
  EXPECT_NEAR(space.at("beta").at("prior").at("normal").at(1).get<double>(), std::sqrt(0.05),
              1e-12);
}

TEST_F(StudyFiles, OfASweepHaveItsRules) {
  const StudySpec spec = read(make("sweep.yaml", kSweep));
  EXPECT_EQ(spec.name, "demo-1");
  EXPECT_EQ(spec.objectives.at(0).name, "val/acc");
  EXPECT_EQ(spec.objectives.at(0).goal, Goal::Maximise);
  EXPECT_EQ(spec.objectives.at(0).target, 0.9);
  EXPECT_EQ(spec.budget.trials, 40);
  EXPECT_EQ(spec.sampler.name, "auto");
  EXPECT_EQ(spec.pruner.name, "successive_halving");
  EXPECT_EQ(Json::parse(spec.pruner.options), Json::parse(R"({"min_step": 3.0, "eta": 3.0})"));
  EXPECT_THAT(spec.program.command,
              HasSubstr("/usr/bin/env python3 train.py --rate={rate} --log={log} "));
  EXPECT_THAT(spec.program.command, HasSubstr(" --outer.kind={outer.kind} --cfg 'my file.json' "
                                              "\"$TRIMTAB_PARAMS\""));
}

TEST_F(StudyFiles, SayWhatIsNotTheSame) {
  const StudyFileText file = make("sweep.yaml", kSweep);
  const std::string place = (folder_ / "sweep.yaml").string();
  EXPECT_THAT(file.notes,
              Contains(::testing::AllOf(HasSubstr(place + ":3:"),
                                        HasSubstr(": description = \"a demo\" is left out"))));
  EXPECT_THAT(file.notes, Contains(HasSubstr("the value becomes the text \"None\"")));
  EXPECT_THAT(file.notes, Contains(HasSubstr("the value \"adam\" stands twice")));
  for (const std::string& note : file.notes) EXPECT_THAT(file.text, HasSubstr("# - " + note));
}

TEST_F(StudyFiles, RefuseAllThatASweepCannotSayWithItsPlace) {
  const std::string errors = errors_of("bad.yaml", R"(method: evolve
program: a.py
parameters:
  a: {distribution: unifrom, min: 0, max: 1}
  b: {min: 3, max: 1}
  c: {values: []}
  d: {distribution: q_normal, sigma: 0}
  e: 5
command: ["${program}", "${args_json_file}", "x${args}"]
)");
  for (const char* part :
       {"bad.yaml:4:", "did you mean \"uniform\"?", "bad.yaml:5:", "the range is empty",
        "bad.yaml:6:", "there are no values",
        "bad.yaml:7:", "bad.yaml:8:", "the parameter is no table", "the macro has no counterpart",
        "a macro stands inside of a word", "the method is not known"}) {
    EXPECT_THAT(errors, HasSubstr(part));
  }
  EXPECT_THAT(errors_of("list.yaml", "method: random\nparameters: {a: {values: {b: 1}}}\n"),
              HasSubstr("there are no values"));
}

TEST_F(StudyFiles, OfASearchSpaceOfNniHaveItsTree) {
  const StudyFileText file = make("space.json", kSpace);
  EXPECT_EQ(recognised_, "nni");
  const Json space = space_of(file);
  EXPECT_EQ(space.at("rate"), Json::parse(R"({"float": [0.0001, 0.1], "log": true})"));
  EXPECT_EQ(space.at("batch"), Json::parse(R"({"float": [16.0, 256.0], "step": 16.0})"));
  EXPECT_EQ(space.at("n"), Json::parse(R"({"int": [1, 9]})"));
  EXPECT_EQ(space.at("w").at("prior"), Json::parse(R"({"normal": [0.0, 1.0]})"));
  EXPECT_EQ(space.at("layer"),
            Json::parse(R"({"one_of": {"empty": {}, "conv": {"k": {"choice": [1, 3, 5]}}}})"));
  EXPECT_EQ(read(file).name, "space");
}

TEST_F(StudyFiles, OfAnExperimentOfNniReadItsSearchSpaceToo) {
  write("space.json", kSpace);
  const StudyFileText file = make("nni.yml", R"(experimentName: mnist
searchSpaceFile: space.json
trialCommand: python3 mnist.py
trialConcurrency: 2
maxTrialNumber: 20
maxExperimentDuration: 24h
tuner: {name: TPE, classArgs: {optimize_mode: maximize}}
assessor: {name: Medianstop, classArgs: {optimize_mode: maximize, start_step: 5}}
trainingService: {platform: local}
)");
  EXPECT_EQ(recognised_, "nni");
  const StudySpec spec = read(file);
  EXPECT_EQ(spec.name, "mnist");
  EXPECT_EQ(spec.objectives.at(0).goal, Goal::Maximise);
  EXPECT_EQ(spec.parallel, 2);
  EXPECT_EQ(spec.budget.trials, 20);
  EXPECT_EQ(spec.budget.wall_seconds, 86400.0);
  EXPECT_EQ(spec.sampler.name, "tpe");
  EXPECT_EQ(spec.pruner.name, "median");
  EXPECT_EQ(spec.program.command, "python3 mnist.py");
  EXPECT_THAT(file.notes, Contains(HasSubstr("trainingService = ")));
  EXPECT_THAT(file.notes, Contains(HasSubstr("space.json:")));
}

TEST_F(StudyFiles, OfKatibHaveTheCommandOfTheContainer) {
  const StudyFileText file = make("katib.yaml", kExperiment);
  EXPECT_EQ(recognised_, "katib");
  const StudySpec spec = read(file);
  EXPECT_EQ(spec.name, "random");
  EXPECT_EQ(spec.objectives.at(0).target, 0.99);
  EXPECT_EQ(spec.parallel, 3);
  EXPECT_EQ(spec.budget.trials, 12);
  EXPECT_EQ(spec.sampler.name, "gp");
  EXPECT_EQ(Json::parse(spec.pruner.options),
            Json::parse(R"({"startup_trials": 3, "warmup": 4.0})"));
  EXPECT_EQ(spec.program.command, "python3 --lr={lr} {num-layers} 'a b{{}}'");
  const Json space = space_of(file);
  EXPECT_EQ(space.at("lr"), Json::parse(R"({"float": [0.01, 0.03], "log": true})"));
  EXPECT_EQ(space.at("num-layers"), Json::parse(R"({"int": [2, 6], "step": 2})"));
  EXPECT_EQ(space.at("size"), Json::parse(R"({"ordinal": [16, 0.5]})"));
  EXPECT_THAT(file.notes, Contains(HasSubstr("maxFailedTrialCount = 3 is left out")));
  EXPECT_THAT(file.notes, Contains(HasSubstr("image = \"x/y\" is left out")));
}

TEST_F(StudyFiles, AreNotMadeFromFilesOfAnotherShape) {
  EXPECT_THAT(errors_of("a.yaml", "a: 1\n"), HasSubstr("the source is of no known format"));
  EXPECT_THAT(errors_of("k.yaml", "kind: Experiment\napiVersion: kubeflow.org/v1\nspec: [1]\n"),
              HasSubstr("import.structure"));
  EXPECT_THAT(errors_of("n.json", R"({"a": {"_type": "layer_choice", "_value": []}})"),
              HasSubstr("there is no such type of parameter"));
}

}  // namespace
}  // namespace trimtab::exchange
