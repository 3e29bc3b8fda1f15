// What must hold in every space, over spaces and points drawn at random.

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <vector>

#include "trimtab/space/space.hpp"
#include "trimtab/space/testing/random_space.hpp"

namespace trimtab {
namespace {

bool same_bits(const Point& a, const Point& b) {
  return std::ranges::equal(a, b, [](double left, double right) {
    return (left != left && right != right) ||
           std::bit_cast<std::uint64_t>(left) == std::bit_cast<std::uint64_t>(right);
  });
}

// Anything an algorithm may propose: far outside, between the steps, inactive, minus zero.
Point wild_point(const Space& space, Rng& rng) {
  Point point;
  for (const Dimension& dimension : space.dimensions()) {
    const double width = dimension.high - dimension.low + 1.0;
    switch (rng.below(6)) {
      case 0:
        point.push_back(kInactive);
        break;
      case 1:
        point.push_back(-0.0);
        break;
      case 2:
        point.push_back(rng.normal() * 1e6);
        break;
      default:
        point.push_back(rng.uniform(dimension.low - 0.2 * width, dimension.high + 0.2 * width));
    }
  }
  return point;
}

RC_GTEST_PROP(SpaceProperties, CanonicalisingIsIdempotentAndGivesAPoint, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  Rng rng(seed, 1);
  Point once = wild_point(space, rng);
  space.canonicalise(once);
  Point twice = once;
  space.canonicalise(twice);
  RC_ASSERT(same_bits(once, twice));
  RC_ASSERT(space.contains(once));
  for (std::size_t i = 0; i < once.size(); ++i) {
    RC_ASSERT(is_active(once[i]) == space.is_active_at(once, i));
  }
}

RC_GTEST_PROP(SpaceProperties, EveryUnitVectorIsAPoint, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  Rng rng(seed, 1);
  std::vector<double> unit(space.num_dimensions());
  for (double& u : unit) {
    const std::uint64_t corner = rng.below(5);
    u = corner < 2 ? static_cast<double>(corner) : rng.uniform01();
  }
  RC_ASSERT(space.contains(space.from_unit(unit)));
}

RC_GTEST_PROP(SpaceProperties, PointsSurviveTheUnitCube, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  Rng rng(seed, 1);
  const Point point = space.sample(rng);
  std::vector<double> unit(space.num_dimensions());
  space.to_unit(point, unit);
  RC_ASSERT(std::ranges::all_of(unit, [](double u) { return u >= 0.0 && u <= 1.0; }));
  const Point back = space.from_unit(unit);
  for (std::size_t i = 0; i < point.size(); ++i) {
    RC_ASSERT(is_active(point[i]) == is_active(back[i]));
    if (!is_active(point[i])) continue;
    const double tolerance = space.dimensions()[i].is_discrete() ? 0.0 : 1e-12;
    RC_ASSERT(std::abs(point[i] - back[i]) <= tolerance * std::max(1.0, std::abs(point[i])));
  }
}

RC_GTEST_PROP(SpaceProperties, SamplesDefaultsAndMutantsBelongToTheSpace, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  Rng rng(seed, 1);
  RC_ASSERT(space.contains(space.default_point()));
  Point point = space.sample(rng);
  for (int i = 0; i < 20; ++i) {
    RC_ASSERT(space.contains(point));
    const Point mutant = space.mutate(point, rng);
    // A mutant differs, unless priors leave a small space next to nothing else to offer.
    if (space.size().value_or(0) >= 64) RC_ASSERT(!same_bits(mutant, point));
    point = mutant;
  }
}

RC_GTEST_PROP(SpaceProperties, PointsSurviveJson, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  Rng rng(seed, 1);
  const Point point = space.sample(rng);
  const Json json = space.to_json(point);
  RC_ASSERT(same_bits(space.from_json(json), point));
  RC_ASSERT(same_bits(space.from_json(Json::parse(json.dump())), point));
  for (const Parameter& parameter : space.parameters()) {
    RC_ASSERT(json.contains(parameter.name) == space.value_text(point, parameter).has_value());
  }
}

RC_GTEST_PROP(SpaceProperties, TheDefinitionTextGivesAnEqualSpace, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  const Space again = Space::parse_text(space.definition_text());
  RC_ASSERT(again == space);
  Rng rng(seed, 1);
  const Point point = space.sample(rng);
  RC_ASSERT(again.hash(point) == space.hash(point));
}

RC_GTEST_PROP(SpaceProperties, EqualHashesMeanEqualPoints, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  Rng rng(seed, 1);
  const Point a = space.sample(rng);
  const Point b = space.sample(rng);
  RC_ASSERT(same_bits(a, b) == (space.hash(a) == space.hash(b)));
}

RC_GTEST_PROP(SpaceProperties, EnumerationIsCompleteAndAscending, (std::uint64_t seed)) {
  const Space space = random_space(seed, {.is_finite = true, .max_parameters = 3, .max_depth = 2});
  const std::optional<std::uint64_t> size = space.size();
  RC_ASSERT(size.has_value());
  if (*size > 3000) return;
  const auto before = [](double a, double b) { return a == a && b == b && a < b; };
  std::uint64_t count = 1;
  for (Point point = space.first(), last = point; space.next(point); last = point, ++count) {
    RC_ASSERT(space.contains(point));
    const auto [at, beside] = std::ranges::mismatch(
        last, point, [](double a, double b) { return a == b || (a != a && b != b); });
    RC_ASSERT(at != last.end());
    RC_ASSERT(before(*at, *beside));  // the first difference grows: lexicographic, so no repeats
  }
  RC_ASSERT(count == *size);
}

RC_GTEST_PROP(SpaceProperties, ParentsPrecedeTheirChildren, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  for (std::size_t i = 0; i < space.num_dimensions(); ++i) {
    for (const Clause& clause : space.dimensions()[i].when) RC_ASSERT(clause.parent < i);
  }
}

RC_GTEST_PROP(SpaceProperties, ADiscretisedSpaceIsFiniteAndLiesInside, (std::uint64_t seed)) {
  const Space space = random_space(seed);
  const Space grid = space.discretised(3);
  RC_ASSERT(grid.size().has_value());
  RC_ASSERT(grid.num_dimensions() == space.num_dimensions());
  Rng rng(seed, 1);
  RC_ASSERT(space.contains(grid.sample(rng)));
}

}  // namespace
}  // namespace trimtab
