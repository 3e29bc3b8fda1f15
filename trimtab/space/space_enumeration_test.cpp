// Sizes and enumeration: closed forms by hand.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

std::optional<std::uint64_t> size_of(const char* definition) {
  return Space::parse_text(definition).size();
}

TEST(SpaceSize, MultipliesIndependentParameters) {
  EXPECT_EQ(size_of(R"({"a": [1, 4], "b": ["x", "y", "z"], "c": {"float": [0, 1], "step": 0.25}})"),
            4u * 3 * 5);
  EXPECT_EQ(size_of(R"({"a": [1, 4], "x": [0.0, 1.0]})"), std::nullopt);
  EXPECT_EQ(size_of(R"({"a": [1, 4], "x": {"float": [2, 2]}})"), 4u);
}

TEST(SpaceSize, AddsTheBranchesOfConditions) {
  // poly: 4 degrees; rbf: 3 gammas; linear: nothing.
  EXPECT_EQ(size_of(R"({"k": ["rbf", "poly", "linear"], "d": {"int": [2, 5], "when": {"k": "poly"}},
                        "g": {"choice": [1, 2, 3], "when": {"k": "rbf"}}})"),
            4u + 3 + 1);
  // n = 1, 2: nothing; n = 3, 4, 5: two choices each.
  EXPECT_EQ(size_of(R"({"n": [1, 5], "c": {"choice": [1, 2], "when": {"n": ">= 3"}}})"),
            2u + 3 * 2);
}

TEST(SpaceSize, CountsConditionsOnSlotsAndItems) {
  EXPECT_EQ(size_of(R"({"p": {"permutation": ["a", "b", "c"]},
                        "x": {"choice": [1, 2, 3], "when": {"p[0]": "b"}}})"),
            4u + 2 * 3);
  EXPECT_EQ(size_of(R"({"s": {"subset": ["a", "b", "c"], "size": [1, 2]},
                        "x": {"choice": [1, 2], "when": {"s[0]": true}},
                        "y": {"choice": [1, 2], "when": {"s[0]": true, "s[1]": true}}})"),
            // {a}: 2, {b}: 1, {c}: 1, {ab}: 2 * 2, {ac}: 2, {bc}: 1
            2u + 1 + 1 + 4 + 2 + 1);
}

TEST(SpaceSize, SumsTheCopiesOfARepeat) {
  EXPECT_EQ(size_of(R"({"r": {"repeat": [0, 3], "space": {"u": ["x", "y"]}}})"), 1u + 2 + 4 + 8);
}

TEST(SpaceSize, SaysManyBeyondTwoToThe62) {
  EXPECT_EQ(size_of(R"({"a": {"int": [0, 9007199254740991]}})"), std::uint64_t{1} << 53);
  EXPECT_EQ(size_of(R"({"a": {"int": [0, 9007199254740991]}, "b": {"int": [0, 4095]}})"),
            Space::kManyPoints);
  std::string items;
  for (int i = 0; i < 61; ++i) items += (i > 0 ? "," : "") + std::to_string(i);
  EXPECT_EQ(Space::parse_text(R"({"s": {"subset": [)" + items + "]}}").size(),
            std::uint64_t{1} << 61);
  EXPECT_EQ(Space::parse_text(R"({"p": {"permutation": [)" + items + "]}}").size(),
            Space::kManyPoints);
}

TEST(SpaceSize, IsFastForLargeConditionalSpaces) {
  Json definition = Json::object();
  for (int i = 0; i < 300; ++i) {
    const std::string name = "c" + std::to_string(i);
    definition[name] = {{"choice", {"a", "b", "c"}}};
    definition[name + "x"] = {{"int", {1, 9}}, {"when", {{name, "a"}}}};
  }
  EXPECT_EQ(Space::parse(definition).size(), Space::kManyPoints);
}

std::vector<std::string> enumerate(const Space& space) {
  std::vector<std::string> points;
  for (Point point = space.first();;) {
    points.push_back(space.to_json(point).dump());
    if (!space.next(point)) return points;
  }
}

TEST(SpaceEnumeration, WalksInTheOrderOfTheDefinition) {
  const Space space = Space::parse_text(
      R"({"k": ["rbf", "poly"], "d": {"int": [2, 3], "when": {"k": "poly"}}, "n": [1, 2]})");
  EXPECT_EQ(enumerate(space), (std::vector<std::string>{
                                  R"({"k":"rbf","n":1})", R"({"k":"rbf","n":2})",
                                  R"({"k":"poly","d":2,"n":1})", R"({"k":"poly","d":2,"n":2})",
                                  R"({"k":"poly","d":3,"n":1})", R"({"k":"poly","d":3,"n":2})"}));
}

TEST(SpaceEnumeration, WalksThroughPermutationsAndSubsets) {
  EXPECT_EQ(enumerate(Space::parse_text(R"({"p": {"permutation": ["a", "b", "c"]}})")),
            (std::vector<std::string>{R"({"p":["a","b","c"]})", R"({"p":["a","c","b"]})",
                                      R"({"p":["b","a","c"]})", R"({"p":["b","c","a"]})",
                                      R"({"p":["c","a","b"]})", R"({"p":["c","b","a"]})"}));
  EXPECT_EQ(
      enumerate(Space::parse_text(R"({"s": {"subset": ["a", "b", "c"], "size": 2}})")),
      (std::vector<std::string>{R"({"s":["b","c"]})", R"({"s":["a","c"]})", R"({"s":["a","b"]})"}));
}

TEST(SpaceEnumeration, DoesNotApplyConstraints) {
  EXPECT_EQ(enumerate(Space::parse_text(R"({"n": [1, 3], "forbid": "n == 2"})")).size(), 3u);
}

TEST(SpaceEnumeration, RefusesAContinuousSpace) {
  try {
    Space::parse_text(R"({"n": [1, 3], "x": [0.0, 1.0]})").first();
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(),
                 "x: a continuous space cannot be enumerated\n"
                 "  got:      a continuous parameter\n"
                 "  expected: parameters with finitely many values\n"
                 "  hint:     give it a \"step\" or \"levels\"\n"
                 "  code:     space.not_finite");
  }
}

TEST(SpaceDiscretised, CutsContinuousParametersOnTheirScale) {
  const Space space = Space::parse_text(
      R"json({"x": {"float": [1e-4, 1], "log": true}, "y": "uniform(0, 1)", "n": [1, 2],
          "o": {"one_of": {"a": {"z": [0.0, 1.0]}, "b": {}}},
          "r": {"repeat": [1, 2], "space": {"w": [0.0, 1.0]}}, "forbid": "x > y"})json");
  const Space grid = space.discretised(3);
  EXPECT_EQ(grid.size(), 3u * 3 * 2 * (3 + 1) * (3 + 9));
  const Dimension& x = grid.dimensions()[0];
  EXPECT_EQ(x.value_at(0), 1e-4);
  EXPECT_NEAR(x.value_at(1), 1e-2, 1e-12);
  EXPECT_EQ(x.value_at(2), 1.0);
  EXPECT_TRUE(grid.has_constraints());
  EXPECT_THROW(space.discretised(1), UserError);
}

}  // namespace
}  // namespace trimtab
