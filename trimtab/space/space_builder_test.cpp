#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

TEST(SpaceBuilder, BuildsWhatADefinitionSays) {
  const Space built =
      SpaceBuilder()
          .real("rate", 1e-5, 1e-1, {.is_log = true, .default_value = 1e-3, .unit = "1"})
          .integer("units", 8, 64, {.step = 8, .default_value = 16})
          .categorical("optimizer", {"sgd", "adam"}, {.default_choice = "adam"})
          .real("momentum", 0.0, 0.99, {.when = {{"optimizer", {"sgd"}}}})
          .ordinal("size", {"S", "M", std::int64_t{3}})
          .permutation("order", {"a", "b"})
          .subset("features", {"x", "y", "z"}, 1, 2)
          .one_of("op", {{.label = "conv", .parameters = SpaceBuilder().integer("filters", 1, 8)},
                         {.label = "skip"}})
          .many_of("ops", 2, {{.label = "p"}, {.label = "q"}}, {.is_distinct = false})
          .repeat("layers", 1, 2, SpaceBuilder().real("drop", 0.0, 0.5))
          .forbid("units > 32 and optimizer == 'sgd'")
          .require("rate < 0.05")
          .build();
  const Space parsed = Space::parse_text(R"({
      "rate": {"float": [1e-5, 1e-1], "log": true, "default": 1e-3, "unit": "1"},
      "units": {"int": [8, 64], "step": 8, "default": 16},
      "optimizer": {"choice": ["sgd", "adam"], "default": "adam"},
      "momentum": {"float": [0, 0.99], "when": {"optimizer": "sgd"}},
      "size": {"ordinal": ["S", "M", 3]},
      "order": {"permutation": ["a", "b"]},
      "features": {"subset": ["x", "y", "z"], "size": [1, 2]},
      "op": {"one_of": {"conv": {"filters": {"int": [1, 8]}}, "skip": {}}},
      "ops": {"many_of": ["p", "q"], "k": 2, "distinct": false},
      "layers": {"repeat": [1, 2], "space": {"drop": {"float": [0, 0.5]}}},
      "forbid": ["units > 32 and optimizer == 'sgd'"], "require": ["rate < 0.05"]})");
  EXPECT_EQ(built, parsed);
}

TEST(SpaceBuilder, IsAValue) {
  SpaceBuilder first;
  first.real("x", 0.0, 1.0);
  SpaceBuilder second = first;
  second.real("y", 0.0, 1.0);
  EXPECT_EQ(first.build().num_dimensions(), 1u);
  EXPECT_EQ(second.build().num_dimensions(), 2u);
  first = second;
  EXPECT_EQ(first.definition_text(), second.definition_text());
  SpaceBuilder third = std::move(second);
  EXPECT_EQ(third.build(), first.build());
}

TEST(SpaceBuilder, ReportsTheSameNameTwice) {
  try {
    SpaceBuilder().real("x", 0.0, 1.0).integer("x", 1, 2).build();
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(),
                 "SpaceBuilder: two parameters have the same name\n"
                 "  got:      \"x\"\n"
                 "  expected: a name of its own\n"
                 "  code:     space.duplicate_name");
  }
}

TEST(SpaceBuilder, ReportsEveryProblemOfTheDefinition) {
  try {
    SpaceBuilder()
        .real("x", 1.0, 0.0)
        .categorical("c", {})
        .one_of("o", {{.label = "a"}, {.label = "a"}})
        .integer("n", 1, 4, {.default_value = 2.5})
        .build();
    FAIL() << "no error";
  } catch (const UserError& error) {
    ASSERT_EQ(error.infos().size(), 4u) << error.what();
    EXPECT_EQ(error.infos()[0].code, "space.empty_range");
    EXPECT_EQ(error.infos()[1].code, "space.empty_choices");
    EXPECT_EQ(error.infos()[2].code, "space.duplicate_choice");
    EXPECT_EQ(error.infos()[3].code, "space.default_off_step");
  }
}

TEST(SpaceBuilder, KeepsConstraintsOnTheOutside) {
  EXPECT_THROW(
      SpaceBuilder().repeat("r", 1, 2, SpaceBuilder().real("x", 0.0, 1.0).forbid("x > 1")).build(),
      UserError);
}

}  // namespace
}  // namespace trimtab
