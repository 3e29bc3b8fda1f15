#include "trimtab/schedules/bohb/bohb.hpp"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

namespace trimtab {
namespace {

// The fixed points come from an independent program of the formulas in density.hpp.
TEST(BohbDensity, AgreesWithTheFormulas) {
  const std::vector<double> rows = {0.1, 0.2, 0,   0.3, 0.25, 1,   0.35, 0.5,
                                    1,   0.6, 0.1, 2,   0.2,  0.9, 1};
  const bohb::Density joint(rows, {0, 0, 3}, /*is_product=*/false);
  const bohb::Density product(rows, {0, 0, 3}, /*is_product=*/true);
  EXPECT_NEAR(joint.bandwidths()[0], 0.14194241091757476, 1e-12);
  EXPECT_NEAR(joint.bandwidths()[1], 0.24177790680417793, 1e-12);
  EXPECT_NEAR(joint.bandwidths()[2], 0.5327003758038854, 1e-12);
  const std::array<double, 3> near = {0.3, 0.3, 1.0};
  const std::array<double, 3> far = {0.9, 0.05, 0.0};
  EXPECT_NEAR(joint(near), 0.83198392604894256, 1e-12);
  EXPECT_NEAR(product(near), 0.77196770577872231, 1e-12);
  EXPECT_NEAR(joint(far), 0.025958290742971669, 1e-12);
  EXPECT_NEAR(product(far), 0.016513912558675757, 1e-12);
}

TEST(BohbDensity, DrawsInsideOfTheUnitInterval) {
  const bohb::Density density({0.0, 1.0, 0.5}, {0}, false);
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    const double x = density.sample(3.0, rng).front();
    EXPECT_GE(x, 0.0);
    EXPECT_LE(x, 1.0);
  }
}

// x near 0.2 is good. Fixed seeds: 60 proposals of the model are closer to it than chance allows
// (a uniform point is within 0.1 with probability 0.2; 30 of 60 has probability < 1e-7).
TEST(Bohb, ProposesWhereTrialsWereGood) {
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).build();
  const ScheduleSetting setting = {.fidelity = {.name = "epochs", .max = 9.0}};
  for (const char* model : {"multivariate", "product"}) {
    Bohb schedule(
        OptionValues(Bohb::info(), {{"random_fraction", 0.0}, {"model", model}}, "fidelity"),
        setting);
    Rng rng(1);
    for (std::int64_t trial = 0; trial < 40; ++trial) {
      const Point point = {rng.uniform01()};
      const double loss = std::abs(point[0] - 0.2);
      schedule.tell({.kind = LevelEvent::Kind::Born, .trial = trial, .point = point});
      schedule.tell({.kind = LevelEvent::Kind::Paused, .trial = trial, .losses = {&loss, 1}});
    }
    int num_near = 0;
    for (std::int64_t i = 0; i < 60; ++i) {
      num_near += std::abs(schedule.birth(100 + i, space, rng).point[0] - 0.2) < 0.1;
    }
    EXPECT_GE(num_near, 30) << model;
  }
}

}  // namespace
}  // namespace trimtab
