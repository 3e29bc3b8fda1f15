#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {
namespace {

StudySpec parse(const std::string& toml) {
  return parse_study(Document::parse(toml, Document::Format::Toml, "study.toml"));
}

constexpr const char* kComplete = R"(
[study]
name       = "svm-breast-cancer"
objectives = [{ name = "auc", goal = "max", target = 0.995 }, "seconds"]
budget     = { trials = 100, wall = "20m", stop = { patience = 40 } }
parallel   = 2
seed       = 7

[space]
C      = { float = [1e-3, 1e3], log = true, default = 1.0 }
kernel = { choice = ["rbf", "poly", "linear"] }
degree = { int = [2, 5], when = { kernel = "poly" } }

[program]
command     = "python3 train.py --C {C} --kernel {kernel} {degree:--degree %d} --seed {trial.seed} {file:model.json}"
environment = { OMP_NUM_THREADS = 1, MODE = "fast", DEBUG = false }
directory   = "work"
files       = [{ source = "templates/model.json" }, { source = "a.toml", destination = "b/a.toml" }]
limits      = { wall = "60s", memory = "2G", cpus = 1.5, retries = 1, grace = 0 }

[sampler]
name       = "tpe"
candidates = 24

[validity]
tuning_seeds = 2
confirm      = { top = 4, seeds = 12 }
)";

TEST(StudyFile, ReadsEverySection) {
  const StudySpec spec = parse(kComplete);
  EXPECT_EQ(spec.name, "svm-breast-cancer");
  ASSERT_EQ(spec.objectives.size(), 2u);
  EXPECT_EQ(spec.objectives[0].name, "auc");
  EXPECT_EQ(spec.objectives[0].goal, Goal::Maximise);
  EXPECT_EQ(spec.objectives[0].target, 0.995);
  EXPECT_EQ(spec.objectives[1].name, "seconds");
  EXPECT_EQ(spec.objectives[1].goal, Goal::Minimise);
  EXPECT_EQ(spec.budget.trials, 100);
  EXPECT_EQ(spec.budget.wall_seconds, 1200.0);
  EXPECT_EQ(spec.budget.patience, 40);
  EXPECT_EQ(spec.parallel, 2);
  EXPECT_EQ(spec.seed, 7u);
  EXPECT_EQ(Space::parse_text(spec.space_definition).num_dimensions(), 3u);
  EXPECT_TRUE(spec.program.command.starts_with("python3 train.py"));
  EXPECT_EQ(spec.program.environment,
            (std::map<std::string, std::string>{
                {"OMP_NUM_THREADS", "1"}, {"MODE", "fast"}, {"DEBUG", "false"}}));
  EXPECT_EQ(spec.program.directory, "work");
  ASSERT_EQ(spec.program.files.size(), 2u);
  EXPECT_EQ(spec.program.files[0].destination, "model.json");
  EXPECT_EQ(spec.program.files[1].destination, "b/a.toml");
  EXPECT_EQ(spec.program.limits.wall_seconds, 60.0);
  EXPECT_EQ(spec.program.limits.memory_bytes, 2147483648.0);
  EXPECT_EQ(spec.program.limits.cpus, 1.5);
  EXPECT_EQ(spec.program.limits.retries, 1);
  EXPECT_EQ(spec.program.limits.grace_seconds, 0.0);
  EXPECT_EQ(spec.sampler.name, "tpe");
  EXPECT_EQ(spec.sampler.options, R"({"candidates":24})");
  EXPECT_EQ(spec.validity.tuning_seeds, 2);
  EXPECT_EQ(spec.validity.confirm_top, 4);
  EXPECT_EQ(spec.validity.confirm_seeds, 12);
}

TEST(StudyFile, HasDefaultsForAllButTheName) {
  const StudySpec spec = parse("[study]\nname = \"s\"\n[space]\nx = { float = [0.0, 1.0] }\n");
  const StudySpec defaults;
  EXPECT_EQ(spec.objectives.size(), 1u);
  EXPECT_EQ(spec.objectives[0].name, "loss");
  EXPECT_FALSE(spec.budget.trials || spec.budget.wall_seconds || spec.budget.patience);
  EXPECT_EQ(spec.parallel, defaults.parallel);
  EXPECT_EQ(spec.seed, defaults.seed);
  EXPECT_EQ(spec.sampler.name, "auto");
  EXPECT_EQ(spec.sampler.options, "{}");
  EXPECT_EQ(spec.validity.confirm_top, defaults.validity.confirm_top);
  EXPECT_EQ(spec.program.command, "");
}

