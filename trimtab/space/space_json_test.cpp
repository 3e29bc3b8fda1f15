// Points as JSON, as text for command lines, and as hashes.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "trimtab/base/error.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

const Space& svm() {
  static const Space kSpace = Space::parse_text(R"({
      "C": {"float": [1e-3, 1e3], "log": true, "default": 1.0},
      "kernel": {"choice": ["rbf", "poly"]},
      "degree": {"int": [2, 6], "step": 2, "when": {"kernel": "poly"}},
      "order": {"permutation": ["a", "b", "c"]},
      "use": {"subset": ["x", "y"], "size": [1, 2]},
      "ops": {"many_of": ["p", "q", "r"], "k": 2, "sorted": true}})");
  return kSpace;
}

std::string error_of(const char* values) {
  try {
    svm().from_json(Json::parse(values));
    return "no error";
  } catch (const UserError& error) {
    return error.what();
  }
}

TEST(SpaceJson, MissingParametersTakeTheirDefaults) {
  EXPECT_EQ(svm().to_json(svm().from_json(Json::object())).dump(),
            R"({"C":1.0,"kernel":"rbf","order":["a","b","c"],"use":["x"],"ops":["p","q"]})");
  EXPECT_EQ(
      svm().to_json(svm().from_json(Json{{"kernel", "poly"}})).dump(),
      R"({"C":1.0,"kernel":"poly","degree":4,"order":["a","b","c"],"use":["x"],"ops":["p","q"]})");
}

TEST(SpaceJson, ReadsBackDecimalsThatLostTheirLastDigit) {
  const Space space = Space::parse_text(R"({"x": {"float": [0.1, 0.7], "step": 0.2}})");
  EXPECT_EQ(space.from_json(Json{{"x", 0.30000000000000004}}), Point{0.3});
  EXPECT_EQ(space.from_json(Json{{"x", 0.7000000000000001}}), Point{0.7});
}

TEST(SpaceJson, TellsEveryWrongValueAtOnce) {
  EXPECT_EQ(error_of(R"({"C": 1e9, "kernel": "pol", "degre": 3, "order": ["a", "b"],
                         "use": ["x", "x"], "ops": ["q", "p"]})"),
            "space/C: the value is outside the range\n"
            "  got:      1000000000.0\n"
            "  expected: a number in [0.001, 1000]\n"
            "  code:     space.value_outside\n"
            "space/kernel: the value is not among the choices\n"
            "  got:      \"pol\"\n"
            "  expected: one of \"rbf\", \"poly\"\n"
            "  hint:     did you mean \"poly\"?\n"
            "  code:     space.unknown_choice\n"
            "space/degre: the space has no such parameter\n"
            "  got:      \"degre\"\n"
            "  expected: one of C, kernel, degree, order, use, ops\n"
            "  hint:     did you mean \"degree\"?\n"
            "  code:     space.unknown_parameter\n"
            "space/order: the value is not a list of the right length\n"
            "  got:      [\"a\",\"b\"]\n"
            "  expected: a list of 3 choices, none twice\n"
            "  code:     space.value_outside\n"
            "space/use/1: the same choice stands twice in the list\n"
            "  got:      \"x\"\n"
            "  expected: a list of 1 to 2 choices, none twice\n"
            "  code:     space.value_twice\n"
            "space/ops/1: the choices are not in the order of the candidates\n"
            "  got:      \"p\"\n"
            "  expected: a list of 2 choices, none twice, in the order of the candidates\n"
            "  code:     space.value_unsorted");
}

TEST(SpaceJson, RefusesWhatIsSwitchedOffOrBetweenTheSteps) {
  EXPECT_EQ(error_of(R"({"kernel": "rbf", "degree": 2})"),
            "space/degree: the parameter is switched off by its condition\n"
            "  got:      2\n"
            "  expected: no value, or other values of kernel\n"
            "  code:     space.inactive_parameter");
  EXPECT_EQ(error_of(R"({"kernel": "poly", "degree": 3})"),
            "space/degree: the value is between two legal values\n"
            "  got:      3\n"
            "  expected: a whole number in [2, 6] in steps of 2\n"
            "  hint:     the nearest legal value is 4\n"
            "  code:     space.value_off_step");
  EXPECT_NE(error_of(R"({"C": "one"})").find("space.wrong_type"), std::string::npos);
  EXPECT_NE(error_of("[1]").find("a table parameter = value"), std::string::npos);
  EXPECT_NE(error_of(R"({"use": []})").find("the right length"), std::string::npos);
}

TEST(SpaceJson, GivesTextsForCommandLines) {
  const Point point = svm().from_json(Json::parse(R"({"C": 0.001, "order": ["c", "a", "b"]})"));
  const auto text = [&](const char* name) {
    return svm().value_text(point, *svm().find_parameter(name)).value_or("nothing");
  };
  EXPECT_EQ(text("C"), "0.001");
  EXPECT_EQ(text("kernel"), "rbf");
  EXPECT_EQ(text("degree"), "nothing");
  EXPECT_EQ(text("order"), R"(["c","a","b"])");
  EXPECT_EQ(text("use"), R"(["x"])");
}

TEST(SpaceHash, SeesNamesAndValuesOfActiveParametersAlone) {
  const Space small = Space::parse_text(R"({"k": ["a", "b"], "x": [0.0, 1.0]})");
  // Another order, another range, more choices, a parameter that is switched off.
  const Space large = Space::parse_text(R"({"x": [-5.0, 5.0], "k": ["c", "b", "a"],
      "extra": {"float": [0, 1], "when": {"k": "c"}}})");
  const Json values = Json::parse(R"({"k": "b", "x": 0.25})");
  EXPECT_EQ(small.hash(small.from_json(values)), large.hash(large.from_json(values)));
  const Json other = Json::parse(R"({"k": "a", "x": 0.25})");
  EXPECT_NE(small.hash(small.from_json(values)), small.hash(small.from_json(other)));
}

TEST(SpaceHash, SeesTheOrderOfSlotsAndTheValuesOfSubsets) {
  const Space space =
      Space::parse_text(R"({"p": {"permutation": ["a", "b"]}, "s": {"subset": ["x", "y"]}})");
  EXPECT_NE(space.hash(Point{0, 1, 0, 0}), space.hash(Point{1, 0, 0, 0}));
  EXPECT_NE(space.hash(Point{0, 1, 1, 0}), space.hash(Point{0, 1, 0, 1}));
  EXPECT_NE(space.hash(Point{0, 1, 0, 0}), space.hash(Point{0, 1, 1, 1}));
}

// May change only together with the version of the storage format: duplicates are found by it.
TEST(SpaceHash, OfAKnownPointPermanence) {
  EXPECT_EQ(svm().hash(svm().default_point()).hex(), "94975238a2bc329451285be0faa9aa6c");
}

}  // namespace
}  // namespace trimtab
