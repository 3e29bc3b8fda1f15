// The program as it is started from a shell: signals, pipes, terminals, completion.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "trimtab/base/files.hpp"
#include "trimtab/base/testing/places.hpp"
#include "trimtab/cli/testing/cli_fixture.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ProgramTest : public CliTest {
 protected:
  // Runs a line of bash in the test's folder with the program on the PATH.
  Answer bash(const std::string& line) const {
    const std::string command = "cd '" + folder_.string() + "' && export PATH='" +
                                std::filesystem::path(program_path()).parent_path().string() +
                                "':$PATH TRIMTAB_STORAGE=" + storage() + " && { " + line +
                                "\n} >out 2>err";
    write("line.sh", command + "\n");
    const int status = std::system(("bash '" + path("line.sh") + "'").c_str());
    return {WEXITSTATUS(status), read_file(path("out")), read_file(path("err"))};
  }
  bool has(const std::string& shell) const { return bash("command -v " + shell).code == 0; }
  // What bash offers after the words, the last of which is being typed.
  std::string completions(const std::string& words) const {
    return bash("source <(trimtab completion bash); COMP_WORDS=(" + words +
                "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _trimtab; echo \"${COMPREPLY[*]}\"")
        .out;
  }
};

TEST_F(ProgramTest, EndsQuietlyWhenNobodyReadsOn) {
  const Answer answer = bash(
      "set -o pipefail; trimtab ask study.toml --count 12 >/dev/null; "
      "for i in 1 2 3 4 5 6 7 8; do trimtab export json bowl; done | head -n 1");
  EXPECT_EQ(answer.out, "[\n");
  EXPECT_EQ(answer.err, "");
}

TEST_F(ProgramTest, ReportsAnOutputThatCannotBeWritten) {
  const Answer answer = bash("trimtab list samplers >/dev/full");
  EXPECT_EQ(answer.code, kEnvironmentError);
  EXPECT_THAT(answer.err, HasSubstr("standard output: the result cannot be written"));
}

TEST_F(ProgramTest, CompletesInARealBash) {
  EXPECT_EQ(completions("trimtab tri"), "trials\n");
  EXPECT_EQ(completions("trimtab run --par"), "--parallel\n");
  EXPECT_EQ(completions("trimtab list an"), "analyses\n");
  EXPECT_EQ(completions("trimtab trials svm --sort v"), "value\n");
  EXPECT_EQ(completions("trimtab run study"), "\n");  // bash then completes files
  EXPECT_EQ(bash("source <(trimtab completion bash); complete -p trimtab").out,
            "complete -o default -F _trimtab trimtab\n");
}

TEST_F(ProgramTest, PrintsACompletionThatZshAccepts) {
  if (!has("zsh")) GTEST_SKIP() << "zsh is not installed";
  const Answer answer = bash(
      "trimtab completion zsh >_trimtab && zsh -n _trimtab && "
      "zsh -fc 'autoload -Uz compinit && compinit -D -u; source ./_trimtab; "
      "echo $_comps[trimtab]'");
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(answer.out, "_trimtab\n");
}

TEST_F(ProgramTest, PrintsACompletionThatFishAccepts) {
  if (!has("fish")) GTEST_SKIP() << "fish is not installed";
  const Answer answer = bash(
      "trimtab completion fish >t.fish && fish -n t.fish && "
      "HOME=$PWD fish -c 'source t.fish; complete -C \"trimtab tri\"'");
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(answer.out, "trials\tlist trials\n");
}

