#include "trimtab/executors/process/launcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/json.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr char kSpace[] = R"({
  "C": {"float": [0.001, 1000.0], "log": true},
  "kernel": {"choice": ["rbf", "linear"]},
  "gamma": {"float": [0.1, 10.0], "when": {"kernel": "rbf"}}
})";

class LauncherTest : public ProcessFixture {
 protected:
  LauncherTest() {
    spec_ = spec_of("/bin/echo --C {C} --kernel {kernel} {gamma:--gamma %.2f} -s{trial.seed}");
    spec_.space_definition = kSpace;
    request_ = request_of(spec_, 3);
    request_.run = 1;
    request_.attempt = 2;
    request_.point = space_.from_json(Json::parse(R"({"C": 2.5, "kernel": "linear"})"), {});
  }
  Launcher launcher() const { return Launcher(spec_, space_, path("trials")); }
  Launcher::Launch prepare() const { return launcher().prepare(request_, "/tmp/socket"); }
  static Point rbf(const Space& space) {
    return space.from_json(Json::parse(R"({"C": 2.5, "kernel": "rbf", "gamma": 1.5})"), {});
  }

  const Space space_ = Space::parse_text(kSpace);
  StudySpec spec_;
  RunRequest request_;
};

TEST_F(LauncherTest, FillsTheCommandAndDropsInactiveGroups) {
  EXPECT_THAT(prepare().plan.arguments,
              ElementsAre("/bin/echo", "--C", "2.5", "--kernel", "linear", "-s42"));
  request_.point = rbf(space_);
  EXPECT_THAT(prepare().plan.arguments,
              ElementsAre("/bin/echo", "--C", "2.5", "--kernel", "rbf", "--gamma", "1.50", "-s42"));
}

TEST_F(LauncherTest, TellsTheProgramAllInItsEnvironment) {
  setenv("TRIMTAB_SOCKET", "of an outer trial", 1);
  setenv("INHERITED", "yes", 1);
  spec_.program.environment["OWN"] = "a b";
  const Launcher::Launch launch = prepare();
  unsetenv("TRIMTAB_SOCKET");
  unsetenv("INHERITED");
  const std::string folder = path("trials/test/3-1");
  for (const std::string& entry : std::vector<std::string>{
           "TRIMTAB_STUDY=test", "TRIMTAB_TRIAL=3", "TRIMTAB_RUN=1", "TRIMTAB_ATTEMPT=2",
           "TRIMTAB_SEED=42", R"(TRIMTAB_PARAMS={"C":2.5,"kernel":"linear"})",
           "TRIMTAB_FOLDER=" + folder, "TRIMTAB_CHECKPOINT_DIR=" + folder + "/checkpoints",
           "TRIMTAB_RESULT=" + folder + "/result", "TRIMTAB_SOCKET=/tmp/socket", "INHERITED=yes",
           "OWN=a b", "PYTHONUNBUFFERED=1"}) {
    EXPECT_THAT(launch.plan.environment, Contains(entry));
  }
  EXPECT_THAT(launch.plan.environment, Not(Contains("TRIMTAB_SOCKET=of an outer trial")));
}

TEST_F(LauncherTest, LaysOutTheFolder) {
  const Launcher::Launch launch = prepare();
  EXPECT_EQ(launch.folder, path("trials/test/3-1"));
  EXPECT_EQ(Json::parse(read(launch.folder + "/params.json")),
            Json::parse(R"({"C": 2.5, "kernel": "linear"})"));
  EXPECT_EQ(Json::parse(read(launch.folder + "/run.json"))["seed"], 42);
  EXPECT_TRUE(fs::is_directory(launch.folder + "/checkpoints"));
  EXPECT_FALSE(fs::exists(launch.result_file));
}

TEST_F(LauncherTest, MakesAFolderNameOfAnyStudyName) {
  request_.study = "../a b/ü%";
  EXPECT_EQ(prepare().folder, path("trials/%2E.%2Fa%20b%2F%C3%BC%25/3-1"));
}

