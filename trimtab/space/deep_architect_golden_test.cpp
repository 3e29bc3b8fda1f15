// The module language of DeepArchitect, written in ours: the number of leaves by enumeration equals
// the closed-form product.
// Source: Negrinho & Gordon 2017, "DeepArchitect: Automatically Designing and Training Deep
// Architectures", section 3.
//
//   Concat(a, b)         parameters side by side            |a| |b|
//   Or(a, b)             one_of {a = {...}, b = {...}}      |a| + |b|
//   Optional(a)          one_of {with = {...}, without = {}}     |a| + 1
//   MaybeSwap(a, b)      a permutation beside a and b       2 |a| |b|
//   Repeat(a, 1..k)      repeat [1, k]                      |a| + |a|^2 + ... + |a|^k
//   RepeatTied(a, 1..k)  a count beside one a               k |a|

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

SpaceBuilder conv() {
  return SpaceBuilder()
      .categorical("filters", {std::int64_t{32}, std::int64_t{48}, std::int64_t{64},
                               std::int64_t{96}, std::int64_t{128}})
      .categorical("size", {std::int64_t{1}, std::int64_t{3}, std::int64_t{5}});
}

SpaceBuilder dropout() { return SpaceBuilder().categorical("keep", {0.25, 0.5, 0.75}); }

SpaceBuilder& add_optional(SpaceBuilder& space, const std::string& name, SpaceBuilder module) {
  return space.one_of(name,
                      {{.label = "with", .parameters = std::move(module)}, {.label = "without"}});
}

void expect_leaves(const SpaceBuilder& builder, std::uint64_t leaves) {
  const Space space = builder.build();
  EXPECT_EQ(space.size(), leaves);
  std::set<std::string> models;
  for (Point point = space.first();;) {
    models.insert(space.to_json(point).dump());
    if (!space.next(point)) break;
  }
  EXPECT_EQ(models.size(), leaves);
}

TEST(DeepArchitect, ConcatMultiplies) {
  expect_leaves(
      conv().categorical("fc", {std::int64_t{256}, std::int64_t{512}, std::int64_t{1024}}),
      5 * 3 * 3);
}

TEST(DeepArchitect, OrAdds) {
  expect_leaves(SpaceBuilder().one_of("module", {{.label = "conv", .parameters = conv()},
                                                 {.label = "dropout", .parameters = dropout()},
                                                 {.label = "relu"}}),
                15 + 3 + 1);
}

TEST(DeepArchitect, OptionalAddsOne) {
  SpaceBuilder space = conv();
  expect_leaves(add_optional(space, "dropout", dropout()), 15 * (3 + 1));
}

TEST(DeepArchitect, MaybeSwapDoubles) {
  SpaceBuilder space = dropout();
  expect_leaves(space.permutation("order", {"batch_norm", "dropout"}), 2 * 1 * 3);
}

// Conv, then BN and ReLU in either order, then perhaps dropout: a block of b = 15 * 2 * 4 leaves.
TEST(DeepArchitect, RepeatSumsThePowers) {
  SpaceBuilder block = SpaceBuilder()
                           .categorical("filters", {std::int64_t{32}, std::int64_t{64}})
                           .permutation("order", {"batch_norm", "relu"});
  add_optional(block, "dropout", SpaceBuilder().categorical("keep", {0.5, 0.75}));
  constexpr std::uint64_t kBlock = 2 * 2 * 3;
  expect_leaves(SpaceBuilder().repeat("blocks", 1, 3, block),
                kBlock + kBlock * kBlock + kBlock * kBlock * kBlock);
}

TEST(DeepArchitect, RepeatTiedMultipliesByTheCount) {
  expect_leaves(conv().integer("copies", 1, 4), 4 * 15);
}

// UserHyperparams of its experiments: optimiser, 32 logarithmic rates, 8 decays, 8 patiences.
TEST(DeepArchitect, TheHyperparameterModuleHas4096Leaves) {
  const Space space = Space::parse_text(R"({
      "optimizer": {"choice": ["adam", "sgd_momentum"]},
      "rate": {"float": [1e-7, 1e-2], "log": true, "levels": 32},
      "decay": {"float": [1e-3, 1e-1], "log": true, "levels": 8},
      "patience": {"int": [2, 16], "step": 2}})");
  EXPECT_EQ(space.size(), 4096u);
}

}  // namespace
}  // namespace trimtab
