#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "trimtab/cli/testing/cli_fixture.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

// A study "bowl" over the space of the fixture's study file, with four trials of Optuna's.
std::string journal() {
  std::string text =
      R"({"op_code":0,"worker_id":"w","study_name":"bowl","directions":[1]})"
      "\n"
      R"({"op_code":3,"worker_id":"w","study_id":0,"system_attr":{"study:metric_names":["loss"]}})"
      "\n";
  for (int i = 0; i < 4; ++i) {
    const std::string trial = std::to_string(i);
    text +=
        R"({"op_code":4,"worker_id":"w","study_id":0,"datetime_start":"2026-01-02T03:04:05.000006+00:00"})"
        "\n"
        R"({"op_code":5,"worker_id":"w","trial_id":)" +
        trial + R"(,"param_name":"x","param_value_internal":0.1)" + trial +
        R"(,"distribution":"{\"name\": \"FloatDistribution\", \"attributes\": )"
        R"({\"step\": null, \"low\": -1.0, \"high\": 1.0, \"log\": false}}"})"
        "\n"
        R"({"op_code":6,"worker_id":"w","trial_id":)" +
        trial + R"(,"state":1,"values":[0.0)" + trial +
        R"(],"datetime_complete":"2026-01-02T03:04:06+00:00"})"
        "\n";
  }
  return text;
}

class Import : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("journal.log", journal());
  }
  Answer import(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"import", path("journal.log"), "--storage", storage()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(arguments);
  }
};

TEST_F(Import, SaysWhatItTookOver) {
  const Answer first = import();
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(first.out, "bowl: 4 trials (4 complete), 1 parameter\n");
  EXPECT_EQ(import().out,
            "bowl: 4 trials (4 complete), 1 parameter; it was here already, nothing was written\n");
  const Json json = Json::parse(import({"--json", "--as", "dish"}).out);
  EXPECT_EQ(json.at("format"), "optuna-journal");
  EXPECT_EQ(json.at("studies").at(0).at("study"), "dish");
  EXPECT_EQ(json.at("studies").at(0).at("imported"), true);
  EXPECT_EQ(json.at("studies").at(0).at("states").at("complete"), 4);
}

TEST_F(Import, MakesAStudyThatAStudyFileContinues) {
  ASSERT_EQ(import().code, 0);
  const Answer best = call({"best", "bowl", "--storage", storage()});
  EXPECT_THAT(best.out, HasSubstr("trial 0"));
  const Answer done = run({"--json", "--set", "space.x={float=[-1.0, 1.0]}"});
  EXPECT_EQ(done.code, 0) << done.err;
  const Json shown = Json::parse(call({"show", "bowl", "--storage", storage(), "--json"}).out);
  constexpr int kBudget = 12, kConfirmRuns = 3;
  EXPECT_EQ(shown.at("trials").at("complete"), kBudget + kConfirmRuns)
      << "the four that were taken over count for the budget";
}

TEST_F(Import, RefusesWhatItCannotReadAndWritesNothing) {
  EXPECT_EQ(import({"--study", "bow"}).err, path("journal.log") +
                                                ": the source has no study of this name\n"
                                                "  got:      \"bow\"\n"
                                                "  expected: bowl\n"
                                                "  hint:     did you mean \"bowl\"?\n"
                                                "  code:     import.study\n");
  write("nothing.log", "hello\n");
  const Answer unknown = call({"import", path("nothing.log"), "--storage", storage()});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("the source is of no known format"));
  EXPECT_EQ(import({"--format", "optuna-jurnal"}).code, 2);
  EXPECT_EQ(call({"import", path("missing"), "--storage", storage()}).code, 2);
  EXPECT_EQ(call({"import", folder_.string(), "--storage", storage()}).code, 2);
  EXPECT_FALSE(std::filesystem::exists(path("all.db")));
}

TEST_F(Import, MakesAStudyFileThatRuns) {
  write("sweep.yaml",
        "method: random\n"
        "name: swept\n"
        "run_cap: 3\n"
        "metric: {name: loss}\n"
        "parameters: {x: {min: 0.0, max: 1.0}, kind: {values: [a, b]}}\n"
        "command: [sh, \"" +
            path("fit.sh") + "\", \"${args_no_hyphens}\"]\n");
  write("fit.sh", "case \"$1\" in x=0.*) echo loss=1;; esac\n");
  const Answer made = call({"import", path("sweep.yaml"), "-o", path("swept.toml")});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("swept: " + path("swept.toml")));
  const Answer text = call({"import", path("sweep.yaml")});
  EXPECT_THAT(text.out, HasSubstr("x = { float = [0.0, 1.0] }"));
  EXPECT_EQ(Json::parse(call({"import", path("sweep.yaml"), "--json"}).out).at("text"), text.out);
  const Answer done = call({"run", path("swept.toml"), "--storage", storage(), "--folder",
                            path("trials"), "--json", "--set", "validity.confirm=false"});
  EXPECT_EQ(done.code, 0) << done.err;
  const Json shown = Json::parse(call({"show", "swept", "--storage", storage(), "--json"}).out);
  EXPECT_EQ(shown.at("trials").at("complete"), 3);
  EXPECT_EQ(call({"import", path("sweep.yaml"), "--as", "other"}).code, 2);
  EXPECT_EQ(import({"-o", path("x.toml")}).code, 2) << "a journal is no description";
}

}  // namespace
}  // namespace trimtab
