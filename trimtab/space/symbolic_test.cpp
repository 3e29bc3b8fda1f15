// Structured documents with holes: JSON, TOML, YAML.

#include "trimtab/space/symbolic.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <bit>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

using Format = SymbolicDocument::Format;

SymbolicDocument json(const std::string& text) {
  return SymbolicDocument::parse(text, Format::Json, "t.json");
}

template <typename Action>
std::string error_of(Action action) {
  try {
    action();
    return "no error";
  } catch (const UserError& error) {
    return error.what();
  }
}

std::string error_in(const std::string& text, Format format = Format::Json) {
  return error_of([&] { SymbolicDocument::parse(text, format, "t"); });
}

std::vector<std::string> names(const Space& space) {
  std::vector<std::string> names;
  for (const Parameter& parameter : space.parameters()) names.push_back(parameter.name);
  return names;
}

bool same(const Point& a, const Point& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i])) return false;
  }
  return a.size() == b.size();
}

TEST(SymbolicDocument, FillsJson) {
  const SymbolicDocument document = json(R"({"model": {"units": {"$int": [8, 64]}, "deep": true},
      "lr": {"$float": [1e-5, 1e-1], "$log": true, "$default": 1e-3}, "seed": 3})");
  EXPECT_EQ(names(document.space()), (std::vector<std::string>{"model.units", "lr"}));
  EXPECT_TRUE(document.space().dimensions()[1].is_log);
  EXPECT_EQ(document.materialise(Point{16, 1e-4}),
            "{\n  \"model\": {\n    \"units\": 16,\n    \"deep\": true\n  },\n"
            "  \"lr\": 0.0001,\n  \"seed\": 3\n}\n");
  EXPECT_EQ(document.space().default_point()[1], 1e-3);
}

TEST(SymbolicDocument, FillsTomlAndYaml) {
  const SymbolicDocument toml = SymbolicDocument::parse(
      "seed = 3\n[train]\nlr = { \"$float\" = [0.0, 1.0] }\nops = [{ \"$one_of\" = [\"a\", 2] }]\n",
      Format::Toml, "t.toml");
  EXPECT_EQ(toml.materialise(Point{0.5, 1}), "seed = 3\n\n[train]\nlr = 0.5\nops = [2]\n");
  const SymbolicDocument yaml = SymbolicDocument::parse(
      "seed: 3\ntrain:\n  lr: {$float: [0.0, 1.0]}\n  ops:\n    - $one_of: [a, 2]\n", Format::Yaml,
      "t.yaml");
  EXPECT_EQ(yaml.materialise(Point{0.5, 0}), "seed: 3\ntrain:\n  lr: 0.5\n  ops:\n    - \"a\"\n");
  EXPECT_EQ(names(toml.space()), (std::vector<std::string>{"train.lr", "train.ops.0"}));
  EXPECT_EQ(toml.space(), yaml.space());
}

TEST(SymbolicDocument, NestsDocumentsInCandidates) {
  const SymbolicDocument document = json(R"({"op": {"$one_of": [
      {"type": "conv", "size": {"$one_of": [1, 3]}, "act": {"$one_of": ["relu", "tanh"]}},
      {"type": "pool", "size": {"$int": [2, 4]}}, "skip"], "$name": "layer"}})");
  EXPECT_EQ(document.space().size(), 4u + 3 + 1);
  EXPECT_EQ(names(document.space()),
            (std::vector<std::string>{"layer", "layer.0.size", "layer.0.act", "layer.1.size"}));
  const Point pool = document.space().from_json(Json{{"layer", "pool"}, {"layer.1.size", 4}});
  EXPECT_EQ(Json::parse(document.materialise(pool)).dump(), R"({"op":{"type":"pool","size":4}})");
  EXPECT_TRUE(same(document.recover(R"({"op": {"size": 4, "type": "pool"}})"), pool));
}

TEST(SymbolicDocument, CandidatesMayNameTheirHolesAlike) {
  const SymbolicDocument document = json(R"({"op": {"$one_of": [
      {"type": "conv", "n": {"$int": [1, 2], "$name": "size"}},
      {"type": "pool", "n": {"$int": [3, 5], "$name": "size"},
       "m": {"$one_of": [{"deep": {"$int": [7, 8], "$name": "x"}}, 0], "$name": "size2"}}]}})");
  EXPECT_EQ(names(document.space()), (std::vector<std::string>{"op", "op.conv.size", "op.pool.size",
                                                               "op.size2", "op.size2.x"}));
  Point point = document.space().first();
  for (int count = 1;; ++count) {
    EXPECT_TRUE(same(document.recover(document.materialise(point)), point));
    if (!document.space().next(point)) {
      EXPECT_EQ(count, 2 + 3 * (2 + 1));
      break;
    }
  }
}

