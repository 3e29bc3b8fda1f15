// The program as its users meet it: arguments in, text and exit code out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "trimtab/base/files.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/cli/progress.hpp"
#include "trimtab/cli/testing/cli_fixture.hpp"

namespace trimtab {
namespace {

TEST_F(CliTest, EveryCommandHasHelpWithExamples) {
  for (const char* command :
       {"run", "ask", "tell", "enqueue", "log", "show", "best", "trials", "export", "analyse",
        "soup", "report", "replay", "replay-schedule", "delete", "list", "doctor", "completion"}) {
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
  const std::string half = path("half.csv");
  write_file_atomically(half, "watts,precision\n50,32\n52,32\n41,16\n40,16\n");
  const std::vector<std::string> table = {
      "analyse",  "energy_anova",      "--option", "response=watts",
      "--option", "factors=precision", "--data",   half};
  EXPECT_NE(call(table).out.find("precision matters"), std::string::npos) << call(table).err;
  const Answer trials = call({"analyse", "energy_anova", "bowl", "--option", "factors=state",
                              "--option", "response=number", "--storage", storage()});
  EXPECT_NE(trials.err.find("trials of bowl"), std::string::npos) << trials.err;
  // A text that looks like a number is a text: here a column of that name is looked for.
  const Answer number = call({"analyse", "energy_anova", "--data", half, "--option", "response=32",
                              "--option", "factors=precision"});
  EXPECT_NE(number.err.find("table.unknown_column"), std::string::npos) << number.err;
  EXPECT_EQ(call({"analyse", "importance", "--data", half}).code, 2);
  EXPECT_EQ(call({"analyse", "importance"}).code, 2);
  const Answer nearest = call({"analyse", "importence", "bowl", "--storage", storage()});
  EXPECT_NE(nearest.err.find("did you mean \"importance\"?"), std::string::npos) << nearest.err;
}

TEST_F(CliTest, WritesAnAnalysisAsAPageAndItsFiguresAsJson) {
  write_file_atomically(path("half.csv"), "watts,precision\n50,32\n52,32\n41,16\n40,16\n");
  const std::vector<std::string> table = {"analyse",        "energy_anova",  "--option",
                                          "response=watts", "--option",      "factors=precision",
                                          "--data",         path("half.csv")};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), table.begin(), table.end());
    return call(more);
  };
  const Answer page = with({"--html", path("page.html")});
  EXPECT_EQ(page.code, 0) << page.err;
  EXPECT_NE(page.out.find("page: " + path("page.html")), std::string::npos);
  const std::string html = read_file(path("page.html"));
  for (const char* part : {"<title>Energy anova: half.csv</title>", "precision matters", "<svg",
                           "watts by precision", "<pre"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part;
  }
  const Json json = Json::parse(with({"--json"}).out);
  EXPECT_EQ(json["figures"][0]["series"][1]["x"].dump(), "[51.0,40.5]");
  EXPECT_EQ(with({"--html", path("nowhere/page.html")}).code, 2);
}

TEST_F(CliTest, ListsWhatThereIs) {
  for (const char* what : {"samplers", "storages", "workloads", "analyses"}) {
    const Answer answer = call({"list", what, "--json"});
    ASSERT_EQ(answer.code, 0) << what;
    const Json list = Json::parse(answer.out);
    EXPECT_TRUE(list.is_array() && !list.empty()) << what;
  }
  EXPECT_EQ(call({"doctor"}).code, 0);
}

TEST_F(CliTest, SaysWhichArgumentIsWrongAndWhatIsNearest) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"trials", "bowl", "--sort", "valeu"},
       "trimtab trials, --sort: the value is not one of those that are possible\n"
       "  got:      \"valeu\"\n"
       "  expected: one of number, value, time\n"
       "  hint:     did you mean \"value\"?\n"
       "  code:     cli.value\n"},
      {{"trials", "bowl", "--limit", "-3"},
       "trimtab trials, --limit: the value is not a whole number of the range\n"
       "  got:      \"-3\"\n"
       "  expected: 0 to 1000000000\n"
       "  code:     cli.value\n"},
      {{"run", "--paralel", "3", "study.toml"},
       "trimtab run: there is no such option\n"
       "  got:      \"--paralel\"\n"
       "  expected: one of --help, --storage, --parallel, --set, --report, --folder, --nested, "
       "--json, "
       "--no-progress\n"
       "  hint:     did you mean \"--parallel\"?\n"
       "  code:     cli.arguments\n"},
      {{"run", "a.toml", "b.toml"},
       "trimtab run: there is an argument too many\n"
       "  got:      \"b.toml\"\n"
       "  hint:     trimtab run --help\n"
       "  code:     cli.arguments\n"},
      {{"list"},
       "trimtab list: an argument is missing\n"
       "  expected: what\n"
       "  hint:     trimtab list --help\n"
       "  code:     cli.arguments\n"},
      {{"run", "a.toml", "--parallel"},
       "trimtab run: an option needs a value\n"
       "  got:      \"--parallel\"\n"
       "  hint:     trimtab run --help\n"
       "  code:     cli.arguments\n"},
      {{"tell", "bowl", "first"},
       "trimtab tell, number: the value is not a whole number of the range\n"
       "  got:      \"first\"\n"
       "  expected: 0 to 9223372036854775807\n"
       "  code:     cli.value\n"}};
  for (const auto& [arguments, message] : cases) {
    const Answer answer = call(arguments);
    EXPECT_EQ(answer.code, kUserError);
    EXPECT_EQ(answer.err, message);
    EXPECT_EQ(answer.out, "");
  }
}