TEST(StudyFile, ReadsTheShortForms) {
  const StudySpec spec = parse(R"(
sampler = "random"
[study]
name = "s"
objective = { name = "error", goal = "minimise" }
budget = { wall = 90, patience = 3 }
[program]
workload = "digits"
options = { layers = 2 }
env = { A = "b" }
[validity]
confirm = false
)");
  EXPECT_EQ(spec.sampler.name, "random");
  EXPECT_EQ(spec.objectives[0].name, "error");
  EXPECT_EQ(spec.budget.wall_seconds, 90.0);
  EXPECT_EQ(spec.budget.patience, 3);
  EXPECT_EQ(spec.program.workload, "digits");
  EXPECT_EQ(spec.program.workload_options, R"({"layers":2})");
  EXPECT_EQ(spec.program.environment.at("A"), "b");
  EXPECT_EQ(spec.validity.confirm_top, 0);
  EXPECT_EQ(spec.space_definition, "{}");
  EXPECT_EQ(parse("[study]\nname = \"s\"\n[validity]\nconfirm = true\n").validity.confirm_top, 3);
}

TEST(StudyFile, KnowsEverySpellingOfTheGoal) {
  for (const char* word : {"min", "minimise", "minimize"}) {
    EXPECT_EQ(parse("[study]\nname='s'\nobjective={name='a', goal='" + std::string(word) + "'}")
                  .objectives[0]
                  .goal,
              Goal::Minimise);
  }
  for (const char* word : {"max", "maximise", "maximize"}) {
    EXPECT_EQ(parse("[study]\nname='s'\nobjective={name='a', goal='" + std::string(word) + "'}")
                  .objectives[0]
                  .goal,
              Goal::Maximise);
  }
}

TEST(StudyFile, MeansTheSameInYamlAndJson) {
  const Document toml = Document::parse(kComplete, Document::Format::Toml, "s");
  const Document json = Document::parse(toml.root().dump(2), Document::Format::Json, "s");
  const Document yaml = Document::parse(toml.root().dump(2), Document::Format::Yaml, "s");
  const Json expected = parse_study(toml).to_json();
  EXPECT_EQ(parse_study(json).to_json(), expected);
  EXPECT_EQ(parse_study(yaml).to_json(), expected);
}

TEST(StudySpec, CanonicalJsonGivesAnEqualSpec) {
  for (const StudySpec& spec : {parse(kComplete), parse("[study]\nname = \"s\"\n")}) {
    const Json json = spec.to_json();
    const StudySpec again = study_from_json(Json::parse(json.dump()));
    EXPECT_EQ(again.to_json().dump(), json.dump());
    EXPECT_EQ(again.name, spec.name);
    EXPECT_EQ(again.space_definition, spec.space_definition);
    EXPECT_EQ(again.program.command, spec.program.command);
    EXPECT_EQ(again.sampler.options, spec.sampler.options);
    EXPECT_EQ(again.program.limits.memory_bytes, spec.program.limits.memory_bytes);
  }
}

TEST(StudySpec, CanonicalJsonIsAStudyFile) {
  const StudySpec spec = parse(kComplete);
  const Document file =
      Document::parse(spec.to_json().dump(2), Document::Format::Json, "study.json");
  EXPECT_EQ(parse_study(file).to_json(), spec.to_json());
}

RC_GTEST_PROP(StudySpec, CanonicalJsonKeepsEveryNumber,
              (std::uint64_t seed, std::uint16_t trials, std::uint16_t wall, std::uint8_t retries,
               bool has_patience)) {
  StudySpec spec;
  spec.name = "s";
  spec.seed = seed;
  spec.budget.trials = 1 + trials;
  spec.budget.wall_seconds = (1.0 + wall) / 7.0;
  if (has_patience) spec.budget.patience = 1 + retries;
  spec.program.command = "true";
  spec.program.limits.retries = retries;
  spec.program.limits.memory_bytes = 1.0 + static_cast<double>(seed);
  const StudySpec again = study_from_json(Json::parse(spec.to_json().dump()));
  RC_ASSERT(again.seed == spec.seed);
  RC_ASSERT(again.budget.trials == spec.budget.trials);
  RC_ASSERT(again.budget.wall_seconds == spec.budget.wall_seconds);
  RC_ASSERT(again.budget.patience == spec.budget.patience);
  RC_ASSERT(again.program.limits.retries == spec.program.limits.retries);
  RC_ASSERT(again.program.limits.memory_bytes == spec.program.limits.memory_bytes);
}

