// What each kind of definition becomes: dimensions, parameters, groups, names.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

std::vector<std::string> names(const Space& space) {
  std::vector<std::string> names;
  for (const Dimension& dimension : space.dimensions()) names.push_back(dimension.name);
  return names;
}

TEST(SpaceParse, ReadsAFloat) {
  const Space space = Space::parse_text(
      R"({"C": {"float": [1e-3, 1e3], "log": true, "default": 1.0, "unit": "1/s"}})");
  const Dimension& c = space.dimensions()[0];
  EXPECT_EQ(c.name, "C");
  EXPECT_EQ(c.kind, Kind::Real);
  EXPECT_EQ(c.low, 1e-3);
  EXPECT_EQ(c.high, 1e3);
  EXPECT_TRUE(c.is_log);
  EXPECT_FALSE(c.is_discrete());
  EXPECT_EQ(c.default_value, 1.0);
  EXPECT_EQ(space.parameters()[0].unit, "1/s");
  EXPECT_EQ(space.parameters()[0].type, ParameterType::Float);
  EXPECT_TRUE(space.has_default());
  EXPECT_FALSE(space.is_conditional());
}

TEST(SpaceParse, CutsTheHighEndToAMultipleOfTheStep) {
  const Space space = Space::parse_text(
      R"({"x": {"float": [0.1, 1.0], "step": 0.25}, "n": {"int": [1, 10], "step": 4},
          "y": {"float": [0.0, 0.3], "step": 0.1}})");
  EXPECT_EQ(space.dimensions()[0].high, 0.85);
  EXPECT_EQ(space.dimensions()[0].count(), 4u);
  EXPECT_EQ(space.dimensions()[1].high, 9.0);
  EXPECT_EQ(space.dimensions()[2].high, 0.3);  // 3 * 0.1 is 0.30000000000000004
  EXPECT_EQ(space.dimensions()[2].count(), 4u);
}

TEST(SpaceParse, ReadsAnInt) {
  const Space space =
      Space::parse_text(R"({"units": {"int": [8, 1024], "log": true, "default": 64}})");
  const Dimension& units = space.dimensions()[0];
  EXPECT_EQ(units.kind, Kind::Integer);
  EXPECT_EQ(units.count(), 1017u);
  EXPECT_EQ(units.step, 1.0);
  EXPECT_EQ(space.value_text(space.default_point(), space.parameters()[0]), "64");
}

TEST(SpaceParse, ReadsChoicesOfAnyScalarType) {
  const Space space =
      Space::parse_text(R"({"c": {"choice": ["rbf", 2, 0.5, true, null], "default": true}})");
  EXPECT_EQ(space.dimensions()[0].kind, Kind::Categorical);
  EXPECT_EQ(space.dimensions()[0].count(), 5u);
  EXPECT_EQ(space.parameters()[0].choices[1], Scalar(std::int64_t{2}));
  EXPECT_EQ(space.to_json(space.default_point()).dump(), R"({"c":true})");
  EXPECT_EQ(space.to_json(Point{4.0}).dump(), R"({"c":null})");
}

TEST(SpaceParse, TrueAndOneAreDifferentChoices) {
  const Space space = Space::parse_text(R"({"c": {"choice": [1, true, "1"]}})");
  EXPECT_EQ(space.dimensions()[0].count(), 3u);
  EXPECT_EQ(space.from_json(Json{{"c", true}}), Point{1.0});
  EXPECT_EQ(space.from_json(Json{{"c", 1.0}}), Point{0.0});
}

TEST(SpaceParse, ReadsAnOrdinal) {
  const Space space = Space::parse_text(R"({"size": {"ordinal": ["S", "M", "L"]}})");
  EXPECT_EQ(space.dimensions()[0].kind, Kind::Ordinal);
  EXPECT_EQ(space.parameters()[0].type, ParameterType::Ordinal);
  EXPECT_EQ(space.to_json(space.default_point()).dump(), R"({"size":"M"})");  // the centre
}

TEST(SpaceParse, ReadsAPermutation) {
  const Space space = Space::parse_text(
      R"({"order": {"permutation": ["a", "b", "c"], "default": ["c", "a", "b"]}})");
  EXPECT_EQ(names(space), (std::vector<std::string>{"order[0]", "order[1]", "order[2]"}));
  EXPECT_EQ(space.parameters()[0].count, 3u);
  EXPECT_TRUE(space.groups()[0].is_distinct);
  EXPECT_EQ(space.to_json(space.default_point()).dump(), R"({"order":["c","a","b"]})");
}

