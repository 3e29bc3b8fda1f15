#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "trimtab/base/files.hpp"
#include "trimtab/base/weights/safetensors.hpp"
#include "trimtab/cli/testing/cli_fixture.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

// Models of one weight w, whose score is -|w|.
class SoupCommand : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("score.sh",
          "echo loading\n"
          "tail -c 4 \"$1\" | od -An -t f4 | awk '{ w = $1 < 0 ? -$1 : $1; print \"score=\" (-w) "
          "}'\n");
    write("fail.sh", "echo score=1; exit 3\n");
    write("silent.sh", "echo sccore=1\n");
  }

  std::string model(const std::string& name, float w) const {
    SafetensorsHeader header;
    header.tensors = {{.name = "w", .format = NumberFormat::F32}};
    std::string bytes = render_safetensors_header(header);
    bytes.append(reinterpret_cast<const char*>(&w), sizeof w);
    write_file_atomically(path(name), bytes);
    return path(name);
  }

  float weight(const std::string& name) const {
    const SafetensorsFile file(path(name));
    float w = 0.0F;
    file.read(file.header().tensors.at(0), 0, std::as_writable_bytes(std::span(&w, 1)));
    return w;
  }

  Answer soup(std::vector<std::string> arguments, const std::string& script = "") const {
    arguments.insert(arguments.begin(), "soup");
    arguments.insert(arguments.end(), {"-o", path("soup")});
    if (!script.empty()) {
      arguments.insert(arguments.end(), {"--evaluate", "sh '" + path(script) + "' {file}"});
    }
    return call(arguments);
  }
};

TEST_F(SoupCommand, AveragesAllFiles) {
  const Answer answer = soup({model("a", 1.0F), model("b", 2.0F), model("c", 6.0F)});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("the mean of 3 of 3 files; not evaluated\n1 numbers averaged"));
  EXPECT_EQ(weight("soup"), 3.0F);
}

// -0.4 and 0.5 make 0.05; with -1 it would be -0.3, with 5 worse.
TEST_F(SoupCommand, KeepsWhatHelpsAndSaysThatItsScoreFlatters) {
  const std::vector<std::string> files = {model("a", 0.5F), model("b", 5.0F), model("c", -1.0F),
                                          model("d", -0.4F)};
  std::vector<std::string> arguments = files;
  arguments.insert(arguments.end(), {"--recipe", "greedy"});
  const Answer answer = soup(arguments, "score.sh");
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NEAR(weight("soup"), 0.05F, 1e-7F);
  EXPECT_THAT(answer.out,
              HasSubstr("the mean of 2 of 4 files; score -0.05, best single file -0.4"));
  EXPECT_THAT(answer.out, HasSubstr("flatters"));
  EXPECT_THAT(answer.err, HasSubstr("score=-0.4 " + files[3]));
  arguments.emplace_back("--json");
  const Answer again = soup(arguments, "score.sh");
  const Json json = Json::parse(again.out);
  EXPECT_EQ(json["ingredients"], Json({files[3], files[0]}));
  EXPECT_NEAR(json["singles"][1]["value"].get<double>(), -5.0, 1e-6);
  EXPECT_EQ(again.err, "");
  std::size_t num_files = 0;
  for (const auto& each : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(each.path().string().find("candidate"), std::string::npos) << each.path();
    ++num_files;
  }
  EXPECT_EQ(num_files, 4u + 3 + 2 + 1);  // models, scripts, what the fixture wrote, the soup
}

// The study's own program writes the weight x, its objective is x^2, minimised: the scores of
// single trials are not evaluated again. One trial has lost its file.
TEST_F(SoupCommand, TakesTheTrialsOfAStudyAndTheirScores) {
  ASSERT_EQ(run({"--no-progress"}).code, 0);
  const Json trials = Json::parse(call({"export", "json", "bowl", "--storage", storage()}).out);
  double best = 1e300;
  std::size_t num_search = 0;
  for (const Json& trial : trials) {
    if (trial["purpose"] == "confirm") continue;
    ++num_search;
    const auto number = trial["number"].get<int>();
    if (number == 2) continue;
    model("w" + std::to_string(number), trial["params"]["x"].get<float>());
    best = std::min(best, trial["values"]["loss"].get<double>());
  }
  write("loss.sh",
        "echo evaluated >> \"$(dirname \"$1\")/log\"\n"
        "tail -c 4 \"$1\" | od -An -t f4 | awk '{ print \"loss=\" ($1 * $1) }'\n");
  const Answer answer = soup({"--study", "bowl", "--storage", storage(), "--weights",
                              path("w{trial}"), "--recipe", "greedy", "--json"},
                             "loss.sh");
  ASSERT_EQ(answer.code, 0) << answer.err;
  const Json json = Json::parse(answer.out);
  EXPECT_EQ(json["trials_without_file"], 1);
  EXPECT_EQ(json["singles"].size(), num_search - 1);
  EXPECT_EQ(json["metric"], "loss");
  EXPECT_LE(json["value"].get<double>(), best);
  EXPECT_NEAR(json["value"].get<double>(), std::pow(weight("soup"), 2), 1e-6);
  const std::string log = read_file(path("log"));
  EXPECT_EQ(static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n')), num_search - 2);
}

TEST_F(SoupCommand, CopiesTheBestWhenNoSoupIsBetter) {
  const Answer answer =
      soup({model("a", 0.1F), model("b", 7.0F), "--recipe", "greedy"}, "score.sh");
  EXPECT_THAT(answer.out, HasSubstr("no soup was better than " + path("a") + " alone"));
  EXPECT_EQ(read_file(path("soup")), read_file(path("a")));
  EXPECT_THAT(soup({model("a", 1.0F), model("b", -1.5F)}, "score.sh").out,
              HasSubstr("score -0.25, best single file -1"));
}

TEST_F(SoupCommand, RefusesWhatCannotBeDoneAndWritesNothing) {
  const std::string a = model("a", 1.0F), b = model("b", 2.0F);
  const auto refused = [&](const Answer& answer, int code, const std::string& part) {
    EXPECT_EQ(answer.code, code) << answer.out;
    EXPECT_THAT(answer.err, HasSubstr(part));
    EXPECT_FALSE(std::filesystem::exists(path("soup")));
  };
  refused(soup({a}), kUserError, "one file is no soup");
  refused(soup({a, path("missing")}), kUserError, "cannot be read");
  refused(soup({a, path("study.toml")}), kUserError, "safetensors.format");
  refused(soup({}), kUserError, "what is the soup made of");
  refused(soup({a, b, "--study", "bowl"}), kUserError, "what is the soup made of");
  refused(soup({"--study", "bowl", "--weights", "w"}), kUserError, "--weights with {trial}");
  refused(soup({a, b, "--recipe", "greedy"}), kUserError, "--evaluate COMMAND");
  refused(soup({a, b, "--recipe", "best"}), kUserError, "best");
  refused(soup({a, b, "--evaluate", "sh x.sh"}), kUserError, "a command with {file}");
  refused(soup({a, b, "--evaluate", "sh x.sh {file} {seed}"}), kUserError, "{seed}");
  refused(soup({a, b}, "fail.sh"), kEnvironmentError, "exit code 3");
  refused(soup({a, b, "--evaluate", "no-such-program {file}"}), kEnvironmentError, "exit code 127");
  refused(soup({a, b}, "silent.sh"), kUserError, "score=NUMBER");
  refused(call({"soup", a, b, "-o", path("no/soup")}), kUserError, "does not exist");
}

}  // namespace
}  // namespace trimtab
