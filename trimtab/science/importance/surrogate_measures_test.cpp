// The measures that ask a forest: against closed forms, and against what Optuna computes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "trimtab/science/importance/ablation.hpp"
#include "trimtab/science/importance/fanova.hpp"
#include "trimtab/science/importance/shapley.hpp"
#include "trimtab/science/importance/sobol_indices.hpp"

namespace trimtab {
namespace {

using Loss = std::function<double(PointView)>;

// Random points of a space and their losses.
struct Sample {
  Sample(Space given, std::size_t n, const Loss& loss, std::uint64_t seed = 1)
      : space(std::move(given)) {
    Rng rng(seed, 0, "sample");
    for (std::size_t i = 0; i < n; ++i) points.push_back(space.sample(rng));
    for (const Point& point : points) trials.push_back({point, loss(point)});
  }
  SurrogateForest forest(std::size_t num_trees = 64) const {
    Rng rng(2, 0, "forest");
    return SurrogateForest(space.dimensions(), trials, num_trees, rng);
  }

  Space space;
  std::vector<Point> points;
  std::vector<RankedTrial> trials;
};

Space cube(int d) {
  SpaceBuilder builder;
  for (int j = 0; j < d; ++j) builder.real("x" + std::to_string(j), 0.0, 1.0);
  return builder.build();
}

TEST(SurrogateForest, PredictsTrialsThatItDidNotSee) {
  const Sample sample(cube(3), 1000, [](PointView p) { return 3.0 * p[0] + p[1]; });
  const SurrogateForest forest = sample.forest();
  EXPECT_GT(forest.out_of_bag_r2(), 0.95);
  const Sample noise(cube(3), 300, [](PointView p) { return std::fmod(1e6 * p[0], 1.0); });
  EXPECT_LT(noise.forest().out_of_bag_r2(), 0.05);
}

TEST(SurrogateForest, TakesInfiniteLossesAsTheWorstFiniteOne) {
  const Sample sample(cube(1), 200, [](PointView p) {
    return p[0] > 0.5 ? std::numeric_limits<double>::infinity() : p[0];
  });
  const SurrogateForest forest = sample.forest();
  EXPECT_NEAR(forest.predict(std::vector<double>{0.9, 0.5}), 0.5, 0.05);
}

TEST(Fanova, DividesTheVarianceOfASumByItsTerms) {
  // V_0 : V_1 : V_2 = 9 : 1 : 0 of a linear function, no interactions. The trees' steps and their
  // finite sample cost a few per cent.
  const Sample sample(cube(3), 1000, [](PointView p) { return 3.0 * p[0] + p[1]; });
  const VarianceShares shares = variance_shares(sample.forest());
  EXPECT_NEAR(shares.main[0], 0.9, 0.03);
  EXPECT_NEAR(shares.main[1], 0.1, 0.03);
  EXPECT_LT(shares.main[2], 0.005);
  EXPECT_LT(shares.interactions, 0.04);
}

TEST(Fanova, IsExactForATreeThatIsTheFunction) {
  // f = 1 where choice a is 2 of 4 and x > 1/4, else 0: mean 3/16, V = 3/16 - 9/256 = 39/256;
  // V_a = (1/4 (3/4)^2 - 9/256) = 27/256; V_x = 3/4 (1/4)^2 - 9/256 = 3/256; the rest interacts.
  const Space space =
      SpaceBuilder().categorical("a", {"p", "q", "r", "s"}).real("x", 0.0, 1.0).build();
  Sample sample(space, 0, {});
  for (int i = 0; i < 4000; ++i) {
    const Point point = {static_cast<double>(i % 4), (i / 4 % 500 + 0.5) / 500.0};
    sample.points.push_back(point);
  }
  for (const Point& p : sample.points)
    sample.trials.push_back({p, p[0] == 2.0 && p[1] > 0.25 ? 1.0 : 0.0});
  const VarianceShares shares = variance_shares(sample.forest(16));
  EXPECT_NEAR(shares.main[0], 27.0 / 39.0, 0.005);
  EXPECT_NEAR(shares.main[1], 3.0 / 39.0, 0.005);
  EXPECT_NEAR(shares.interactions, 9.0 / 39.0, 0.005);
}

TEST(Fanova, EqualsOptunasWithinThatOfItsSeeds) {
  // Optuna 5.0.0, FanovaImportanceEvaluator (64 trees), normalize=False, over three seeds:
  // x0 0.084 to 0.087, x1 0.092 to 0.095, x2 0.70 to 0.71, x3 0.008.
  Sample sample(cube(4), 0, {});
  for (int i = 1; i <= 400; ++i) {
    Point& point = sample.points.emplace_back();
    for (const double prime : {2.0, 3.0, 5.0, 7.0}) {
      point.push_back(std::fmod(i * std::sqrt(prime), 1.0));
    }
  }
  for (const Point& p : sample.points) {
    sample.trials.push_back({p, 4.0 * p[0] * p[1] + 2.0 * std::sin(6.0 * p[2]) + p[3]});
  }
  const VarianceShares shares = variance_shares(sample.forest());
  EXPECT_NEAR(shares.main[0], 0.0854, 0.01);
  EXPECT_NEAR(shares.main[1], 0.0933, 0.01);
  EXPECT_NEAR(shares.main[2], 0.702, 0.02);
  EXPECT_NEAR(shares.main[3], 0.0082, 0.004);
}

TEST(Fanova, RarelyPutsAParameterWithoutEffectAboveChance) {
  // 40 noisy studies of 60 trials and 5 parameters without effect. At the intended level of one
  // alarm in 20 studies, more than 7 have probability 1e-3; the seeds are fixed.
  int num_alarms = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Rng noise(seed, 1, "noise");
    const Sample sample(cube(5), 60, [&](PointView) { return noise.normal(); }, seed);
    const VarianceShares shares = variance_shares(sample.forest(32));
    num_alarms += std::ranges::any_of(shares.main, [&](double s) { return s > shares.chance; });
  }
  EXPECT_LE(num_alarms, 7);
}

// A sampler narrows both dimensions to a place of its own while losses fall, but only y matters.
TEST(Fanova, GivesNoWeightToADriftWithoutEffect) {
  Sample sample(cube(2), 0, {});
  for (std::uint64_t i = 0; i < 300; ++i) {
    Rng rng(5, i, "drift");
    const double width = i < 30 ? 1.0 : 0.15;
    sample.points.push_back({std::clamp(0.3 + width * (rng.uniform01() - 0.5), 0.0, 1.0),
                             std::clamp(0.7 + width * (rng.uniform01() - 0.5), 0.0, 1.0)});
  }
  for (const Point& p : sample.points) sample.trials.push_back({p, std::abs(p[1] - 0.7)});
  const VarianceShares shares = variance_shares(sample.forest());
  EXPECT_GT(shares.main[1], 0.8);
  EXPECT_LT(shares.main[0], 0.05);
}

TEST(Fanova, LearnsNothingFromWhetherAParameterIsActive) {
  // The kernel decides; its child has no effect of its own.
  const Space space = SpaceBuilder()
                          .categorical("kernel", {"rbf", "poly"})
                          .real("degree", 0.0, 1.0, {.when = {{"kernel", {"poly"}}}})
                          .build();
  Rng noise(9, 0, "noise");
  const Sample sample(space, 400, [&](PointView p) { return p[0] + 0.1 * noise.normal(); });
  const VarianceShares shares = variance_shares(sample.forest());
  EXPECT_GT(shares.main[0], 0.85);
  EXPECT_LT(shares.main[1], 0.02);
}

TEST(SobolIndicesSlow, EqualTheClosedFormsOfIshigami) {
  // Ishigami and Homma 1990, a = 7, b = 0.1: S = (0.3139, 0.4424, 0), T = (0.5576, 0.4424, 0.2437).
  const double pi = std::acos(-1.0);
  const Sample sample(cube(3), 4000, [&](PointView p) {
    const double x = pi * (2.0 * p[0] - 1.0), y = pi * (2.0 * p[1] - 1.0);
    const double z = pi * (2.0 * p[2] - 1.0);
    return std::sin(x) + 7.0 * std::pow(std::sin(y), 2.0) + 0.1 * std::pow(z, 4.0) * std::sin(x);
  });
  const std::vector<SobolIndex> found = sobol_indices(sample.forest(), 1024, 3);
  EXPECT_NEAR(found[0].first, 0.3139, 0.04);
  EXPECT_NEAR(found[1].first, 0.4424, 0.04);
  EXPECT_NEAR(found[2].first, 0.0, 0.04);
  EXPECT_NEAR(found[0].total, 0.5576, 0.04);
  EXPECT_NEAR(found[1].total, 0.4424, 0.04);
  EXPECT_NEAR(found[2].total, 0.2437, 0.04);
}

TEST(ShapleySlow, EqualsTheTermsOfASum) {
  // phi_j = c_j (x_j - 1/2) for f = sum c_j x_j; over uniform x the mean of |phi_j| is c_j / 4.
  const Sample sample(cube(3), 2000, [](PointView p) { return 4.0 * p[0] + 2.0 * p[1]; });
  std::vector<std::vector<double>> units(sample.points.begin(), sample.points.begin() + 200);
  Rng rng(4);
  const std::vector<double> values = shapley_values(sample.forest(), units, 32, rng);
  EXPECT_NEAR(values[0], 1.0, 0.1);
  EXPECT_NEAR(values[1], 0.5, 0.07);
  EXPECT_LT(values[2], 0.04);
}

TEST(Shapley, GivesInactiveDimensionsNothing) {
  const Sample sample(cube(2), 200, [](PointView p) { return p[0] + p[1]; });
  const std::vector<std::vector<double>> units = {{0.9, std::nan("")}};
  Rng rng(4);
  EXPECT_EQ(shapley_values(sample.forest(), units, 4, rng)[1], 0.0);
}

TEST(Ablation, GoesFromTheDefaultToTheWinnerByTheMostProfitableStep) {
  const Sample sample(cube(3), 2000, [](PointView p) { return 4.0 * p[0] + p[1]; });
  const std::vector<AblationStep> path =
      ablation_path(sample.forest(), sample.space, Point{0.9, 0.9, 0.5}, Point{0.1, 0.1, 0.5});
  ASSERT_EQ(path.size(), 2U);  // x2 does not differ
  EXPECT_EQ(path[0].parameter, 0U);
  EXPECT_NEAR(path[0].gain, 3.2, 0.2);
  EXPECT_NEAR(path[1].gain, 0.8, 0.1);
}

TEST(Ablation, TakesAChildWithItsParent) {
  const Space space = SpaceBuilder()
                          .categorical("kernel", {"linear", "poly"})
                          .integer("degree", 2, 5, {.when = {{"kernel", {"poly"}}}})
                          .build();
  const Sample sample(space, 400,
                      [](PointView p) { return p[0] == 0.0 ? 5.0 : std::abs(p[1] - 3.0); });
  const std::vector<AblationStep> path =
      ablation_path(sample.forest(), space, Point{0.0, kInactive}, Point{1.0, 3.0});
  ASSERT_EQ(path.size(), 1U);
  EXPECT_NEAR(path[0].gain, 5.0, 0.3);
}

}  // namespace
}  // namespace trimtab