TEST_F(CliTest, AnswersEveryMistakeOfACallWithCodeTwoAndCreatesNothing) {
  const std::vector<std::vector<std::string>> calls = {
      {},
      {"--frob"},
      {"run", path("none.toml")},
      {"run", folder_.string()},
      {"run", path("study.toml"), "--set", "study.budgit=3"},
      {"run", path("study.toml"), "--set", "no assignment"},
      {"run", path("study.toml"), "--report", path("no/such/folder/page.html")},
      {"run", path("study.toml"), "--storage", "mysql://host"},
      {"enqueue", path("study.toml"), "x=7"},
      {"enqueue", path("study.toml"), "nonsense"},
      {"ask", path("none.toml")},
      {"show", "bowl"},
      {"best", "bowl"},
      {"export", "csv", "bowl"},
      {"report", "bowl", "-o", path("no/such/folder/page.html")},
      {"replay", "bowl"},
      {"delete", "bowl"},
      {"analyse", "importance", "bowl"},
      {"log", "step"}};
  for (std::vector<std::string> arguments : calls) {
    const bool has_storage =
        std::find(arguments.begin(), arguments.end(), "--storage") != arguments.end();
    const bool takes_storage = arguments.size() > 1 && arguments.front() != "log";
    if (takes_storage && !has_storage) {
      arguments.insert(arguments.end(), {"--storage", storage()});
    }
    const Answer answer = call(arguments);
    EXPECT_EQ(answer.code, kUserError) << answer.err;
    EXPECT_THAT(answer.err, testing::HasSubstr("\n  code:     ")) << answer.err;
    EXPECT_EQ(answer.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(path("all.db")));
  EXPECT_FALSE(std::filesystem::exists(path("trials")));
}

TEST_F(CliTest, ListsTrialsAsJsonInTheOrderAskedFor) {
  ASSERT_EQ(run({"--no-progress", "--set", "validity.confirm.top=0"}).code, 0);
  const Answer answer =
      call({"trials", "bowl", "--json", "--sort", "value", "--limit", "3", "--storage", storage()});
  const Json trials = Json::parse(answer.out);
  ASSERT_EQ(trials.size(), 3u);
  EXPECT_LE(trials[0]["values"]["loss"], trials[1]["values"]["loss"]);
  const Answer best = call({"best", "bowl", "--json", "--storage", storage()});
  EXPECT_EQ(Json::parse(best.out)["number"], trials[0]["number"]);
}

TEST_F(CliTest, PutsAnEnqueuedConfigurationFirst) {
  const Answer queued = call({"enqueue", path("study.toml"), "x=0.125", "--storage", storage()});
  EXPECT_EQ(queued.out, "trial 0: waiting\n");
  const Answer asked = call({"ask", "bowl", "--storage", storage()});
  EXPECT_EQ(Json::parse(asked.out)["params"]["x"], 0.125);
}

TEST_F(CliTest, TellsNegativeAndNamedValues) {
  ASSERT_EQ(call({"ask", path("study.toml"), "--count", "2", "--storage", storage()}).code, 0);
  EXPECT_EQ(call({"tell", "bowl", "0", "-0.98", "--storage", storage()}).code, 0);
  EXPECT_EQ(call({"tell", "bowl", "1", "loss=-1.5", "seconds=3", "--storage", storage()}).code, 0);
  const Json best = Json::parse(call({"best", "bowl", "--json", "--storage", storage()}).out);
  EXPECT_EQ(best["values"]["loss"], -1.5);
  EXPECT_EQ(best["metrics"]["seconds"], 3.0);
}

TEST_F(CliTest, TakesSpaceAndObjectivesFromTheWorkload) {
  write("workload.toml", "[study]\nname = \"w\"\n[program]\nworkload = \"bowl\"\n");
  Registry registry = make_registry();
  registry.add_workload(
      {.info = {.name = "bowl", .purpose = "a bowl", .source = "none"}, .make = [](const auto&) {
         return Workload{.space = Space::parse_text(R"({"x": [0.0, 4.0]})"),
                         .objectives = {{.name = "depth", .goal = Goal::Maximise}},
                         .run = {},
                         .metrics = {}};
       }});
  const StudySpec spec = read_study_file(path("workload.toml"), {}, registry);
  EXPECT_EQ(spec.objectives.front().name, "depth");
  EXPECT_TRUE(Space::parse_text(spec.space_definition) ==
              Space::parse_text(R"({"x": [0.0, 4.0]})"));
}

TEST_F(CliTest, PrintsSoberLinesWhereThereIsNoTerminal) {
  const Answer answer = run();
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.err, testing::HasSubstr("search  [####################]  12/12  best loss "));
  EXPECT_THAT(answer.err, testing::HasSubstr("the search is over; finalists and the default"));
  EXPECT_THAT(answer.err, testing::Not(testing::HasSubstr("\r")));
  EXPECT_THAT(answer.err + answer.out, testing::Not(testing::HasSubstr("\x1b")));
  EXPECT_LE(std::count(answer.err.begin(), answer.err.end(), '\n'), 12 + 1 + 10);
  EXPECT_THAT(answer.out, testing::StartsWith("bowl  minimise loss\n"));
}

TEST_F(CliTest, SaysNothingBeforeTheResultWhenAskedTo) {
  const Answer answer = run({"--no-progress"});
  EXPECT_EQ(answer.err, "");
  EXPECT_THAT(answer.out, testing::HasSubstr("verdict"));
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
  EXPECT_EQ(render_progress(state, 80),
            "search  [####........]  34/100  best auc 0.98841  ETA 20.6 s  3.21 trials/s");
  EXPECT_EQ(render_progress(state, 60),
            "search  [####........]  34/100  best auc 0.98841  ETA 20.6 s");
  for (int width = 1; width < 120; ++width) {
    EXPECT_LE(render_progress(state, width).size(), static_cast<std::size_t>(width));
  }
}

}  // namespace
}  // namespace trimtab
