// Pruning as a user meets it: a shell program that says `trimtab log` and is told to stop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "trimtab/base/files.hpp"
#include "trimtab/base/testing/places.hpp"
#include "trimtab/cli/testing/cli_fixture.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

class PruningProgram : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("curve.toml", R"(
[study]
name = "curve"
budget = { trials = 8 }
[space]
x = { float = [1.0, 2.0] }
[program]
command = "sh curve.sh {x}"
[sampler]
name = "random"
[pruner]
name = "median"
startup_trials = 3
[validity]
confirm = false
)");
    // Says in a file with which code `trimtab log` ended.
    write("curve.sh",
          "for step in 1 2 3 4; do\n"
          "  trimtab log step=$step loss=$1 || { echo $? >stopped-$TRIMTAB_TRIAL; exit 0; }\n"
          "done\n"
          "trimtab log loss=$1\n");
  }
  Answer bash(const std::string& line) const {
    write("line.sh", "cd '" + folder_.string() + "' && export PATH='" +
                         std::filesystem::path(program_path()).parent_path().string() +
                         "':$PATH TRIMTAB_STORAGE=" + storage() + " && { " + line +
                         "\n} >out 2>err\n");
    const int status = std::system(("bash '" + path("line.sh") + "'").c_str());
    return {WEXITSTATUS(status), read_file(path("out")), read_file(path("err"))};
  }
};

TEST_F(PruningProgram, LearnsFromTrimtabLogThatItShouldStop) {
  ASSERT_EQ(bash("trimtab run curve.toml --no-progress").code, 0);
  const Json trials = Json::parse(bash("trimtab export json curve").out);
  ASSERT_EQ(trials.size(), 8u);
  std::size_t num_pruned = 0;
  for (const Json& trial : trials) {
    const bool is_pruned = trial["state"] == "pruned";
    const std::string file = path("stopped-" + std::to_string(trial["number"].get<int>()));
    EXPECT_EQ(std::filesystem::exists(file), is_pruned) << trial.dump();
    if (!is_pruned) continue;
    ++num_pruned;
    EXPECT_EQ(read_file(file), "3\n");
    EXPECT_EQ(trial["reports"].size(), 1u);
    EXPECT_THAT(trial["stopped"]["reason"].get<std::string>(), HasSubstr("worse than the median"));
    EXPECT_EQ(trial["stopped"]["step"], 1.0);
  }
  EXPECT_GE(num_pruned, 1u);
  const Answer replay = bash("trimtab replay curve");
  EXPECT_EQ(replay.code, 0);
  EXPECT_THAT(replay.out, HasSubstr(std::to_string(num_pruned) + " of " +
                                    std::to_string(num_pruned) + " stops come out the same"));
}

TEST_F(PruningProgram, GetsTheMistakesOfItsPrunerWithLineAndColumn) {
  const Answer name = bash("sed 's/median/medain/' curve.toml >wrong.toml; trimtab run wrong.toml");
  EXPECT_EQ(name.code, kUserError);
  EXPECT_THAT(name.err, HasSubstr("wrong.toml:12:1: there is no such pruner"));
  EXPECT_THAT(name.err, HasSubstr("did you mean \"median\"?"));
  const Answer option = bash(
      "sed 's/startup_trials = 3/startup_trails = 3/' curve.toml >wrong.toml; "
      "trimtab run wrong.toml");
  EXPECT_EQ(option.code, kUserError);
  EXPECT_THAT(option.err, HasSubstr("wrong.toml:13:1: \"median\" has no such option"));
  EXPECT_THAT(option.err, HasSubstr("did you mean \"startup_trials\"?"));
  EXPECT_FALSE(std::filesystem::exists(path("all.db")));
}

}  // namespace
}  // namespace trimtab
