// Wrong definitions: each gets its message, all messages come at once.

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/testing/places.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

struct WrongDefinition {
  std::string name;
  std::string definition;
  std::string message;
};

void PrintTo(const WrongDefinition& wrong, std::ostream* out) { *out << wrong.definition; }

// tests/bad_spaces.txt: "## name", one line of JSON, the message.
std::vector<WrongDefinition> wrong_definitions() {
  std::ifstream file(source_folder() + "/tests/bad_spaces.txt");
  std::vector<WrongDefinition> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) {
      all.push_back({.name = line.substr(3), .definition = "", .message = ""});
    } else if (all.empty()) {
      continue;  // the explanation at the top
    } else if (all.back().definition.empty()) {
      all.back().definition = line;
    } else {
      all.back().message += (all.back().message.empty() ? "" : "\n") + line;
    }
  }
  return all;
}

std::string error_of(const std::string& definition) {
  try {
    Space::parse_text(definition);
    return "no error";
  } catch (const UserError& error) {
    return error.what();
  }
}

class WrongSpace : public ::testing::TestWithParam<WrongDefinition> {};

TEST_P(WrongSpace, GetsItsMessage) {
  EXPECT_EQ(error_of(GetParam().definition), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(Definition, WrongSpace, ::testing::ValuesIn(wrong_definitions()),
                         [](const auto& test) { return test.param.name; });

TEST(SpaceErrors, AreKnownForManyDefinitions) { EXPECT_GE(wrong_definitions().size(), 60u); }

TEST(SpaceErrors, NameThePlaceThatTheCallerKnows) {
  const auto where = [](std::string_view path) { return "file:7 (" + std::string(path) + ")"; };
  try {
    Space::parse(Json::parse(R"({"x": {"float": [0, 1], "default": 3}})"), where);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().where, "file:7 (x/default)");
  }
}

TEST(SpaceErrors, OfARepeatedPartComeOnce) {
  const std::string message = error_of(
      R"({"r": {"repeat": [1, 9], "space": {"x": {"float": [0, 1], "when": {"no": 1}}}}})");
  EXPECT_EQ(message.find("space.unknown_parent"), message.rfind("space.unknown_parent"));
}

TEST(SpaceErrors, OfAWrongParameterAreNotRepeatedByThoseThatNameIt) {
  const std::string message = error_of(
      R"({"n": {"int": [3, 1]}, "x": {"float": [0, 1], "when": {"n": 2}}, "forbid": "n > 1"})");
  EXPECT_NE(message.find("space.empty_range"), std::string::npos);
  EXPECT_EQ(message.find("space.unknown"), std::string::npos) << message;
}

// Each of these once took a parser down or made it slow somewhere.
TEST(SpaceErrors, HostileTextsEndInAMessage) {
  const std::vector<std::string> texts = {
      std::string(100'000, '['),
      std::string(100'000, '{'),
      R"({"x": )" + std::string(600, '[') + std::string(600, ']') + "}",
      "{\"\\ud800\": 1}",
      R"({"x": {"float": [0, 1], "prior": {"weights": [1]}}})",
      R"({"r": {"repeat": [1000000, 1000000], "space": {}}, "x": 5})",
      R"({"x": {"float": [0, 1]}, "forbid": ")" + std::string(9000, '(') + "\"}",
      R"({"x": {"float": [0, 1]}, "forbid": ")" + std::string(9000, '-') + "\"}",
      "",
      "nul",
      std::string("{\"x\": \"\0\"}", 10),
  };
  for (const std::string& text : texts) {
    EXPECT_NE(error_of(text), "no error") << text.substr(0, 60);
  }
}

TEST(SpaceErrors, DeepSubSpacesAndLongChainsAreRefused) {
  std::string nested = R"({"u": [0, 1]})";
  for (int i = 0; i < 40; ++i) nested = R"({"r": {"repeat": [1, 1], "space": )" + nested + "}}";
  EXPECT_NE(error_of(nested).find("code:     space.too_deep"), std::string::npos);

  Json chain = {{"c0", {{"choice", {0, 1}}}}};
  for (int i = 1; i < 1200; ++i) {
    chain["c" + std::to_string(i)] = {{"choice", {0, 1}},
                                      {"when", {{"c" + std::to_string(i - 1), 1}}}};
  }
  EXPECT_NE(error_of(chain.dump()).find("too many conditions hang on one another"),
            std::string::npos);
}

TEST(SpaceErrors, AnInfeasibleSpaceSaysWhichConstraintsItTried) {
  const Space space = Space::parse_text(R"({"x": {"float": [0, 1]}, "require": "x > 2"})");
  Rng rng(1);
  try {
    space.sample(rng);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(),
                 "space: no point of the space satisfies the constraints\n"
                 "  got:      10000 draws, all refused\n"
                 "  expected: constraints that leave more than a tiny part of the space\n"
                 "  hint:     require x > 2\n"
                 "  code:     space.infeasible");
  }
}

}  // namespace
}  // namespace trimtab
