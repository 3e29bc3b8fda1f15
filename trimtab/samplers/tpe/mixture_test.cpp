#include "trimtab/samplers/tpe/mixture.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "trimtab/samplers/tpe/lanes.hpp"

namespace trimtab::tpe {
namespace {

Dimension real(double low, double high, bool is_log = false, double step = 0.0) {
  Dimension dimension;
  dimension.low = low;
  dimension.high = high;
  dimension.is_log = is_log;
  dimension.step = step;
  return dimension;
}

Dimension integer(double low, double high, bool is_log = false) {
  Dimension dimension = real(low, high, is_log, 1.0);
  dimension.kind = Kind::Integer;
  return dimension;
}

Dimension categorical(std::size_t count, std::vector<double> weights = {}) {
  Dimension dimension = real(0.0, static_cast<double>(count - 1));
  dimension.kind = Kind::Categorical;
  if (!weights.empty()) {
    dimension.prior.shape = Prior::Shape::Weights;
    dimension.prior.weights = std::move(weights);
  }
  return dimension;
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

// A Gaussian truncated to [0, 1], straight from its formula.
double truncated_normal(double x, double mean, double deviation) {
  const double z = (x - mean) / deviation;
  const double density = std::exp(-0.5 * z * z) / (deviation * std::sqrt(2.0 * std::numbers::pi));
  return density / (normal_cdf((1.0 - mean) / deviation) - normal_cdf(-mean / deviation));
}

double integral(const ProductMixture& mixture, std::size_t num_cells) {
  double sum = 0.0;
  for (std::size_t i = 0; i < num_cells; ++i) {
    const double x = (static_cast<double>(i) + 0.5) / static_cast<double>(num_cells);
    sum += std::exp(mixture.log_density(std::vector<double>{x}));
  }
  return sum / static_cast<double>(num_cells);
}

// Positions and deviations of n random kernels.
struct Kernels {
  std::vector<double> positions;
  std::vector<double> deviations;
  std::vector<double> weights;
};

Kernels random_kernels(std::span<const Axis> axes, std::size_t n, Rng& rng) {
  Kernels kernels;
  for (std::size_t i = 0; i < n; ++i) {
    for (const Axis& axis : axes) {
      const double value = axis.is_categorical ? static_cast<double>(rng.below(axis.num_values))
                                               : axis.position_of(axis.value_of(rng.uniform01()));
      kernels.positions.push_back(value);
      kernels.deviations.push_back(rng.uniform(0.02, 0.8));
    }
    kernels.weights.push_back(rng.uniform(0.2, 1.0));
  }
  return kernels;
}

TEST(Axis, KeepsTheLogarithmicScaleAndItsInverse) {
  const Axis axis = Axis::of(real(1e-3, 1e3, true));
  EXPECT_NEAR(axis.position_of(1.0), 0.5, 1e-12);
  EXPECT_NEAR(axis.value_of(0.5), 1.0, 1e-12);
  EXPECT_EQ(axis.value_of(2.0), 1e3);
}

TEST(Axis, GivesEveryValueOfADiscreteDimensionACell) {
  Dimension levels = real(0.01, 100.0, true);
  levels.levels = 5;
  for (const Dimension& dimension :
       {levels, integer(3, 9), integer(1, 40, true), real(0.0, 1.0, false, 0.25), integer(0, 1)}) {
    const Axis axis = Axis::of(dimension);
    ASSERT_EQ(axis.centres.size(), dimension.count());
    double total = 0.0;
    for (std::size_t k = 0; k < axis.centres.size(); ++k) {
      total += axis.widths[k];
      EXPECT_GT(axis.widths[k], 0.0);
      EXPECT_NEAR(axis.value_of(axis.centres[k]), dimension.value_at(k), 1e-12);
    }
    EXPECT_NEAR(total, 1.0, 1e-12);
  }
}

TEST(Axis, TurnsANormalPriorIntoThePriorKernel) {
  Dimension dimension = real(1e-2, 1e2, true);
  dimension.prior.shape = Prior::Shape::Normal;
  dimension.prior.mean = std::log(10.0);
  dimension.prior.deviation = std::log(10.0) / 2.0;
  const Axis axis = Axis::of(dimension);
  EXPECT_NEAR(axis.prior_mean, 0.75, 1e-12);
  EXPECT_NEAR(axis.prior_deviation, 0.125, 1e-12);
}

TEST(ProductMixture, IntegratesToOneOverAContinuousAxis) {
  Rng rng(1);
  for (const bool is_log : {false, true}) {
    const std::vector<Axis> axes = {Axis::of(real(0.5, 8.0, is_log))};
    ProductMixture mixture(axes);
    const Kernels kernels = random_kernels(axes, 7, rng);
    mixture.fit(kernels.positions, kernels.deviations, kernels.weights, 1.0);
    EXPECT_NEAR(integral(mixture, 20000), 1.0, 1e-5);
  }
}

TEST(ProductMixture, SumsToOneOverTheCellsOfDiscreteAxes) {
  Rng rng(2);
  const std::vector<Axis> axes = {Axis::of(integer(1, 12, true)), Axis::of(categorical(3)),
                                  Axis::of(real(0.0, 2.0, false, 0.5))};
  ProductMixture mixture(axes);
  const Kernels kernels = random_kernels(axes, 9, rng);
  mixture.fit(kernels.positions, kernels.deviations, kernels.weights, 0.7);
  double total = 0.0;
  for (std::size_t a = 0; a < 12; ++a) {
    for (std::size_t b = 0; b < 3; ++b) {
      for (std::size_t c = 0; c < 5; ++c) {
        const std::vector<double> x = {axes[0].centres[a], static_cast<double>(b),
                                       axes[2].centres[c]};
        total += axes[0].widths[a] * axes[2].widths[c] * std::exp(mixture.log_density(x));
      }
    }
  }
  EXPECT_NEAR(total, 1.0, 1e-9);
}

// The published formulas, written out: a prior kernel of the width of the axis in its middle,
// truncated Gaussians, categorical kernels ([x = x_i] + 1 / m) / (1 + C / m).
TEST(ProductMixture, EqualsTheWrittenOutFormula) {
  Rng rng(3);
  const std::vector<Axis> axes = {Axis::of(real(-5.0, 5.0)), Axis::of(categorical(4))};
  ProductMixture mixture(axes);
  const std::size_t n = 6;
  const Kernels kernels = random_kernels(axes, n, rng);
  mixture.fit(kernels.positions, kernels.deviations, kernels.weights, 1.0);
  double total = 1.0;
  for (const double weight : kernels.weights) total += weight;
  for (int repetition = 0; repetition < 50; ++repetition) {
    const std::vector<double> x = {rng.uniform01(), static_cast<double>(rng.below(4))};
    double sum = truncated_normal(x[0], 0.5, 1.0) / 4.0 / total;
    for (std::size_t i = 0; i < n; ++i) {
      const double hit = x[1] == kernels.positions[2 * i + 1] ? 1.0 : 0.0;
      const double m = static_cast<double>(n + 1);
      sum += kernels.weights[i] / total *
             truncated_normal(x[0], kernels.positions[2 * i], kernels.deviations[2 * i]) *
             (hit + 1.0 / m) / (1.0 + 4.0 / m);
    }
    EXPECT_NEAR(mixture.log_density(x), std::log(sum), 1e-9);
  }
}

// The same kernels in the mixtures of Optuna 5.0.0 (_MixtureOfProductDistribution.log_pdf). Its
// densities are per unit of the parameter or of its logarithm, ours per unit of position.
TEST(ProductMixture, AgreesWithOptunasMixture) {
  const double log_width = std::log(1e6);
  const std::vector<Axis> axes = {Axis::of(real(-5.0, 5.0)), Axis::of(real(1e-3, 1e3, true)),
                                  Axis::of(categorical(3))};
  ProductMixture mixture(axes);
  const auto place = [&](double x, double y, double choice) {
    return std::vector<double>{axes[0].position_of(x), axes[1].position_of(y), choice};
  };
  std::vector<double> positions = place(-2.0, 0.01, 1.0);
  const std::vector<double> second = place(3.0, 100.0, 2.0);
  positions.insert(positions.end(), second.begin(), second.end());
  const std::vector<double> deviations = {0.1, 2.0 / log_width, 1.0, 0.04, 0.5 / log_width, 1.0};
  mixture.fit(positions, deviations, std::vector<double>{1.0, 0.5}, 1.0);
  const std::vector<std::vector<double>> points = {place(-2.0, 0.01, 1.0), place(3.2, 150.0, 2.0),
                                                   place(0.0, 1.0, 0.0), place(-4.9, 900.0, 0.0),
                                                   place(4.5, 0.001, 2.0)};
  const double expected[] = {-3.678894470433, -2.683411697056, -6.807449863349, -7.102590373163,
                             -7.087574424524};
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_NEAR(mixture.log_density(points[i]), expected[i] + std::log(10.0 * log_width), 1e-9);
  }
}

// Optuna integrates Gaussians over cells; ours are normalised over the cells' centres. For kernels
// wider than a cell the probabilities differ by less than 3 %.
TEST(ProductMixture, IsCloseToOptunasMixtureOnIntegers) {
  const Axis axis = Axis::of(integer(0.0, 9.0));
  ProductMixture mixture(std::vector<Axis>{axis});
  mixture.fit(std::vector<double>{axis.position_of(4.0), axis.position_of(8.0)},
              std::vector<double>{0.25, 0.15}, std::vector<double>{1.0, 0.5}, 1.0);
  const double expected[] = {-2.873181404504, -2.631390641184, -2.418366726595, -2.271572121065,
                             -2.204102619673, -2.186589899325, -2.152367817593, -2.093330697023,
                             -2.119219772282, -2.332759639300};
  for (std::size_t k = 0; k < 10; ++k) {
    const std::vector<double> x = {axis.position_of(static_cast<double>(k))};
    EXPECT_NEAR(mixture.log_density(x), expected[k] + std::log(10.0), 0.03) << k;
  }
}

TEST(ProductMixture, SmoothsTowardsTheUsersWeights) {
  const std::vector<Axis> axes = {Axis::of(categorical(3, {2.0, 1.0, 1.0}))};
  ProductMixture mixture(axes);
  EXPECT_NEAR(std::exp(mixture.log_density(std::vector<double>{0.0})), 0.5, 1e-12);
  mixture.fit(std::vector<double>{1.0}, std::vector<double>{1.0}, std::vector<double>{1.0}, 1.0);
  // m = 2 kernels, C = 3: the observed kernel gives (1 + 3/2 * 1/4) / (1 + 3/2) = 0.55 to choice 1.
  EXPECT_NEAR(std::exp(mixture.log_density(std::vector<double>{1.0})), (0.55 + 0.25) / 2.0, 1e-12);
}

// Hypothesis: the share of draws in [0, 1/4) is the integral of the density there. n = 40 000,
// five standard errors: false alarm 6e-7 for the fixed seed.
TEST(ProductMixture, DrawsFromItsDensity) {
  Rng rng(4);
  const std::vector<Axis> axes = {Axis::of(real(0.0, 1.0))};
  ProductMixture mixture(axes);
  mixture.fit(std::vector<double>{0.1, 0.8}, std::vector<double>{0.1, 0.05},
              std::vector<double>{1.0, 2.0}, 1.0);
  double mass = 0.0;
  for (int i = 0; i < 2500; ++i) {
    mass += std::exp(mixture.log_density(std::vector<double>{(i + 0.5) / 10000.0})) / 10000.0;
  }
  const int num_draws = 40000;
  int num_inside = 0;
  std::vector<double> position(1);
  for (int i = 0; i < num_draws; ++i) {
    mixture.sample(rng, position);
    ASSERT_GE(position[0], 0.0);
    ASSERT_LE(position[0], 1.0);
    num_inside += position[0] < 0.25 ? 1 : 0;
  }
  const double share = static_cast<double>(num_inside) / num_draws;
  EXPECT_NEAR(share, mass, 5.0 * std::sqrt(mass * (1.0 - mass) / num_draws));
}

TEST(SpreadDeviations, FollowTheWrittenOutRule) {
  const std::vector<Axis> axes = {Axis::of(real(0.0, 1.0)), Axis::of(categorical(3))};
  const std::vector<double> positions = {0.2, 0.0, 0.4, 1.0, 0.9, 2.0};
  const std::vector<double> deviations =
      spread_deviations(axes, positions, 0.01, 0.5, {.shrink = 0.5, .strength = 0.2});
  // Mean 0.5, squares 0.09 + 0.01 + 0.16; n = 3, d = 2.
  const double spread = std::sqrt((0.26 + 0.2 / 12.0) / 2.2);
  EXPECT_NEAR(deviations[0], 0.5 * spread * std::pow(4.0, -1.0 / 6.0), 1e-12);
  EXPECT_EQ(deviations[1], 1.0);
}

TEST(SpreadDeviations, OfASinglePointAreThoseOfTheUniformDistribution) {
  const std::vector<Axis> axes = {Axis::of(real(0.0, 1.0))};
  const std::vector<double> deviations =
      spread_deviations(axes, std::vector<double>{0.3}, 0.01, 0.5, {.shrink = 1.0});
  EXPECT_NEAR(deviations[0], std::sqrt(1.0 / 12.0) * std::pow(2.0, -0.2), 1e-12);
}

TEST(SpreadDeviations, NeverFallBelowHalfACell) {
  const std::vector<Axis> axes = {Axis::of(integer(1, 4)), Axis::of(real(0.0, 1.0))};
  const std::vector<double> positions = {0.125, 0.5, 0.125, 0.5, 0.125, 0.5};
  const std::vector<double> deviations =
      spread_deviations(axes, positions, 0.03, 0.5, {.strength = 1e-9});
  EXPECT_NEAR(deviations[0], 0.125, 1e-12);
  EXPECT_NEAR(deviations[1], 0.03, 1e-12);
}

TEST(ExpNotPositive, IsWithinThreeTenMillionthsOfTheExponential) {
  for (int i = 0; i < 87000; i += 7) {
    const float x = -static_cast<float>(i) / 1000.0F;
    Lanes lanes = {x, 0.0F, -88.0F, x};
    exp_not_positive(lanes);
    const double exact = std::exp(static_cast<double>(x));
    ASSERT_NEAR(static_cast<double>(lanes[0]) / exact, 1.0, 3e-7) << x;
    ASSERT_EQ(lanes[1], 1.0F);
    ASSERT_EQ(lanes[2], 0.0F);
  }
}

}  // namespace
}  // namespace trimtab::tpe