TEST_F(LauncherTest, KeepsCheckpointsOfTheSameConfigurationAndSeedOnly) {
  const std::string checkpoint = prepare().folder + "/checkpoints/model";
  write(checkpoint, "weights");
  ++request_.attempt;
  prepare();
  EXPECT_EQ(read(checkpoint), "weights");  // a retry goes on

  request_.seed = 43;
  prepare();
  EXPECT_FALSE(fs::exists(checkpoint));

  write(checkpoint, "weights");
  request_.point = rbf(space_);
  prepare();
  EXPECT_FALSE(fs::exists(checkpoint));
}

TEST_F(LauncherTest, RemovesTheResultOfAnEarlierAttemptWhateverItIs) {
  const std::string result = prepare().result_file;
  write(result, "{}");
  prepare();
  EXPECT_FALSE(fs::exists(result));
  fs::create_directories(result + "/folder");
  prepare();
  EXPECT_FALSE(fs::exists(result));
}

TEST_F(LauncherTest, RendersFilesAndNamesThemInTheCommand) {
  write(path("config.in"), R"({"C": "{{C}}", "g": "{{gamma}}", "seed": {{trial.seed}}})");
  spec_.program.files = {{path("config.in"), "sub/config.json"}};
  spec_.program.command = "/bin/cat {file:sub/config.json}";
  // The template is read as JSON by its own name, not by that of the result.
  const Launcher::Launch launch = prepare();
  EXPECT_EQ(launch.plan.arguments.back(), launch.folder + "/sub/config.json");
  EXPECT_EQ(read(launch.folder + "/sub/config.json"), R"({"C": "2.5", "g": "", "seed": 42})");
}

TEST_F(LauncherTest, FindsTheProgramOnTheStudysPath) {
  spec_.program.command = "tool";
  EXPECT_EQ(prepare().plan.program, "");
  fs::create_directory(path("bin"));
  write(path("bin/tool"), "#!/bin/sh\n");
  spec_.program.environment["PATH"] = "/nowhere:" + path("bin");
  EXPECT_EQ(prepare().plan.program, "");  // not executable
  fs::permissions(path("bin/tool"), fs::perms::owner_exec, fs::perm_options::add);
  EXPECT_EQ(prepare().plan.program, path("bin/tool"));
}

TEST_F(LauncherTest, PutsBackstopsBehindTheLimits) {
  EXPECT_FALSE(prepare().plan.max_data_bytes);
  EXPECT_FALSE(prepare().plan.max_cpu_seconds);
  spec_.program.limits = {
      .wall_seconds = 10.0, .memory_bytes = 256.0 * 1024 * 1024, .cpus = 1.5, .grace_seconds = 2.0};
  EXPECT_EQ(prepare().plan.max_data_bytes, std::uint64_t{1} << 30);
  EXPECT_EQ(prepare().plan.max_cpu_seconds, 25u);  // (10 + 2) seconds of two processors, and one
}

TEST_F(LauncherTest, ChecksItsTemplatesBeforeAnythingRuns) {
  const auto message_of = [&]() -> std::string {
    try {
      launcher();
      return "";
    } catch (const UserError& error) {
      return error.info().where + ": " + error.info().got + ": " + error.info().hint;
    }
  };
  spec_.program.command = "run {c}";
  EXPECT_THAT(message_of(), ::testing::HasSubstr("did you mean \"C\"?"));
  spec_.program.command = "run {C}";
  write(path("bad.conf"), "a = 1\nb = {{kernle}}\n");
  spec_.program.files = {{path("bad.conf"), "bad.conf"}};
  EXPECT_EQ(message_of(), path("bad.conf") + ":2:5: kernle: did you mean \"kernel\"?");
  spec_.program.files = {{path("missing"), "missing"}};
  EXPECT_THAT(message_of(), ::testing::HasSubstr("No such file"));
  EXPECT_FALSE(fs::exists(path("trials")));
}

}  // namespace
}  // namespace trimtab
