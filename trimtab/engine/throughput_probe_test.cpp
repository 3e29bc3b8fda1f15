#include "trimtab/engine/throughput_probe.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

Fidelity steps(double min, double max) { return {.name = "steps", .min = min, .max = max}; }

// A program that starts in `startup` seconds and does `rate` units a second, with noise.
struct Program {
  double startup = 0.0, rate = 1.0, noise = 0.0;
  std::uint64_t seed = 1;
  int num_runs = 0;

  void measure(ThroughputProbe& probe) {
    Rng rng(seed, 0, "program");
    while (const std::optional<double> units = probe.next()) {
      ++num_runs;
      probe.add(*units, (startup + *units / rate) * (1.0 + noise * rng.normal()));
    }
  }
};

TEST(ThroughputProbe, StartUpIsNotTraining) {
  ThroughputProbe probe({.seconds = 100.0}, steps(1.0, 1e9));
  Program program{.startup = 3.0, .rate = 250.0};
  program.measure(probe);
  ASSERT_TRUE(probe.is_known());
  EXPECT_NEAR(probe.per_second(), 250.0, 1e-9);
  EXPECT_EQ(probe.planned(), 25'000.0);
  EXPECT_NEAR(probe.relative_deviation(), 0.0, 1e-12);
}

TEST(ThroughputProbe, CostsAFewPercentOfTheClass) {
  for (const double rate : {0.5, 30.0, 4e4, 3e7}) {
    ThroughputProbe probe({.seconds = 60.0}, steps(1.0, 1e12));
    Program program{.startup = 0.0, .rate = rate};
    program.measure(probe);
    ASSERT_TRUE(probe.is_known()) << rate;
    EXPECT_LE(program.num_runs, 40) << rate;
    if (rate > 10.0) {  // at two seconds a unit the least pair is dear
      EXPECT_LT(probe.seconds_used(), 0.4 * 60.0) << rate;
    }
  }
}

TEST(ThroughputProbe, FivePerCentOfNoiseMoveTheMedianOfFiveByLess) {
  double worst = 0.0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ThroughputProbe probe({.seconds = 100.0, .repeats = 5}, steps(1.0, 1e9));
    Program program{.startup = 0.1, .rate = 250.0, .noise = 0.02, .seed = seed};
    program.measure(probe);
    ASSERT_TRUE(probe.is_known());
    worst = std::max(worst, std::abs(probe.per_second() / 250.0 - 1.0));
  }
  EXPECT_LT(worst, 0.1);
  EXPECT_GT(worst, 0.0);
}

TEST(ThroughputProbe, KeepsToTheBoundsOfTheFidelity) {
  ThroughputProbe probe({.seconds = 100.0}, steps(1.0, 50.0));
  Program{.rate = 250.0}.measure(probe);
  EXPECT_EQ(probe.planned(), 50.0);
}

TEST(ThroughputProbe, KnowsNothingOfAProgramThatNeverTakesLonger) {
  ThroughputProbe probe({.seconds = 100.0}, steps(1.0, 1e9));
  Program{.startup = 1.0, .rate = INFINITY}.measure(probe);
  EXPECT_FALSE(probe.is_known());
}

TEST(ThroughputProbe, SaysWhatItMeasured) {
  ThroughputProbe probe({.seconds = 10.0}, steps(1.0, 1e9));
  Program{.rate = 100.0}.measure(probe);
  const std::map<std::string, double> metrics = probe.metrics();
  EXPECT_EQ(metrics.at("planned_steps"), 1000.0);
  EXPECT_NEAR(metrics.at("steps_per_second"), 100.0, 1e-9);
  EXPECT_NEAR(metrics.at("throughput_deviation"), 0.0, 1e-9);
  EXPECT_GT(metrics.at("probe_seconds"), 0.0);
}

}  // namespace
}  // namespace trimtab