TEST(SymbolicDocument, FillsManyOfAndPermutation) {
  const SymbolicDocument document =
      json(R"({"ops": {"$many_of": [{"n": {"$int": [1, 9]}}, "b", "c"],
      "$k": 2, "$distinct": true, "$sorted": true}, "order": {"$permutation": ["x", {"y": 1}]}})");
  EXPECT_EQ(Json::parse(document.materialise(document.space().default_point())).dump(),
            R"({"ops":[{"n":5},"b"],"order":["x",{"y":1}]})");
  EXPECT_TRUE(document.space().contains(
      document.recover(R"({"ops": ["b", "c"], "order": [{"y": 1}, "x"]})")));
  EXPECT_EQ(error_of([&] { document.recover(R"({"ops": ["c", "b"], "order": ["x", {"y": 1}]})"); }),
            "t.json: the document breaks the rules of a \"$many_of\" or \"$permutation\"\n"
            "  got:      {\"ops\":[\"c\",\"b\"],\"order\":[\"x\",\"{\\\"y\\\":1}\"]}\n"
            "  expected: each candidate once where \"$distinct\", in order where \"$sorted\"\n"
            "  code:     symbolic.recover");
}

TEST(SymbolicDocument, WithoutHolesHasOnePoint) {
  const SymbolicDocument document = json(R"({"a": [1, {"b": null}]})");
  EXPECT_EQ(document.space().size(), 1u);
  EXPECT_TRUE(document.recover(document.materialise({})).empty());
}

TEST(SymbolicDocument, KeepsNumbersThatAreNone) {
  const SymbolicDocument document = SymbolicDocument::parse(
      "x = nan\ny = [-inf, { \"$int\" = [1, 3] }]\n", Format::Toml, "t.toml");
  EXPECT_EQ(document.recover(document.materialise(Point{2})), Point{2});
}

TEST(SymbolicDocument, MayBeOneHole) {
  const SymbolicDocument document = json(R"({"$one_of": [{"a": {"$int": [1, 3]}}, 5]})");
  EXPECT_EQ(names(document.space()), (std::vector<std::string>{"value", "value.0.a"}));
  EXPECT_EQ(document.space().size(), 4u);
  EXPECT_NE(error_in("\"$int\" = [1, 3]\n", Format::Toml).find("the whole document is one hole"),
            std::string::npos);
}

TEST(SymbolicDocument, DefaultsAreWrittenAsCandidates) {
  const SymbolicDocument document =
      json(R"({"op": {"$one_of": ["skip", {"k": [1, 2]}], "$default": {"k": [1, 2]}}})");
  EXPECT_EQ(Json::parse(document.materialise(document.space().default_point())).dump(),
            R"({"op":{"k":[1,2]}})");
}

TEST(SymbolicDocument, SaysWhereADocumentLeavesTheTemplate) {
  const SymbolicDocument document = json(R"({"a": {"b": {"$int": [1, 3]}}, "c": [1, 2]})");
  const auto error = [&](const char* text) { return error_of([&] { document.recover(text); }); };
  EXPECT_EQ(error(R"({"a": {"b": 4}, "c": [1, 2]})"),
            "t.json, at a/b: the document does not come from this template\n"
            "  got:      4\n"
            "  expected: a whole number in [1, 3]\n"
            "  code:     symbolic.recover");
  EXPECT_NE(error(R"({"a": {"b": 1}, "c": [1, 3]})").find("at c"), std::string::npos);
  EXPECT_NE(error(R"({"a": {"b": 1}})").find("the key \"c\""), std::string::npos);
  EXPECT_NE(error(R"({"a": {"b": 1}, "c": [1, 2], "d": 1})").find("no such key"),
            std::string::npos);
  EXPECT_NE(error("[").find("document.syntax"), std::string::npos);
}

TEST(SymbolicDocument, NamesEveryWrongHoleWithItsPlace) {
  EXPECT_EQ(
      error_in("{\n  \"a\": {\"$ref\": \"x\"},\n  \"b\": {\"$choice\": [1]},\n"
               "  \"c\": {\"$float\": [0, 1], \"$lgo\": true},\n  \"d\": {\"$many_of\": [1]},\n"
               "  \"e\": {\"$one_of\": []},\n  \"f\": {\"$int\": [1, 2], \"$float\": [1, 2]},\n"
               "  \"g\": {\"$one_of\": [1, 2], \"$default\": 3},\n"
               "  \"h\": {\"$one_of\": [1, 1.0]},\n"
               "  \"i\": {\"$permutation\": [{\"$int\": [1, 2]}, 3]},\n"
               "  \"j\": {\"$int\": [1, 2], \"$name\": 3}\n}"),
      "t:3:9: this kind of hole does not exist\n"
      "  got:      \"$choice\"\n"
      "  expected: one of $float, $int, $one_of, $many_of, $permutation\n"
      "  hint:     did you mean \"$one_of\"?\n"
      "  code:     symbolic.unknown_kind\n"
      "t:4:27: a hole of kind \"$float\" has no such key\n"
      "  got:      \"$lgo\"\n"
      "  expected: one of $float, $name, $log, $step, $default, $unit, $prior\n"
      "  hint:     did you mean \"$log\"?\n"
      "  code:     symbolic.unknown_key\n"
      "t:5:3: a \"$many_of\" does not say how many\n"
      "  expected: \"$k\": the number of candidates to take\n"
      "  code:     symbolic.missing\n"
      "t:6:9: \"$one_of\" holds no candidates\n"
      "  got:      a list of 0\n"
      "  expected: a list of 1 to 10000 candidates\n"
      "  code:     symbolic.candidates\n"
      "t:7:9: a hole has two kinds\n"
      "  got:      \"$float\" and \"$int\"\n"
      "  expected: one of them\n"
      "  code:     symbolic.two_kinds\n"
      "t:8:28: the default is not among the candidates\n"
      "  got:      3\n"
      "  expected: one of the candidates, written the same way\n"
      "  code:     symbolic.default\n"
      "t:9:24: a candidate stands twice\n"
      "  got:      1.0\n"
      "  expected: different candidates\n"
      "  code:     symbolic.same_candidate\n"
      "t:10:9: an item of a \"$permutation\" holds a hole\n"
      "  got:      a hole inside an item\n"
      "  expected: items without holes\n"
      "  code:     symbolic.permutation\n"
      "t:11:25: the name of a hole is no text\n"
      "  got:      3\n"
      "  expected: a text\n"
      "  code:     symbolic.name");
}