TEST(SpaceParse, ReadsASubset) {
  const Space space =
      Space::parse_text(R"({"features": {"subset": ["x", "y", "z"], "size": [1, 2]}})");
  ASSERT_EQ(space.groups().size(), 1u);
  EXPECT_EQ(space.groups()[0].type, Group::Type::Count);
  EXPECT_EQ(space.groups()[0].min_count, 1u);
  EXPECT_EQ(space.groups()[0].max_count, 2u);
  EXPECT_EQ(space.to_json(space.default_point()).dump(), R"({"features":["x"]})");
  const Space fixed = Space::parse_text(R"({"s": {"subset": ["x", "y", "z"], "size": 2}})");
  EXPECT_EQ(fixed.size(), 3u);
}

TEST(SpaceParse, ReadsOneOfWithParametersOfItsCandidates) {
  const Space space = Space::parse_text(R"({"op": {"one_of": {
      "conv": {"filters": {"int": [8, 64]}, "size": {"choice": [1, 3]}},
      "pool": {"size": {"choice": [2, 4]}}, "skip": {}}}})");
  // Names that two candidates share carry the candidate.
  EXPECT_EQ(names(space),
            (std::vector<std::string>{"op", "op.filters", "op.conv.size", "op.pool.size"}));
  EXPECT_TRUE(space.is_conditional());
  EXPECT_EQ(space.to_json(space.from_json(Json{{"op", "pool"}})).dump(),
            R"({"op":"pool","op.pool.size":2})");
  EXPECT_EQ(space.to_json(space.from_json(Json{{"op", "skip"}})).dump(), R"({"op":"skip"})");
}

TEST(SpaceParse, ReadsManyOfWithABlockPerSlot) {
  const Space space = Space::parse_text(R"({"ops": {"many_of": {
      "conv": {"filters": {"int": [8, 64]}}, "pool": {}}, "k": 2, "distinct": false}})");
  EXPECT_EQ(names(space),
            (std::vector<std::string>{"ops[0]", "ops[0].filters", "ops[1]", "ops[1].filters"}));
  EXPECT_EQ(space.groups()[0].block, 1u);
  EXPECT_EQ(space.groups()[0].members, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(space.to_json(Point{1.0, kInactive, 0.0, 32.0}).dump(),
            R"({"ops":["pool","conv"],"ops[1].filters":32})");
}

TEST(SpaceParse, ReadsRepeatWithCopiesThatComeAndGo) {
  const Space space = Space::parse_text(
      R"({"layers": {"repeat": [1, 3], "space": {"units": {"int": [8, 64], "default": 16}}}})");
  EXPECT_EQ(names(space), (std::vector<std::string>{"layers", "layers[0].units", "layers[1].units",
                                                    "layers[2].units"}));
  EXPECT_TRUE(space.dimensions()[1].when.empty());  // the first copy is always there
  EXPECT_EQ(space.to_json(space.from_json(Json{{"layers", 2}})).dump(),
            R"({"layers":2,"layers[0].units":16,"layers[1].units":16})");
}

TEST(SpaceParse, ConditionsNestAndNeedNotStandInOrder) {
  const Space space = Space::parse_text(R"({
      "degree": {"int": [2, 5], "when": {"kernel": "poly", "model": "svm"}},
      "kernel": {"choice": ["rbf", "poly"], "when": {"model": "svm"}},
      "trees": {"int": [10, 100], "when": {"model": ["forest", "boost"]}},
      "fine": {"float": [0, 1], "when": {"degree": ">= 4"}},
      "middle": {"float": [0, 1], "when": {"trees": "20..30"}},
      "model": {"choice": ["svm", "forest", "boost"]}})");
  EXPECT_EQ(names(space),
            (std::vector<std::string>{"model", "kernel", "degree", "trees", "fine", "middle"}));
  const auto active = [&](const char* json) {
    std::string text;
    const Json values = space.to_json(space.from_json(Json::parse(json)));
    for (const auto& [name, value] : values.items()) {
      text += name + " ";
    }
    return text;
  };
  EXPECT_EQ(active(R"({"model": "svm", "kernel": "poly", "degree": 4})"),
            "model kernel degree fine ");
  EXPECT_EQ(active(R"({"model": "svm", "kernel": "poly", "degree": 3})"), "model kernel degree ");
  EXPECT_EQ(active(R"({"model": "svm", "kernel": "rbf"})"), "model kernel ");
  EXPECT_EQ(active(R"({"model": "boost", "trees": 25})"), "model trees middle ");
  EXPECT_EQ(active(R"({"model": "boost", "trees": 31})"), "model trees ");
}

