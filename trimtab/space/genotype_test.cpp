#include "trimtab/space/genotype.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "trimtab/space/testing/random_space.hpp"

namespace trimtab {
namespace {

Space mixed() {
  const SpaceBuilder layer = SpaceBuilder().integer("units", 16, 256, {.is_log = true});
  return SpaceBuilder()
      .categorical("kernel", {"linear", "rbf", "poly"})
      .real("gamma", 1e-4, 1e2, {.is_log = true, .when = {{"kernel", {"rbf", "poly"}}}})
      .ordinal("size", {1, 10, 100})
      .real("half", 0.0, 4.0, {.step = 0.5})
      .integer("fixed", 3, 3)
      .permutation("order", {"a", "b", "c", "d"})
      .subset("some", {1, 2, 3, 4, 5}, 2, 3)
      .many_of("bag", 2, {{"dense", layer}, {"pool"}, {"norm"}},
               {.is_distinct = true, .is_sorted = true})
      .build();
}

Genotype anything(const Space& space, Rng& rng) {
  Genotype genotype;
  for (const Dimension& dimension : space.dimensions()) {
    const bool is_index = dimension.kind == Kind::Categorical;
    genotype.push_back(is_index ? static_cast<double>(rng.below(dimension.count()))
                                : rng.uniform01());
  }
  return genotype;
}

TEST(Genome, TakesGroupsAsOneGeneAndLeavesSingleValuesOut) {
  const Genome genome(mixed());
  std::vector<Gene::Type> types;
  for (const Gene& gene : genome.genes()) types.push_back(gene.type);
  using enum Gene::Type;
  // The layer's units belong to the slots of the bag: one number per slot.
  const std::vector<Gene::Type> expected = {Category, Number, Number, Number, Group,
                                            Group,    Group,  Number, Number};
  EXPECT_EQ(types, expected);
}

TEST(Genome, ExpressesEveryGenotypeAsAPointOfTheSpace) {
  const Space space = mixed();
  const Genome genome(space);
  Rng rng(1);
  for (int i = 0; i < 300; ++i) {
    Genotype genotype = anything(space, rng);
    const Point point = genome.express(genotype);
    ASSERT_TRUE(space.contains(point));
    // What was repaired is taken over: expressed again it is the same point.
    Genotype again = genotype;
    EXPECT_EQ(space.hash(genome.express(again)), space.hash(point));
    EXPECT_EQ(again, genotype);
  }
}

RC_GTEST_PROP(Genome, ExpressesPointsOfAnySpace, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  const Genome genome(space);
  Rng rng(seed, 1);
  Genotype genotype = anything(space, rng);
  Point point = genome.express(genotype);
  RC_ASSERT(space.has_constraints() || space.contains(point));
  if (genome.genes().empty()) return;
  genome.mutate(genome.genes()[rng.below(genome.genes().size())], genotype, rng);
  point = genome.express(genotype);
  RC_ASSERT(space.has_constraints() || space.contains(point));
  for (const double gene : genotype) RC_ASSERT(gene == gene);
}

TEST(Genome, BringsPointsBack) {
  const Space space = mixed();
  const Genome genome(space);
  Rng rng(2);
  for (int i = 0; i < 300; ++i) {
    const Point point = space.sample(rng);
    Genotype genotype = genome.encode(point, genome.sample(rng));
    for (const double gene : genotype) EXPECT_FALSE(std::isnan(gene));
    const Point back = genome.express(genotype);
    for (std::size_t j = 0; j < point.size(); ++j) {
      ASSERT_EQ(is_active(back[j]), is_active(point[j]));
      if (!is_active(point[j])) continue;
      EXPECT_NEAR(back[j], point[j], 1e-12 * std::abs(point[j]));
    }
  }
}

TEST(Genome, KeepsWhatIsInactive) {
  const Space space = mixed();
  const Genome genome(space);
  Rng rng(3);
  Genotype parent = genome.sample(rng);
  parent[1] = 0.25;  // gamma
  Point linear = space.sample(rng);
  linear[0] = 0.0;
  space.canonicalise(linear);
  ASSERT_FALSE(is_active(linear[1]));
  EXPECT_EQ(genome.encode(linear, parent)[1], 0.25);
}

TEST(Genome, KeepsThePositionOfARoundedNumber) {
  const Genome genome(SpaceBuilder().integer("n", 1, 4).build());
  Genotype genotype = {0.3};
  EXPECT_EQ(genome.express(genotype), Point{2.0});
  EXPECT_EQ(genotype[0], 0.3);
}

TEST(Genome, MutatesOneGeneToAnotherLegalValue) {
  const Space space = mixed();
  const Genome genome(space);
  Rng rng(4);
  for (const Gene& gene : genome.genes()) {
    for (int i = 0; i < 200; ++i) {
      Genotype parent = genome.sample(rng);
      genome.express(parent);
      Genotype child = parent;
      genome.mutate(gene, child, rng);
      for (std::size_t j = 0; j < child.size(); ++j) {
        const bool is_member =
            std::find(gene.members.begin(), gene.members.end(), j) != gene.members.end();
        EXPECT_TRUE(is_member || child[j] == parent[j]);
      }
      if (gene.type != Gene::Type::Number) {
        EXPECT_NE(child, parent);
      }
      if (gene.type != Gene::Type::Group) continue;
      // Slots stay distinct and subsets within their sizes without a repair, but for their order.
      const Group& group = space.groups()[gene.group];
      std::set<double> values;
      double num_on = 0.0;
      for (const std::size_t j : gene.members) {
        values.insert(child[j]);
        num_on += child[j];
      }
      if (group.type == Group::Type::Slots) {
        EXPECT_EQ(values.size(), gene.members.size());
      } else {
        EXPECT_GE(num_on, 2.0);
        EXPECT_LE(num_on, 3.0);
      }
    }
  }
}

}  // namespace
}  // namespace trimtab