TEST(StudySpec, RefusesJsonThatIsNoStudy) {
  EXPECT_THROW(study_from_json(Json::parse("[]")), UserError);
  EXPECT_THROW(study_from_json(Json::parse("{\"study\": {}}")), UserError);
  EXPECT_THROW(study_from_json(Json::parse(R"({"study": {"name": "s"}, "x": 1})")), UserError);
}

class SetByPath : public ::testing::Test {
 protected:
  std::string set(const std::string& assignment) {
    set_by_path(root_, assignment);
    return root_.dump();
  }
  std::string error_of(const std::string& assignment) {
    try {
      set_by_path(root_, assignment);
      return "no error";
    } catch (const UserError& error) {
      return error.what();
    }
  }
  Json root_ = Json::parse(R"({"study":{"name":"a","objectives":[{"name":"x"}]}})");
};

TEST_F(SetByPath, ReplacesAndAddsValues) {
  EXPECT_EQ(set("study.name=b"), R"({"study":{"name":"b","objectives":[{"name":"x"}]}})");
  EXPECT_EQ(set("study.objectives=[]"), R"({"study":{"name":"b","objectives":[]}})");
  EXPECT_EQ(set("study.budget.trials = 50"),
            R"({"study":{"name":"b","objectives":[],"budget":{"trials":50}}})");
  EXPECT_EQ(
      set("sampler.name=tpe"),
      R"({"study":{"name":"b","objectives":[],"budget":{"trials":50}},"sampler":{"name":"tpe"}})");
}

TEST_F(SetByPath, ReadsTheValueAsTomlElseAsText) {
  const auto value_of = [&](const std::string& text) {
    Json root = Json::object();
    set_by_path(root, "sampler.x=" + text);
    return root["sampler"]["x"].dump();
  };
  EXPECT_EQ(value_of("5"), "5");
  EXPECT_EQ(value_of("5.0"), "5.0");
  EXPECT_EQ(value_of("true"), "true");
  EXPECT_EQ(value_of("\"5\""), "\"5\"");
  EXPECT_EQ(value_of("[1, 2]"), "[1,2]");
  EXPECT_EQ(value_of("{ a = 1 }"), "{\"a\":1}");
  EXPECT_EQ(value_of("20m"), "\"20m\"");
  EXPECT_EQ(value_of("a=b"), "\"a=b\"");
  EXPECT_EQ(value_of(""), "\"\"");
  EXPECT_EQ(value_of("1\ny = 2"), "\"1\\ny = 2\"");
}

TEST_F(SetByPath, WalksListsAndKeysWithDots) {
  EXPECT_EQ(set("study.objectives.0.goal=max"),
            R"({"study":{"name":"a","objectives":[{"name":"x","goal":"max"}]}})");
  root_ = Json::parse(R"({"space":{"op":1,"op.units":{"int":[1,2]}}})");
  EXPECT_EQ(set("space.op.units.int=[1, 8]"), R"({"space":{"op":1,"op.units":{"int":[1,8]}}})");
}

TEST_F(SetByPath, SaysWhereAPathEnds) {
  EXPECT_EQ(error_of("study.name"),
            "--set study.name: this is not an assignment\n"
            "  got:      \"study.name\"\n"
            "  expected: path=value, as in study.budget.trials=50\n"
            "  code:     set.path");
  EXPECT_EQ(error_of("stduy.name=b"),
            "--set stduy.name=b: the path does not start with a section of a study file\n"
            "  got:      \"stduy\"\n"
            "  expected: one of study, space, program, sampler, pruner, fidelity, energy, "
            "validity, data\n"
            "  hint:     did you mean \"study\"?\n"
            "  code:     set.path");
  EXPECT_EQ(error_of("study.name.x=1"),
            "--set study.name.x=1: the path leads through a value that is no table\n"
            "  got:      \"a\"\n"
            "  expected: a table or a list before \"x\"\n"
            "  code:     set.path");
  EXPECT_EQ(error_of("study.objectives.1.goal=max"),
            "--set study.objectives.1.goal=max: the list has no such item\n"
            "  got:      \"1\"\n"
            "  expected: 0 to 0\n"
            "  code:     set.path");
  EXPECT_EQ(error_of("study..x=1"),
            "--set study..x=1: the path has an empty part\n"
            "  got:      \".x\"\n"
            "  expected: a key\n"
            "  code:     set.path");
}

}  // namespace
}  // namespace trimtab