TEST(SpaceParse, AConditionInsideACandidateMayNameItsSiblingsAndTheOutside) {
  const Space space = Space::parse_text(R"({
      "deep": {"choice": [true, false]},
      "net": {"one_of": {"cnn": {
          "pool": {"choice": ["max", "none"]},
          "stride": {"int": [1, 3], "when": {"pool": "max"}},
          "extra": {"int": [1, 3], "when": {"deep": true}}}, "mlp": {}}}})");
  const auto keys = [&](const char* json) {
    return space.to_json(space.from_json(Json::parse(json))).size();
  };
  EXPECT_EQ(keys(R"({"deep": true, "net": "cnn", "net.pool": "max"})"), 5u);
  EXPECT_EQ(keys(R"({"deep": false, "net": "cnn", "net.pool": "none"})"), 3u);
  EXPECT_EQ(keys(R"({"deep": true, "net": "mlp"})"), 2u);
}

TEST(SpaceParse, AConditionMayNameASlotOrAnItem) {
  const Space space = Space::parse_text(R"({
      "order": {"permutation": ["a", "b"]}, "use": {"subset": ["x", "y"]},
      "p": {"float": [0, 1], "when": {"order[0]": "b"}},
      "q": {"float": [0, 1], "when": {"use[1]": true}}})");
  EXPECT_EQ(space.to_json(Point{1.0, 0.0, 0.0, 1.0, 0.5, 0.25}).dump(),
            R"({"order":["b","a"],"use":["y"],"p":0.5,"q":0.25})");
  EXPECT_EQ(space.size(), std::nullopt);
}

TEST(SpaceParse, ReadsTheShortForms) {
  const Space space = Space::parse_text(
      R"json({"a": [0.0, 1.0], "b": [1, 8], "c": ["x", "y"], "d": "loguniform(1e-5, 1e-1)",
          "e": "uniform(0, 1)", "f": "int(2, 4)", "g": "choice(a, 'b c', 3, true)",
          "h": [1, 2, "x"]})json");
  const Space same = Space::parse_text(
      R"({"a": {"float": [0.0, 1.0]}, "b": {"int": [1, 8]}, "c": {"choice": ["x", "y"]},
          "d": {"float": [1e-5, 1e-1], "log": true}, "e": {"float": [0, 1]},
          "f": {"int": [2, 4]}, "g": {"choice": ["a", "b c", 3, true]},
          "h": {"choice": [1, 2, "x"]}})");
  EXPECT_EQ(space, same);
}

TEST(SpaceParse, ReadsPriors) {
  const Space space = Space::parse_text(
      R"({"x": {"float": [1e-3, 1], "log": true, "prior": {"normal": [-2.3, 0.5]}},
          "c": {"choice": ["a", "b"], "prior": {"weights": [3, 1]}}})");
  EXPECT_EQ(space.dimensions()[0].prior.shape, Prior::Shape::Normal);
  EXPECT_EQ(space.dimensions()[0].prior.mean, -2.3);
  EXPECT_EQ(space.dimensions()[1].prior.weights, (std::vector<double>{3, 1}));
}

TEST(SpaceParse, AParameterAtTheEndKeepsTheIndicesOfTheOthers) {
  const Space space = Space::parse_text(R"({"x": [0.0, 1.0], "k": ["a", "b"]})");
  const Space grown =
      space.with_parameter("y", Json::parse(R"({"int": [1, 4], "when": {"k": "b"}})"));
  EXPECT_EQ(names(grown), (std::vector<std::string>{"x", "k", "y"}));
  EXPECT_EQ(space.num_dimensions(), 2u);  // a value: the old one is as it was
  Point old = {0.25, 1.0, kInactive};
  grown.canonicalise(old);
  EXPECT_EQ(grown.to_json(old).dump(), R"({"x":0.25,"k":"b","y":3})");
  try {
    grown.with_parameter("y", Json::parse("[0.0, 1.0]"));
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "space.duplicate_name");
  }
  EXPECT_THROW(grown.with_parameter("require", Json::parse("[0.0, 1.0]")), UserError);
}

TEST(SpaceParse, FindsWhatHasAName) {
  const Space space = Space::parse_text(R"({"x": [0.0, 1.0], "p": {"permutation": [1, 2]}})");
  EXPECT_EQ(space.find_dimension("p[1]"), 2u);
  EXPECT_EQ(space.find_dimension("p"), std::nullopt);
  EXPECT_EQ(space.find_parameter("p")->first, 1u);
  EXPECT_EQ(space.find_parameter("p[1]"), nullptr);
}

TEST(SpaceParse, TheEmptySpaceHasOnePoint) {
  const Space space;
  EXPECT_EQ(space.size(), 1u);
  Point point = space.first();
  EXPECT_TRUE(point.empty());
  EXPECT_FALSE(space.next(point));
  EXPECT_TRUE(space.contains(point));
  Rng rng(1);
  EXPECT_EQ(space.mutate(point, rng), point);
  EXPECT_EQ(space.to_json(point).dump(), "{}");
  EXPECT_EQ(Space::parse_text("{}"), space);
}

}  // namespace
}  // namespace trimtab