TEST(SymbolicDocument, PassesTheProblemsOfTheSpaceOn) {
  EXPECT_EQ(error_in("lr:\n  $float: [0, 1]\n  $log: true\nn:\n  $int: [1, two]\n", Format::Yaml),
            "t:2:12: a logarithmic range must be above 0\n"
            "  got:      0\n"
            "  expected: low > 0\n"
            "  hint:     drop \"log\", or start the range at a small positive number\n"
            "  code:     space.log_of_nonpositive\n"
            "t:5:13: the high end of the range is not a whole number\n"
            "  got:      \"two\"\n"
            "  expected: a whole number between -2^53 and 2^53\n"
            "  code:     space.wrong_type");
}

TEST(SymbolicDocument, TwoHolesOfOneNameAreRefused) {
  EXPECT_NE(
      error_in(R"({"a": {"$int": [1, 2], "$name": "n"}, "b": {"$int": [1, 2], "$name": "n"}})")
          .find("t:1:39: two holes have the same name"),
      std::string::npos)
      << error_in(R"({"a": {"$int": [1, 2], "$name": "n"}, "b": {"$int": [1, 2], "$name": "n"}})");
}

// A template drawn at random: holes of every kind in objects, lists and candidates.
Json random_template(Rng& rng, int depth) {
  const std::uint64_t kind = rng.below(depth > 3 ? 4 : 9);
  const auto some = [&](std::uint64_t least) { return least + rng.below(3); };
  Json list = Json::array();
  switch (kind) {
    case 0:
      return Json(static_cast<std::int64_t>(rng.below(5)));
    case 1:
      return Json("text");
    case 2:
      return Json{{"$float", {0.0, 1.0}}};
    case 3:
      return Json{{"$int", {1, 1 + rng.below(5)}}};
    case 4:
    case 5: {
      Json object = Json::object();
      for (std::uint64_t i = some(0); i > 0; --i) {
        object["k" + std::to_string(i)] = random_template(rng, depth + 1);
      }
      return object;
    }
    case 6:
      for (std::uint64_t i = some(0); i > 0; --i) list.push_back(random_template(rng, depth + 1));
      return list;
    default:
      break;
  }
  for (std::uint64_t i = some(1); i > 0; --i) {
    list.push_back(Json{{"i", i}, {"v", random_template(rng, depth + 1)}});
  }
  if (kind == 7) return Json{{"$one_of", list}};
  const bool is_distinct = rng.below(2) == 1;
  return Json{{"$many_of", list},
              {"$k", is_distinct ? 1 : 2},
              {"$distinct", is_distinct},
              {"$sorted", rng.below(2) == 1}};
}

RC_GTEST_PROP(SymbolicDocument, EveryPointComesBackFromItsDocument, (std::uint64_t seed)) {
  Rng rng(seed);
  const Json content = {{"root", random_template(rng, 0)}, {"next", random_template(rng, 0)}};
  const SymbolicDocument document = json(content.dump());
  for (int i = 0; i < 3; ++i) {
    const Point point = document.space().sample(rng);
    const std::string text = document.materialise(point);
    RC_ASSERT(same(document.recover(text), point));
    RC_ASSERT(text.find('$') == std::string::npos);
  }
}

RC_GTEST_PROP(SymbolicDocument, TheFormatsAgree, (std::uint64_t seed)) {
  Rng rng(seed);
  const Json content = {{"root", random_template(rng, 0)}, {"next", random_template(rng, 0)}};
  const SymbolicDocument from_json = json(content.dump());
  // JSON is YAML; the TOML reader takes the same tables inline.
  const SymbolicDocument from_yaml =
      SymbolicDocument::parse(content.dump(), Format::Yaml, "t.yaml");
  RC_ASSERT(from_json.space() == from_yaml.space());
  const Point point = from_json.space().sample(rng);
  RC_ASSERT(same(from_yaml.recover(from_yaml.materialise(point)), point));
}

}  // namespace
}  // namespace trimtab
