#include "trimtab/samplers/grid/point_index.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "trimtab/samplers/grid/index_shuffle.hpp"

namespace trimtab::grid {
namespace {

// Every rank is another point of the space, and together they are what the space enumerates.
void expect_bijection(const Space& space) {
  const PointIndex index(space);
  ASSERT_EQ(index.size(), space.size());
  std::set<std::string> ranked;
  for (std::uint64_t rank = 0; rank < index.size(); ++rank) {
    const Point point = index.at(rank);
    Point canonical = point;
    space.canonicalise(canonical);
    ASSERT_EQ(space.hash(canonical), space.hash(point)) << "rank " << rank;
    ranked.insert(space.hash(point).hex());
  }
  std::set<std::string> enumerated;
  Point point = space.first();
  do {
    enumerated.insert(space.hash(point).hex());
  } while (space.next(point));
  EXPECT_EQ(ranked, enumerated);
}

SpaceBuilder part() { return SpaceBuilder().integer("units", 1, 3).categorical("act", {"a", "b"}); }

TEST(PointIndex, RanksNestedConditions) {
  expect_bijection(SpaceBuilder()
                       .categorical("a", {"x", "y", "z"})
                       .integer("b", 0, 4, {.when = {{"a", {"y", "z"}}}})
                       .categorical("c", {1, 2}, {.when = {{"b", {1, 2}}}})
                       .categorical("d", {1, 2, 3}, {.when = {{"c", {2}}, {"a", {"z"}}}})
                       .integer("free", 0, 2)
                       .build());
}

TEST(PointIndex, RanksPermutationsAndSubsets) {
  expect_bijection(SpaceBuilder()
                       .permutation("order", {"a", "b", "c", "d"})
                       .subset("some", {1, 2, 3, 4, 5}, 2, 3)
                       .subset("all", {1, 2, 3}, 0, 3)
                       .build());
}

TEST(PointIndex, RanksChoicesWithParametersOfTheirOwn) {
  for (const bool is_distinct : {false, true}) {
    for (const bool is_sorted : {false, true}) {
      expect_bijection(
          SpaceBuilder()
              .many_of("layer", 2,
                       {{"conv", part()}, {"pool", SpaceBuilder().integer("size", 2, 3)}, {"none"}},
                       {.is_distinct = is_distinct, .is_sorted = is_sorted})
              .build());
    }
  }
}

TEST(PointIndex, RanksRepeats) {
  expect_bijection(SpaceBuilder().repeat("layers", 1, 3, part()).categorical("x", {1, 2}).build());
}

TEST(PointIndex, ListsGroupsOnWhoseMembersThingsHangTogether) {
  const Space space = Space::parse_text(R"({
    "set": {"subset": ["a", "b", "c"], "size": [1, 2]},
    "order": {"permutation": ["p", "q", "r"]},
    "x": {"int": [0, 2], "when": {"order[0]": "p", "order[1]": "q"}}
  })");
  expect_bijection(space);
}

TEST(PointIndex, RanksTheEmptySpaceAndSingleValues) {
  expect_bijection(Space());
  expect_bijection(SpaceBuilder().integer("one", 3, 3).categorical("two", {"a", "b"}).build());
}

RC_GTEST_PROP(IndexShuffle, VisitsEveryIndexOnce, ()) {
  const auto size = *rc::gen::inRange<std::uint64_t>(1, 3000);
  const IndexShuffle order(size, *rc::gen::arbitrary<std::uint64_t>());
  std::set<std::uint64_t> visited;
  for (std::uint64_t place = 0; place < size; ++place) {
    const std::uint64_t index = order.at(place);
    RC_ASSERT(index < size);
    RC_ASSERT(visited.insert(index).second);
  }
}

// Over 4 000 seeds the first index of 10 is uniform: chi-square of 10 cells below 48.9, exceeded
// with probability 1e-7; the seeds are fixed.
TEST(IndexShuffle, StartsAnywhereWithEqualProbability) {
  double counts[10] = {};
  for (std::uint64_t seed = 0; seed < 4000; ++seed) counts[IndexShuffle(10, seed).at(0)] += 1.0;
  double chi_square = 0.0;
  for (const double count : counts) chi_square += (count - 400.0) * (count - 400.0) / 400.0;
  EXPECT_LT(chi_square, 48.9);
}

TEST(IndexShuffle, StaysInsideTheLargestRange) {
  const std::uint64_t size = Space::kManyPoints - 1;
  std::set<std::uint64_t> visited;
  for (std::uint64_t place = 0; place < 1000; ++place) {
    const std::uint64_t index = IndexShuffle(size, 1).at(place);
    EXPECT_LT(index, size);
    visited.insert(index);
  }
  EXPECT_EQ(visited.size(), 1000U);
}

}  // namespace
}  // namespace trimtab::grid
