// What PyGlove says about its spaces holds of ours.
// Source: Peng et al. 2020, "PyGlove: Symbolic Programming for Automated Machine Learning", and the
// size recursions of its decision trees. `manyof` is many_of, `permutate` is permutation, `oneof`
// of plain values is a choice; a document with holes is a SymbolicDocument, a DNA is a Point.

#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "trimtab/space/space.hpp"
#include "trimtab/space/symbolic.hpp"

namespace trimtab {
namespace {

std::uint64_t size_of_many_of(bool is_distinct, bool is_sorted) {
  const SpaceBuilder::Candidate a{.label = "a"}, b{.label = "b"}, c{.label = "c"}, d{.label = "d"};
  return SpaceBuilder()
      .many_of("m", 2, {a, b, c, d}, {.is_distinct = is_distinct, .is_sorted = is_sorted})
      .build()
      .size()
      .value();
}

TEST(PyGlove, ManyOfTwoOfFourHasTheSizesOfTheFourRecursions) {
  EXPECT_EQ(size_of_many_of(true, true), 6u);
  EXPECT_EQ(size_of_many_of(true, false), 12u);
  EXPECT_EQ(size_of_many_of(false, false), 16u);
  EXPECT_EQ(size_of_many_of(false, true), 10u);
}

// {a: oneof [oneof 2, {b: manyof 2 of 3, c: oneof 2}], d: permutate 4}
const SymbolicDocument& nested() {
  static const SymbolicDocument kDocument =
      SymbolicDocument::parse(R"({
      "a": {"$one_of": [{"$one_of": [1, 2]},
                        {"b": {"$many_of": [1, 2, 3], "$k": 2}, "c": {"$one_of": ["x", "y"]}}]},
      "d": {"$permutation": [1, 2, 3, 4]}})",
                              SymbolicDocument::Format::Json, "nested.json");
  return kDocument;
}

TEST(PyGlove, TheNestedDocumentHas14Times24Points) { EXPECT_EQ(nested().space().size(), 336u); }

TEST(PyGlove, TheNasBench101TemplateHas3To5Times2To21Points) {
  const SymbolicDocument document = SymbolicDocument::parse(
      R"({"ops": {"$many_of": ["conv1x1", "conv3x3", "maxpool3x3"], "$k": 5, "$distinct": false},
          "edges": {"$many_of": [0, 1], "$k": 21, "$distinct": false}})",
      SymbolicDocument::Format::Json, "nasbench.json");
  EXPECT_EQ(document.space().size(), 509'607'936u);
}

TEST(PyGlove, AFloatMakesTheSizeInfinite) {
  EXPECT_EQ(Space::parse_text(R"({"n": [1, 3], "x": [0.0, 1.0]})").size(), std::nullopt);
}

// Candidates with sub-spaces of sizes 2, 3 and 1: the four recursions by hand.
//   distinct, sorted: 2*3 + 2*1 + 3*1;  distinct: twice that;  sorted: + 4 + 9 + 1;  free: 6^2.
TEST(PyGlove, ManyOfSubSpacesFollowsTheRecursions) {
  const auto size = [](bool is_distinct, bool is_sorted) {
    SpaceBuilder two, three;
    two.categorical("p", {"a", "b"});
    three.categorical("q", {"a", "b", "c"});
    return SpaceBuilder()
        .many_of("m", 2,
                 {{.label = "two", .parameters = two},
                  {.label = "three", .parameters = three},
                  {.label = "one"}},
                 {.is_distinct = is_distinct, .is_sorted = is_sorted})
        .build()
        .size();
  };
  EXPECT_EQ(size(true, true), 11u);
  EXPECT_EQ(size(true, false), 22u);
  EXPECT_EQ(size(false, true), 11u + 14);
  EXPECT_EQ(size(false, false), 36u);
}

TEST(PyGlove, IterationIsLexicographicAndYieldsEveryPointOnce) {
  const Space& space = nested().space();
  std::set<std::string> documents;
  Point last;
  for (Point point = space.first();; last = point) {
    EXPECT_TRUE(space.contains(point));
    documents.insert(nested().materialise(point));
    if (!space.next(point)) break;
  }
  EXPECT_EQ(documents.size(), 336u);
  EXPECT_EQ(Json::parse(nested().materialise(space.first())).dump(), R"({"a":1,"d":[1,2,3,4]})");
  EXPECT_EQ(Json::parse(nested().materialise(last)).dump(),
            R"({"a":{"b":[3,2],"c":"y"},"d":[4,3,2,1]})");
}

bool same(const Point& a, const Point& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i])) return false;
  }
  return true;
}

void expect_round_trips(int count) {
  Rng rng(1, 0, "round trips");
  for (int i = 0; i < count; ++i) {
    const Point point = nested().space().sample(rng);
    ASSERT_TRUE(same(nested().recover(nested().materialise(point)), point));
  }
}

void expect_legal_mutants(int count) {
  const Space space = Space::parse_text(R"({
      "a": {"one_of": {"x": {"b": {"many_of": {"p": {"n": [1, 9]}, "q": {}}, "k": 2, "sorted": true}},
                       "y": {"c": {"subset": [1, 2, 3, 4], "size": [1, 2]}}}},
      "d": {"permutation": [1, 2, 3, 4]}, "e": {"repeat": [0, 2], "space": {"f": [0.0, 1.0]}},
      "g": {"many_of": [1, 2, 3], "k": 2, "distinct": false, "sorted": true},
      "require": "d[0] != 1"})");
  Rng rng(2, 0, "mutants");
  Point point = space.sample(rng);
  for (int i = 0; i < count; ++i) {
    point = space.mutate(point, rng);
    ASSERT_TRUE(space.contains(point)) << space.to_json(point).dump();
  }
}

TEST(PyGlove, RandomPointsComeBackFromTheirDocuments) { expect_round_trips(3'000); }
TEST(PyGloveSlow, AHundredThousandRandomPointsComeBackFromTheirDocuments) {
  expect_round_trips(100'000);
}
TEST(PyGlove, MutantsAreLegal) { expect_legal_mutants(20'000); }
TEST(PyGloveSlow, AMillionMutantsAreLegal) { expect_legal_mutants(1'000'000); }

// "Hash must be order-sensitive for lists, insensitive for maps."
TEST(PyGlove, HashesListsInOrderAndMapsWithout) {
  const Space forth =
      Space::parse_text(R"({"a": [1, 2], "b": [1, 2], "p": {"permutation": [1, 2]}})");
  const Space back =
      Space::parse_text(R"({"p": {"permutation": [1, 2]}, "b": [1, 2], "a": [1, 2]})");
  const Json values = Json::parse(R"({"a": 1, "b": 2, "p": [1, 2]})");
  const Json turned = Json::parse(R"({"a": 1, "b": 2, "p": [2, 1]})");
  EXPECT_EQ(forth.hash(forth.from_json(values)), back.hash(back.from_json(values)));
  EXPECT_NE(forth.hash(forth.from_json(values)), forth.hash(forth.from_json(turned)));
}

}  // namespace
}  // namespace trimtab
