#include "trimtab/numerics/gp/evidence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab::gp {
namespace {

struct Data {
  Axes axes;
  std::vector<double> x;
  std::vector<double> z;
};

// Five points that the references were computed from.
Data five_points() {
  return {Axes::simple(2),
          {0.1, 0.9, 0.4, 0.3, 0.7, 0.8, 0.95, 0.15, 0.5, 0.55},
          {-1.2, 0.3, 0.8, 1.1, -0.6}};
}

Data random_data(std::size_t n, const Axes& axes, std::uint64_t seed) {
  Data data{axes, {}, {}};
  Rng rng(seed);
  for (std::size_t i = 0; i < n * axes.num_features(); ++i) data.x.push_back(rng.uniform01());
  for (std::size_t i = 0; i < n; ++i) {
    const double* x = &data.x[i * axes.num_features()];
    data.z.push_back(std::sin(4.0 * x[0]) + 0.5 * x[1] + 0.05 * rng.normal());
  }
  return data;
}

double posterior_density(const Data& data, const Hyperparameters& theta) {
  const Evidence evidence = log_evidence(data.axes, data.x, data.z, theta, {});
  return evidence.log_likelihood + evidence.log_prior;
}

TEST(Matern52, HasItsFixedPoints) {
  EXPECT_DOUBLE_EQ(matern52(0.0), 1.0);
  EXPECT_NEAR(matern52(1.0), 0.52399411, 1e-8);
  EXPECT_NEAR(matern52_slope(0.0), -5.0 / 6.0, 1e-15);
  const double step = 1e-5;
  for (const double r2 : {0.01, 0.5, 1.0, 4.0, 30.0}) {
    const double difference = (matern52(r2 + step) - matern52(r2 - step)) / (2.0 * step);
    EXPECT_NEAR(matern52_slope(r2), difference, 1e-7) << r2;
  }
}

TEST(LogEvidence, OfOnePointIsTheNormalDensity) {
  const std::vector<double> x = {0.3};
  const std::vector<double> z = {0.0};
  const Evidence evidence = log_evidence(Axes::simple(1), x, z, {{1.0}, 0.75, 0.25}, {});
  EXPECT_NEAR(evidence.log_likelihood, -0.5 * std::log(2.0 * std::numbers::pi), 1e-15);
}

// NumPy with an explicit inverse, independent of this code.
TEST(LogEvidence, EqualsAReferenceOfFivePoints) {
  const Data data = five_points();
  const Evidence evidence = log_evidence(data.axes, data.x, data.z, {{0.5, 0.8}, 1.3, 0.02}, {});
  EXPECT_NEAR(evidence.log_likelihood, -9.52572959003151, 1e-11);
}

TEST(LogEvidence, HasTheGradientOfItsDifferences) {
  const Axes shared{{0, 1, 1, 2}, 3};  // the second axis owns two features
  for (const Axes& axes : {Axes::simple(4), shared}) {
    const Data data = random_data(25, axes, 1);
    std::vector<double> lengths = {0.3, 0.9, 0.6, 2.0};
    lengths.resize(axes.count);
    const Hyperparameters theta{lengths, 0.8, 0.01};
    const Evidence evidence = log_evidence(axes, data.x, data.z, theta, {});
    const double step = 1e-5;
    for (std::size_t j = 0; j < axes.count + 2; ++j) {
      const auto moved = [&](double by) {
        Hyperparameters changed = theta;
        double& value = j < axes.count    ? changed.length_scales[j]
                        : j == axes.count ? changed.signal_variance
                                          : changed.noise_variance;
        value *= std::exp(by);
        return posterior_density(data, changed);
      };
      const double difference = (moved(step) - moved(-step)) / (2.0 * step);
      EXPECT_NEAR(evidence.gradient[j], difference, 1e-5 * (1.0 + std::abs(difference))) << j;
    }
  }
}

TEST(LogEvidence, IsMinusInfinityWithoutAFactor) {
  const std::vector<double> x = {0.3, 0.3};
  const std::vector<double> z = {0.0, 1.0};
  const Evidence evidence = log_evidence(Axes::simple(1), x, z, {{1.0}, 1.0, -1.0}, {});
  EXPECT_TRUE(std::isinf(evidence.log_likelihood));
}

// A sample of 120 values whose third coordinate has no effect: the fit must see that, and the
// noise of variance 0.0025.
TEST(FitHyperparameters, FindsWhatMattersAndTheNoise) {
  const Data data = random_data(120, Axes::simple(3), 2);
  const std::vector<Hyperparameters> starts = {prior_mode(3, {})};
  const Fit fit = fit_hyperparameters(data.axes, data.x, data.z, starts, 60, {});
  EXPECT_LT(fit.theta.length_scales[0], 2.0);
  EXPECT_GT(fit.theta.length_scales[2], 4.0 * fit.theta.length_scales[0]);
  EXPECT_NEAR(std::sqrt(fit.theta.noise_variance), 0.05, 0.015);
  EXPECT_GT(fit.log_posterior, posterior_density(data, starts.front()));
  const Evidence there = log_evidence(data.axes, data.x, data.z, fit.theta, {});
  for (const double slope : there.gradient) EXPECT_NEAR(slope, 0.0, 0.1);
}

TEST(FitHyperparameters, KeepsTheBestOfItsStarts) {
  const Data data = random_data(40, Axes::simple(3), 3);
  Hyperparameters rough = prior_mode(3, {});
  for (double& length : rough.length_scales) length = 0.02;
  const std::vector<Hyperparameters> one = {rough};
  const std::vector<Hyperparameters> two = {rough, prior_mode(3, {})};
  const Fit worse = fit_hyperparameters(data.axes, data.x, data.z, one, 3, {});
  const Fit better = fit_hyperparameters(data.axes, data.x, data.z, two, 3, {});
  EXPECT_GT(better.log_posterior, worse.log_posterior);
}

// The mode of a log-normal density is exp(mean - deviation^2): here 0.2048 sqrt(d).
TEST(PriorMode, GrowsWithTheRootOfTheDimension) {
  EXPECT_NEAR(prior_mode(1, {}).length_scales[0], std::exp(std::numbers::sqrt2 - 3.0), 1e-12);
  EXPECT_NEAR(prior_mode(16, {}).length_scales[7], 4.0 * prior_mode(1, {}).length_scales[0], 1e-12);
}

}  // namespace
}  // namespace trimtab::gp
