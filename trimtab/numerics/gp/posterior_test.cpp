#include "trimtab/numerics/gp/posterior.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"

namespace trimtab::gp {
namespace {

const std::vector<double> kX = {0.1, 0.9, 0.4, 0.3, 0.7, 0.8, 0.95, 0.15, 0.5, 0.55};
const std::vector<double> kZ = {-1.2, 0.3, 0.8, 1.1, -0.6};
const Hyperparameters kTheta{{0.5, 0.8}, 1.3, 0.02};

std::vector<double> uniform(std::size_t count, std::uint64_t seed) {
  std::vector<double> values(count);
  Rng rng(seed);
  for (double& value : values) value = rng.uniform01();
  return values;
}

Prediction predict_one(const Posterior& posterior, std::span<const double> x) {
  Prediction prediction;
  posterior.predict(x, std::span(&prediction, 1));
  return prediction;
}

// NumPy with an explicit inverse, independent of this code.
TEST(GpPosterior, EqualsAReferenceOfFivePoints) {
  Posterior posterior(Axes::simple(2), kTheta, kX);
  posterior.set_targets(kZ);
  const std::vector<double> queries = {0.25, 0.6, 0.95, 0.15, 0.0, 0.0};
  std::vector<Prediction> got(3);
  posterior.predict(queries, got);
  const double means[] = {-0.798935402432691, 1.09330296376012, 0.465848230922157};
  const double variances[] = {0.109488557538744, 0.0195361646730128, 0.710134494968681};
  std::vector<double> only_means(3);
  posterior.predict_means(queries, only_means);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(got[i].mean, means[i], 1e-12);
    EXPECT_NEAR(got[i].variance, variances[i], 1e-12);
    EXPECT_NEAR(only_means[i], means[i], 1e-12);
  }
}

TEST(GpPosterior, WithoutPointsIsThePrior) {
  const Posterior posterior(Axes::simple(2), kTheta);
  const Prediction prediction = predict_one(posterior, std::vector<double>{0.2, 0.3});
  EXPECT_EQ(prediction.mean, 0.0);
  EXPECT_EQ(prediction.variance, 1.3);
}

TEST(GpPosterior, GrownPointByPointEqualsFactorisedAtOnce) {
  const std::vector<double> x = uniform(60 * 3, 1);
  const std::vector<double> z = uniform(60, 2);
  const Hyperparameters theta{{0.4, 0.7, 1.5}, 0.9, 1e-4};
  Posterior whole(Axes::simple(3), theta, x);
  Posterior grown(Axes::simple(3), theta, std::span(x).first(5 * 3));
  for (std::size_t i = 5; i < 60; ++i) grown.append(std::span(x).subspan(3 * i, 3));
  Posterior empty(Axes::simple(3), theta);
  for (std::size_t i = 0; i < 60; ++i) empty.append(std::span(x).subspan(3 * i, 3));
  for (Posterior* posterior : {&whole, &grown, &empty}) posterior->set_targets(z);
  for (std::uint64_t k = 0; k < 20; ++k) {
    const std::vector<double> query = uniform(3, 10 + k);
    const Prediction expected = predict_one(whole, query);
    for (const Posterior* posterior : {&grown, &empty}) {
      EXPECT_NEAR(predict_one(*posterior, query).mean, expected.mean, 1e-9);
      EXPECT_NEAR(predict_one(*posterior, query).variance, expected.variance, 1e-9);
    }
  }
}

TEST(GpPosterior, HasTheSlopesOfItsDifferences) {
  const std::vector<double> x = uniform(30 * 4, 3);
  Posterior posterior({{0, 1, 1, 2}, 3}, {{0.4, 0.7, 1.5}, 0.9, 1e-3}, x);
  posterior.set_targets(uniform(30, 4));
  const double step = 1e-5;
  for (std::uint64_t k = 0; k < 5; ++k) {
    const std::vector<double> at = uniform(4, 20 + k);
    const PredictionGradient got = posterior.predict_gradient(at);
    EXPECT_NEAR(got.at.mean, predict_one(posterior, at).mean, 1e-12);
    EXPECT_NEAR(got.at.variance, predict_one(posterior, at).variance, 1e-12);
    for (std::size_t f = 0; f < 4; ++f) {
      std::vector<double> up = at;
      std::vector<double> down = at;
      up[f] += step;
      down[f] -= step;
      const Prediction high = predict_one(posterior, up);
      const Prediction low = predict_one(posterior, down);
      EXPECT_NEAR(got.mean_slope[f], (high.mean - low.mean) / (2.0 * step), 1e-6);
      EXPECT_NEAR(got.variance_slope[f], (high.variance - low.variance) / (2.0 * step), 1e-6);
    }
  }
}

TEST(GpPosterior, BelievingAPointKeepsTheMeanAndShrinksTheVariance) {
  Posterior posterior(Axes::simple(2), kTheta, kX);
  posterior.set_targets(kZ);
  const std::vector<double> believed = {0.25, 0.6};
  const std::vector<double> near = {0.3, 0.62};
  const Prediction before = predict_one(posterior, near);
  posterior.append_believed(believed);
  const Prediction after = predict_one(posterior, near);
  EXPECT_NEAR(after.mean, before.mean, 1e-12);
  EXPECT_LT(after.variance, 0.5 * before.variance);
  std::vector<double> targets = kZ;
  targets.push_back(predict_one(posterior, believed).mean);
  posterior.set_targets(targets);
  EXPECT_NEAR(predict_one(posterior, near).mean, before.mean, 1e-10);
}

TEST(GpPosterior, FittedMeansAreThePredictionsAtItsPoints) {
  Posterior posterior(Axes::simple(2), kTheta, kX);
  posterior.set_targets(kZ);
  const std::vector<double> fitted = posterior.fitted_means();
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(fitted[i], predict_one(posterior, std::span(kX).subspan(2 * i, 2)).mean, 1e-12);
  }
}

TEST(GpPosterior, SurvivesRepeatedPointsWithHardlyAnyNoise) {
  std::vector<double> x = uniform(20 * 2, 5);
  for (std::size_t i = 0; i < 20; ++i) x.insert(x.end(), {x[2 * i], x[2 * i + 1]});
  Posterior posterior(Axes::simple(2), {{3.0, 3.0}, 1.0, 1e-18}, x);
  posterior.append(std::span(x).first(2));
  posterior.set_targets(uniform(41, 6));
  const Prediction prediction = predict_one(posterior, std::vector<double>{0.5, 0.5});
  EXPECT_TRUE(std::isfinite(prediction.mean));
  EXPECT_GT(prediction.variance, 0.0);
}

TEST(GpPosterior, RefusesLengthScalesOfAnotherNumber) {
  EXPECT_THROW(Posterior(Axes::simple(3), kTheta), BugError);
}

}  // namespace
}  // namespace trimtab::gp
