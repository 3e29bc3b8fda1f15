#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "trimtab/base/files.hpp"
#include "trimtab/base/testing/places.hpp"
#include "trimtab/cli/testing/cli_fixture.hpp"

extern char** environ;

namespace trimtab {
namespace {

using ::testing::HasSubstr;

class Export : public CliTest {
 protected:
  Answer export_database(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {
        "export", "optuna-sqlite", "bowl", "--storage", storage(), "-o", path("bowl.sqlite3")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(arguments);
  }
  Json trials(const std::string& study) const {
    return Json::parse(call({"export", "json", study, "--storage", storage()}).out);
  }
};

TEST_F(Export, GivesADatabaseThatComesBackAsTheSameTrials) {
  ASSERT_EQ(run().code, 0);
  const Answer done = export_database({"--json"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(Json::parse(done.out).at("file"), path("bowl.sqlite3"));
  ASSERT_EQ(call({"import", path("bowl.sqlite3"), "--storage", storage(), "--as", "back"}).code, 0);
  const Json before = trials("bowl"), after = trials("back");
  ASSERT_EQ(before.size(), after.size());
  EXPECT_GT(before.size(), 12u);
  for (std::size_t i = 0; i < before.size(); ++i) {
    for (const char* key : {"number", "state", "params", "values", "reports"}) {
      ASSERT_TRUE(before[i].contains(key)) << key;
      EXPECT_EQ(before[i][key], after[i][key]) << i << ", " << key;
    }
  }
  EXPECT_EQ(export_database().code, 0) << "what is there is brought up to date";
}

TEST_F(Export, RefusesWhatMakesNoSense) {
  ASSERT_EQ(run().code, 0);
  const Answer none = call({"export", "optuna-sqlite", "bowl", "--storage", storage()});
  EXPECT_EQ(none.code, 2);
  EXPECT_EQ(none.err,
            "trimtab export, --output: a database needs a file\n"
            "  got:      optuna-sqlite\n"
            "  expected: --output FILE\n"
            "  code:     cli.value\n");
  EXPECT_EQ(call({"export", "csv", "bowl", "--follow", "--storage", storage()}).code, 2);
  EXPECT_EQ(call({"export", "csv", "bowl", "--times", "utc", "--storage", storage()}).code, 2);
  EXPECT_EQ(call({"export", "optuna-sqlit", "bowl", "--storage", storage()}).code, 2);
  write("bowl.sqlite3", "mine");
  EXPECT_EQ(export_database().code, 2);
  EXPECT_EQ(read_file(path("bowl.sqlite3")), "mine");
}

TEST_F(Export, FollowsTheStudyUntilItIsToldToEnd) {
  ASSERT_EQ(call({"ask", path("study.toml"), "--storage", storage()}).code, 0);
  std::vector<std::string> words = {
      program_path(), "export",   "optuna-sqlite",      "bowl",    "--storage",
      storage(),      "--output", path("bowl.sqlite3"), "--follow"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, path("err").c_str(), O_WRONLY | O_CREAT,
                                   0600);
  pid_t child = 0;
  ASSERT_EQ(::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  // The file's name on standard error says that the mirror follows.
  for (int i = 0; i < 2000 && read_file(path("err")).empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(call({"tell", "bowl", "0", "0.25", "--storage", storage()}).code, 0);
  ::kill(child, SIGTERM);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << read_file(path("err"));
  const Answer back =
      call({"import", path("bowl.sqlite3"), "--storage", storage(), "--as", "back"});
  EXPECT_THAT(back.out, HasSubstr("back: 1 trial (1 complete)"));
}

}  // namespace
}  // namespace trimtab
