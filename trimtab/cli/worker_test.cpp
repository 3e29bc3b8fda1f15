// `trimtab worker`: what it runs, what it refuses, and what is left when workers come and go.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "trimtab/base/files.hpp"
#include "trimtab/base/testing/places.hpp"
#include "trimtab/cli/testing/cli_fixture.hpp"
#include "trimtab/storage/postgresql/testing/postgres_server.hpp"

namespace trimtab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using trimtab::testing::PostgresServer;

class WorkerTest : public CliTest {
 protected:
  // Creates the study without running anything.
  void create(const std::string& storage) const {
    ASSERT_EQ(call({"ask", path("study.toml"), "--storage", storage, "--count", "1"}).code, 0);
    ASSERT_EQ(call({"tell", "bowl", "0", "0.81", "--storage", storage}).code, 0);
  }
  Answer work(const std::string& storage, std::vector<std::string> more) const {
    std::vector<std::string> words = {"worker",   "--storage",    storage,  "--once",
                                      "--folder", path("trials"), "--poll", "0.05"};
    words.insert(words.end(), more.begin(), more.end());
    return call(words);
  }
  static Json shown(const std::string& storage) {
    return Json::parse(call({"show", "bowl", "--storage", storage, "--json"}).out);
  }
  // A line of bash with the program on the PATH.
  Answer bash(const std::string& line) const {
    write("line.sh", "cd '" + folder_.string() + "'\nexport PATH='" +
                         std::filesystem::path(program_path()).parent_path().string() +
                         "':$PATH\n{ " + line + "\n} >out 2>err\n");
    const int status = std::system(("bash '" + path("line.sh") + "'").c_str());
    return {WEXITSTATUS(status), read_file(path("out")), read_file(path("err"))};
  }
  void make_slow(const std::string& seconds, const std::string& lease) const {
    write("fit.sh", "sleep " + seconds +
                        "\necho run >> started\nawk -v x=\"$1\" 'BEGIN { printf "
                        "\"trimtab: {\\\"loss\\\": %.17g}\\n\", x * x }'\n");
    std::string study = read_file(path("study.toml"));
    study.replace(study.find("parallel = 2"), 12, "parallel = 1\nlease = \"" + lease + "\"");
    write("study.toml", study);
  }
};

TEST_F(WorkerTest, RunsNoCommandThatItsOperatorDidNotAllow) {
  create(storage());
  const Answer refused = work(storage(), {});
  EXPECT_EQ(refused.code, 0);
  EXPECT_THAT(refused.err, HasSubstr("its program is not allowed here"));
  EXPECT_EQ(shown(storage())["trials"]["all"], 1);
  write("other.toml",
        "[study]\nname = \"other\"\n[space]\nx = [0.0, 1.0]\n[program]\n"
        "command = \"sh fit.sh {x}\"\n");
  work(storage(), {"--allow", path("other.toml")});
  EXPECT_EQ(shown(storage())["trials"]["all"], 1) << "another program";
  const Answer allowed = work(storage(), {"--allow", path("study.toml")});
  EXPECT_THAT(allowed.err, HasSubstr("study bowl is done"));
  EXPECT_EQ(shown(storage())["stage"], "done");
  EXPECT_EQ(shown(storage())["trials"]["complete"].get<int>(),
            12 + shown(storage())["trials"]["confirm"].get<int>());
}

TEST_F(WorkerTest, RunsOnlyTheStudiesThatAreNamed) {
  create(storage());
  work(storage(), {"--allow-any", "--study", "bowl"});
  EXPECT_EQ(shown(storage())["stage"], "done");
  const Answer unknown = work(storage(), {"--allow-any", "--study", "bowel"});
  EXPECT_EQ(unknown.code, kUserError);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean \"bowl\"?"));
}

TEST_F(WorkerTest, TakesUpAStudyThatWasGivenMoreToDo) {
  create(storage());
  work(storage(), {"--allow-any"});
  ASSERT_EQ(call({"ask", path("study.toml"), "--storage", storage()}).code, kShouldStop);
  write("study.toml", [&] {
    std::string study = read_file(path("study.toml"));
    study.replace(study.find("trials = 12"), 11, "trials = 15");
    return study;
  }());
  ASSERT_EQ(call({"ask", path("study.toml"), "--storage", storage(), "--count", "1"}).code, 0);
  ASSERT_EQ(call({"tell", "bowl", std::to_string(shown(storage())["trials"]["all"].get<int>() - 1),
                  "0.5", "--storage", storage()})
                .code,
            0);
  work(storage(), {"--allow-any"});
  const Json trials = shown(storage())["trials"];
  EXPECT_EQ(trials["all"].get<int>() - trials["confirm"].get<int>(), 15);
}

// Two workers, one of which is killed in the middle of a trial and says no word: the other waits
// for the end of its lease, runs the trial, and the budget is met exactly.
class WorkerSlow : public WorkerTest {
 protected:
  void loses_a_worker(const std::string& storage) {
    make_slow("0.3", "1s");
    create(storage);
    const Answer answer =
        bash("trimtab worker --storage '" + storage +
             "' --allow study.toml --once --folder one --no-progress & victim=$!\n"
             "trimtab worker --storage '" +
             storage +
             "' --allow study.toml --once --folder two --no-progress & other=$!\n"
             "sleep 1.2; kill -KILL $victim; wait $other");
    EXPECT_EQ(answer.code, 0) << answer.err;
    const Json study = shown(storage);
    EXPECT_EQ(study["stage"], "done");
    const Json& trials = study["trials"];
    EXPECT_EQ(trials["all"].get<int>() - trials["confirm"].get<int>(), 12);
    EXPECT_EQ(trials["complete"], trials["all"]);
  }
};

TEST_F(WorkerSlow, AnotherWorkerRunsWhatAKilledOneBegan) { loses_a_worker(storage()); }

TEST_F(WorkerSlow, TheSameOverPostgreSQL) {
  if (PostgresServer::programs().empty()) GTEST_SKIP() << "no PostgreSQL here";
  const auto folder =
      std::filesystem::temp_directory_path() / ("trimtab_worker_" + std::to_string(::getpid()));
  const PostgresServer server(folder);
  loses_a_worker("postgresql:" + server.address());
}

TEST_F(WorkerSlow, SigtermDrains) {
  make_slow("0.3", "60s");
  create(storage());
  const Answer answer =
      bash("trimtab worker --storage '" + storage() +
           "' --allow study.toml --folder one & worker=$!\nsleep 1; kill -TERM $worker; wait "
           "$worker");
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.err, AllOf(HasSubstr("running trials may finish"), HasSubstr("drained")));
  const Json trials = shown(storage())["trials"];
  EXPECT_EQ(trials["running"], 0);
  EXPECT_EQ(trials["waiting"], 0);
  EXPECT_GT(trials["complete"].get<int>(), 1);
  EXPECT_LT(trials["complete"].get<int>(), 12);
}

}  // namespace
}  // namespace trimtab