// On a terminal of 80 columns. @returns what it showed.
std::string run_on_terminal(const std::vector<std::string>& words, const char* no_color) {
  int terminal = -1;
  winsize size = {.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    ::setenv("TERM", "xterm", 1);
    ::setenv("NO_COLOR", no_color, 1);
    ::execv(program_path().c_str(), argv.data());
    ::_exit(127);
  }
  std::string shown;
  char buffer[4096];
  for (ssize_t count; (count = ::read(terminal, buffer, sizeof buffer)) > 0;) {
    shown.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(terminal);
  ::waitpid(child, nullptr, 0);
  return shown;
}

TEST_F(ProgramTest, RedrawsOneLineOnATerminalAndRespectsNoColor) {
  const std::vector<std::string> words = {"trimtab", "run",      path("study.toml"), "--storage",
                                          "memory:", "--folder", path("trials")};
  const std::string colourful = run_on_terminal(words, "");
  EXPECT_THAT(colourful, HasSubstr("\r\x1b[Ksearch  ["));
  EXPECT_THAT(colourful, HasSubstr("\x1b[1mbowl\x1b[0m"));
  const std::string plain = run_on_terminal(words, "1");
  EXPECT_THAT(plain, HasSubstr("\r\x1b[Ksearch  ["));
  EXPECT_THAT(plain, Not(HasSubstr("\x1b[1m")));
  EXPECT_THAT(plain, HasSubstr("bowl  minimise loss"));
}

// The installed program, interrupted as a person does it.
class ProgramSlowTest : public CliTest {
 protected:
  pid_t start_run() const {
    std::vector<std::string> words = {program_path(), "run",          path("study.toml"),
                                      "--storage",    storage(),      "--folder",
                                      path("trials"), "--no-progress"};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    EXPECT_EQ(
        ::posix_spawn(&child, program_path().c_str(), &actions, nullptr, argv.data(), environ), 0);
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

TEST_F(ProgramSlowTest, FinishesRunningTrialsAfterOneInterrupt) {
  write("fit.sh", "sleep 0.4; echo \"trimtab: {\\\"loss\\\": 1.5}\"\n");
  const pid_t child = start_run();
  wait_for_trials(2);
  ::kill(child, SIGINT);
  EXPECT_EQ(exit_code(child), kInterrupted);
  const Json after = trials();
  EXPECT_LT(after.size(), 12u);
  for (const Json& trial : after) EXPECT_EQ(trial["state"], "complete");
}

TEST_F(ProgramSlowTest, PutsRunningTrialsBackAfterTwoInterruptsAndGoesOnLater) {
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
  EXPECT_EQ(after.size(), 12u + 3);  // all tie: the default alone is confirmed
  for (const Json& trial : after) EXPECT_EQ(trial["state"], "complete");
}

TEST_F(ProgramSlowTest, TakesUpTheTrialsOfAKilledRun) {
  write("fit.sh", "sleep 0.3; echo \"trimtab: {\\\"loss\\\": 1.5}\"\n");
  const pid_t child = start_run();
  wait_for_trials(3);
  ::kill(child, SIGKILL);
  EXPECT_EQ(exit_code(child), -SIGKILL);
  EXPECT_EQ(exit_code(start_run()), 0);
  const Json after = trials();
  EXPECT_EQ(after.size(), 12u + 3);  // all tie: the default alone is confirmed
  for (const Json& trial : after) EXPECT_EQ(trial["state"], "complete");
}

// A stopped process is alive: its lease alone says that others may run its trials. Every program
// says who started it, and tells that as its result.
TEST_F(ProgramSlowTest, RefusesTheResultsOfARunThatWasStoppedBeyondItsLease) {
  std::string study = read_file(path("study.toml"));
  study.replace(study.find("parallel"), 8, "lease = \"1s\"\nparallel");
  study.replace(study.find("{ top = 1, seeds = 3 }"), 22, "false");
  study.replace(study.find("{x} {trial.seed}"), 16, "{trial.number}");
  write("study.toml", study);
  write("fit.sh", "echo $1 $WORKER >>'" + path("starts") +
                      "'\ntest $WORKER = 1 && sleep 1 || sleep 0.3\n" +
                      "echo \"trimtab: {\\\"loss\\\": $WORKER}\"\n");
  const auto starts = [&] {
    std::vector<std::pair<std::size_t, int>> result;  // trial, worker
    std::ifstream file(path("starts"));
    for (std::pair<std::size_t, int> start; file >> start.first >> start.second;) {
      result.push_back(start);
    }
    return result;
  };
  const auto wait_until = [&](const auto& is_so) {
    for (int i = 0; i < 600 && !is_so(starts()); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(is_so(starts()));
  };
  ::setenv("WORKER", "1", 1);
  const pid_t first = start_run();
  wait_until([](const auto& seen) { return seen.size() >= 2; });
  ::kill(first, SIGSTOP);
  ::setenv("WORKER", "2", 1);
  const pid_t second = start_run();
  ::unsetenv("WORKER");
  wait_until([](const auto& seen) {  // both trials of the first were given to the second
    return std::ranges::count_if(
               seen, [](const auto& start) { return start.second == 2 && start.first < 2; }) == 2;
  });
  ::kill(first, SIGCONT);
  EXPECT_EQ(exit_code(first), 0);
  EXPECT_EQ(exit_code(second), 0);
  std::map<std::size_t, int> last;
  for (const auto& [trial, worker] : starts()) last[trial] = worker;
  const Json after = trials();
  ASSERT_EQ(after.size(), 12u);
  for (std::size_t k = 0; k < after.size(); ++k) {
    EXPECT_EQ(after[k]["state"], "complete");
    EXPECT_EQ(after[k]["values"]["loss"], last.at(k)) << "trial " << k;
  }
}

}  // namespace
}  // namespace trimtab
