#include "trimtab/samplers/random/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace trimtab {
namespace {

Random make(const Space& space) {
  return Random(space, OptionValues(Random::info(), Json::object(), "sampler"), SamplerSetting{});
}

TEST(Random, DrawsWhatTheSpaceSamples) {
  const Space space = SpaceBuilder()
                          .real("rate", 1e-4, 1.0, {.is_log = true})
                          .categorical("kernel", {"rbf", "poly"})
                          .build();
  Rng left(7);
  Rng right(7);
  const std::vector<Point> points = make(space).ask(5, left);
  ASSERT_EQ(points.size(), 5U);
  for (const Point& point : points) EXPECT_EQ(point, space.sample(right));
}

// Chi-square of 10 cells over 20 000 draws; a uniform generator exceeds 48.9 with probability 1e-7
// (9 degrees of freedom). The seed is fixed.
TEST(Random, IsUniformOnTheScaleOfTheParameter) {
  const Random sampler = make(SpaceBuilder().real("x", 1e-5, 1.0, {.is_log = true}).build());
  std::array<double, 10> counts{};
  Rng rng(1);
  for (const Point& point : sampler.ask(20'000, rng)) {
    counts[static_cast<std::size_t>(std::min(9.0, (std::log10(point[0]) + 5.0) * 2.0))] += 1.0;
  }
  double chi_square = 0.0;
  for (const double count : counts) chi_square += (count - 2000.0) * (count - 2000.0) / 2000.0;
  EXPECT_LT(chi_square, 48.9);
}

TEST(Random, ForgetsWhatItIsTold) {
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).build();
  Random told = make(space);
  const Point point = {0.5};
  const Observation observation{.number = 0, .point = point, .loss = 1.0};
  told.tell(std::span(&observation, 1), {});
  Rng left(3);
  Rng right(3);
  EXPECT_EQ(told.ask(3, left), make(space).ask(3, right));
}

}  // namespace
}  // namespace trimtab
