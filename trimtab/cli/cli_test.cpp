// The program as its users meet it: arguments in, text and exit code out.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "trimtab/base/files.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/progress.hpp"

namespace trimtab {
namespace {

struct Answer {
  int code = 0;
  std::string out, err;
};

class CliTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "trimtab-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    write("study.toml", R"(
[study]
name = "bowl"
objectives = [{ name = "loss", goal = "min" }]
budget = { trials = 12 }
parallel = 2
[space]
x = { float = [-1.0, 1.0], default = 0.9 }
[program]
command = "sh fit.sh {x} {trial.seed}"
directory = ")" + folder_.string() +
                            R"("
[sampler]
name = "random"
[validity]
confirm = { top = 1, seeds = 3 }
)");
    write("fit.sh",
          "awk -v x=\"$1\" 'BEGIN { printf \"trimtab: {\\\"loss\\\": %.17g}\\n\", x * x }'\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  std::string storage() const { return "sqlite:" + path("all.db"); }

  static Answer call(std::vector<std::string> arguments) {
    std::vector<const char*> argv = {"trimtab"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    std::ostringstream out, err;
    Answer answer;
    answer.code = run_command_line(static_cast<int>(argv.size()), argv.data(), out, err);
    answer.out = out.str();
    answer.err = err.str();
    return answer;
  }
  Answer run(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"run",     path("study.toml"), "--storage",
                                          storage(), "--folder",         path("trials")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(arguments);
  }

  std::filesystem::path folder_;
};

TEST_F(CliTest, EveryCommandHasHelpWithExamples) {
  for (const char* command :
       {"run", "ask", "tell", "enqueue", "log", "show", "best", "trials", "export", "analyse",
        "report", "replay", "delete", "list", "doctor", "completion"}) {
    const Answer answer = call({command, "--help"});
    EXPECT_EQ(answer.code, 0) << command;
    EXPECT_NE(answer.out.find("Examples:"), std::string::npos) << command;
  }
}

TEST_F(CliTest, NamesTheNearestCommand) {
  const Answer answer = call({"reprot", "x"});
  EXPECT_EQ(answer.code, kUserError);
  EXPECT_NE(answer.err.find("did you mean \"report\"?"), std::string::npos) << answer.err;
}

TEST_F(CliTest, RunsAStudyConfirmsItAndDoesNothingTheSecondTime) {
  const Answer first = run({"--json"});
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_TRUE(Json::parse(first.out)["is_over"].get<bool>());
  const Answer trials = call({"export", "json", "bowl", "--storage", storage()});
  const Json list = Json::parse(trials.out);
  EXPECT_EQ(list.size(), 12u + 2 * 3);  // the search, then the winner and the default on 3 seeds
  for (const Json& trial : list) {
    if (trial["purpose"] != "confirm") {
      const double x = trial["params"]["x"];
      EXPECT_EQ(trial["values"]["loss"].get<double>(), x * x);
    }
  }
  const Answer second = run({"--json"});
  EXPECT_EQ(second.code, 0);
  EXPECT_EQ(call({"export", "json", "bowl", "--storage", storage()}).out, trials.out);
}

TEST_F(CliTest, GoesOnWithALargerBudget) {
  ASSERT_EQ(run({"--no-progress", "--set", "validity.confirm.top=0"}).code, 0);
  const Answer more =
      run({"--no-progress", "--set", "study.budget.trials=20", "--set", "validity.confirm.top=0"});
  ASSERT_EQ(more.code, 0) << more.err;
  EXPECT_EQ(Json::parse(call({"export", "json", "bowl", "--storage", storage()}).out).size(), 20u);
}

TEST_F(CliTest, WritesNothingWhenTheFileIsWrong) {
  write("study.toml", "[study]\nname = \"bowl\"\nbudgit = 3\n[space]\nx = [2.0, 1.0]\n");
  const Answer answer = run();
  EXPECT_EQ(answer.code, kUserError);
  EXPECT_NE(answer.err.find("study.toml:3:"), std::string::npos) << answer.err;
  EXPECT_NE(answer.err.find("did you mean \"budget\"?"), std::string::npos) << answer.err;
  EXPECT_NE(answer.err.find("study.toml:5:"), std::string::npos) << answer.err;
  EXPECT_FALSE(std::filesystem::exists(path("all.db")));
  EXPECT_FALSE(std::filesystem::exists(path("trials")));
}

TEST_F(CliTest, RefusesAProgramThatDoesNotExistBeforeAnythingIsWritten) {
  const Answer answer = run({"--set", "program.command='no-such-program {x}'"});
  EXPECT_EQ(answer.code, kUserError);
  EXPECT_NE(answer.err.find("no-such-program"), std::string::npos) << answer.err;
  EXPECT_FALSE(std::filesystem::exists(path("all.db")));
}

TEST_F(CliTest, AsksTellsAndShowsTheBest) {
  const Answer asked = call({"ask", path("study.toml"), "--storage", storage(), "--count", "2"});
  ASSERT_EQ(asked.code, 0) << asked.err;
  std::istringstream lines(asked.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(Json::parse(line)["params"]["x"].get<double>(), 0.9);  // the default first
  EXPECT_EQ(call({"best", "bowl", "--storage", storage()}).code, kUserError);
  EXPECT_EQ(call({"tell", "bowl", "1", "0.25", "--storage", storage()}).code, 0);
  EXPECT_EQ(call({"tell", "bowl", "0", "--state", "failed", "--storage", storage()}).code, 0);
  EXPECT_EQ(call({"tell", "bowl", "1", "0.25", "--storage", storage()}).code, kUserError);
  const Answer best = call({"best", "bowl", "--json", "--storage", storage()});
  ASSERT_EQ(best.code, 0) << best.err;
  EXPECT_EQ(Json::parse(best.out)["number"].get<int>(), 1);
  EXPECT_EQ(call({"delete", "bowl", "--storage", storage()}).code, 0);
  EXPECT_EQ(call({"show", "bowl", "--storage", storage()}).code, kUserError);
}

TEST_F(CliTest, ReadsWithoutCreatingADatabase) {
  const Answer answer = call({"show", "bowl", "--storage", storage()});
  EXPECT_NE(answer.code, 0);
  EXPECT_FALSE(std::filesystem::exists(path("all.db")));
}

TEST_F(CliTest, WritesTheReportAndTables) {
  ASSERT_EQ(run({"--no-progress", "--report", path("page.html")}).code, 0);
  EXPECT_NE(read_file(path("page.html")).find("<svg"), std::string::npos);
  const Answer csv = call({"export", "csv", "bowl", "--storage", storage()});
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 1 + 12 + 6);
  EXPECT_EQ(call({"trials", "bowl", "--sort", "value", "--storage", storage()}).code, 0);
  const Answer importance =
      call({"analyse", "importance", "bowl", "--json", "--storage", storage()});
  EXPECT_EQ(importance.code, 0) << importance.err;
  const Answer nearest = call({"analyse", "importence", "bowl", "--storage", storage()});
  EXPECT_NE(nearest.err.find("did you mean \"importance\"?"), std::string::npos) << nearest.err;
}

TEST_F(CliTest, ListsWhatThereIs) {
  for (const char* what : {"samplers", "storages", "workloads", "analyses"}) {
    const Answer answer = call({"list", what, "--json"});
    ASSERT_EQ(answer.code, 0) << what;
    EXPECT_FALSE(Json::parse(answer.out).empty()) << what;
  }
  EXPECT_EQ(call({"doctor"}).code, 0);
}

TEST_F(CliTest, PrintsACompletionScriptThatAShellAccepts) {
  const Answer answer = call({"completion", "bash"});
  ASSERT_EQ(answer.code, 0);
  write("completion.bash", answer.out);
  EXPECT_EQ(std::system(("bash -n " + path("completion.bash")).c_str()), 0);
}

TEST(RenderProgress, FitsTheWidthAndKeepsTheImportantParts) {
  ProgressState state;
  state.num_done = 34;
  state.num_all = 100;
  state.best_value = 0.98841;
  state.best_trial = 12;
  state.objective = "auc";
  state.trials_per_second = 3.21;
  state.seconds_left = 20.6;
  state.num_running = 2;
  EXPECT_EQ(render_progress(state, 120),
            "search  [#######.............]  34/100  best auc 0.98841 (trial 12)  ETA 20.6 s  "
            "3.21 trials/s  2 running");
  EXPECT_EQ(render_progress(state, 72),
            "search  [#######.............]  34/100  best auc 0.98841 (trial 12)");
  for (int width = 1; width < 120; ++width) {
    EXPECT_LE(render_progress(state, width).size(), static_cast<std::size_t>(width));
  }
}

// The installed program, interrupted as a person does it.
class CliSlowTest : public CliTest {
 protected:
  pid_t start_run() const {
    std::vector<std::string> words = {TRIMTAB_PROGRAM, "run",          path("study.toml"),
                                      "--storage",     storage(),      "--folder",
                                      path("trials"),  "--no-progress"};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, TRIMTAB_PROGRAM, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return child;
  }
  static int exit_code(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  Json trials() const {
    const Answer answer = call({"export", "json", "bowl", "--storage", storage()});
    return answer.code == 0 ? Json::parse(answer.out) : Json::array();
  }
  // Until `count` trials exist, at most ten seconds.
  void wait_for_trials(std::size_t count) const {
    for (int i = 0; i < 200 && trials().size() < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
};

TEST_F(CliSlowTest, FinishesRunningTrialsAfterOneInterrupt) {
  write("fit.sh", "sleep 0.4; echo \"trimtab: {\\\"loss\\\": 1.5}\"\n");
  const pid_t child = start_run();
  wait_for_trials(2);
  ::kill(child, SIGINT);
  EXPECT_EQ(exit_code(child), kInterrupted);
  const Json after = trials();
  EXPECT_LT(after.size(), 12u);
  for (const Json& trial : after) EXPECT_EQ(trial["state"], "complete");
}

TEST_F(CliSlowTest, PutsRunningTrialsBackAfterTwoInterruptsAndGoesOnLater) {
  write("fit.sh", "sleep 30; echo \"trimtab: {\\\"loss\\\": 1.5}\"\n");
  const pid_t child = start_run();
  wait_for_trials(2);
  ::kill(child, SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  ::kill(child, SIGINT);
  EXPECT_EQ(exit_code(child), kInterrupted);
  for (const Json& trial : trials()) EXPECT_EQ(trial["state"], "waiting");
  write("fit.sh", "echo \"trimtab: {\\\"loss\\\": 1.5}\"\n");
  EXPECT_EQ(exit_code(start_run()), 0);
  const Json after = trials();
  EXPECT_EQ(after.size(), 12u + 2 * 3);
  for (const Json& trial : after) EXPECT_EQ(trial["state"], "complete");
}

TEST_F(CliSlowTest, TakesUpTheTrialsOfAKilledRun) {
  write("fit.sh", "sleep 0.3; echo \"trimtab: {\\\"loss\\\": 1.5}\"\n");
  const pid_t child = start_run();
  wait_for_trials(3);
  ::kill(child, SIGKILL);
  EXPECT_EQ(exit_code(child), -SIGKILL);
  EXPECT_EQ(exit_code(start_run()), 0);
  const Json after = trials();
  EXPECT_EQ(after.size(), 12u + 2 * 3);
  for (const Json& trial : after) EXPECT_EQ(trial["state"], "complete");
}

}  // namespace
}  // namespace trimtab
