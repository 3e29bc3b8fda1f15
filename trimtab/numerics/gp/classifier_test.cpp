#include "trimtab/numerics/gp/classifier.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/normal.hpp"

namespace trimtab::gp {
namespace {

struct Labelled {
  std::vector<double> x;
  std::vector<double> y;
};

// Yes on one side of a slanted line; every tenth label is wrong when asked for.
Labelled side(std::size_t count, bool is_noisy = false) {
  Labelled result;
  Rng rng(1);
  for (std::size_t i = 0; i < count; ++i) {
    const double a = rng.uniform(-0.5, 0.5);
    const double b = rng.uniform(-0.5, 0.5);
    result.x.insert(result.x.end(), {a, b});
    const bool is_wrong = is_noisy && i % 10 == 0;
    result.y.push_back((a + 0.5 * b < 0.1) != is_wrong ? 1.0 : -1.0);
  }
  return result;
}

double log_probability(const Classifier& classifier, double a, double b) {
  const std::vector<double> at = {a, b};
  double value = 0.0;
  classifier.predict_log(at, std::span(&value, 1));
  return value;
}

// With one label the mode solves f = (s2 + b2) phi(f) / Phi(f), here by bisection; Laplace's
// evidence and the prediction follow in closed form.
TEST(GpClassifier, HasTheModeOfOneLabel) {
  const std::vector<double> x = {0.0};
  const std::vector<double> y = {1.0};
  ClassifierPrior prior;
  prior.constant_variance = 1.0;
  const Classifier classifier(Axes::simple(1), {{1.0}, 2.0, 0.0}, x, y, prior);
  double f = 1.0;
  double low = 0.0;
  double high = 10.0;
  for (int k = 0; k < 200; ++k) {
    f = 0.5 * (low + high);
    const double ratio = std::exp(-0.5 * f * f - 0.91893853320467274 - log_normal_cdf(f));
    (3.0 * ratio > f ? low : high) = f;
  }
  const double ratio = f / 3.0;
  const double w = ratio * (f + ratio);
  const double expected = log_normal_cdf(f) - 0.5 * f * f / 3.0 - 0.5 * std::log(1.0 + 3.0 * w);
  EXPECT_NEAR(classifier.log_likelihood(), expected, 1e-9);
  double value = 0.0;
  classifier.predict_log(x, std::span(&value, 1));
  const double variance = 3.0 / (1.0 + 3.0 * w);
  EXPECT_NEAR(value, log_normal_cdf(f / std::sqrt(1.0 + variance)), 1e-9);
}

TEST(GpClassifier, HasTheGradientOfItsDifferences) {
  const Labelled data = side(30, true);
  const std::vector<double> logs = {-0.7, 0.4, 1.3};
  const auto objective = [&](const std::vector<double>& t) {
    const Hyperparameters theta{{std::exp(t[0]), std::exp(t[1])}, std::exp(t[2]), 0.0};
    return Classifier(Axes::simple(2), theta, data.x, data.y, {}).objective();
  };
  const Classifier::Objective at = objective(logs);
  for (std::size_t j = 0; j < logs.size(); ++j) {
    std::vector<double> up = logs;
    std::vector<double> down = logs;
    up[j] += 1e-4;
    down[j] -= 1e-4;
    const double difference = (objective(up).value - objective(down).value) / 2e-4;
    EXPECT_NEAR(at.gradient[j], difference, 1e-4 * (1.0 + std::abs(difference))) << j;
  }
}

TEST(GpClassifier, HasTheSlopesOfItsDifferences) {
  const Labelled data = side(30);
  const Classifier classifier(Axes::simple(2), {{0.8, 1.2}, 5.0, 0.0}, data.x, data.y, {});
  const std::vector<double> at = {0.12, -0.2};
  const Classifier::Gradient got = classifier.predict_gradient(at);
  EXPECT_NEAR(got.log_probability, log_probability(classifier, at[0], at[1]), 1e-12);
  const double h = 1e-5;
  EXPECT_NEAR(got.slope[0],
              (log_probability(classifier, at[0] + h, at[1]) -
               log_probability(classifier, at[0] - h, at[1])) /
                  (2.0 * h),
              1e-5);
  EXPECT_NEAR(got.slope[1],
              (log_probability(classifier, at[0], at[1] + h) -
               log_probability(classifier, at[0], at[1] - h)) /
                  (2.0 * h),
              1e-5);
}

TEST(GpClassifier, LearnsABorderAndIsSureAwayFromIt) {
  const Labelled data = side(60);
  const Axes axes = Axes::simple(2);
  const Classifier classifier(axes, fit_classifier(axes, data.x, data.y, 30, {}), data.x, data.y,
                              {});
  EXPECT_GT(std::exp(log_probability(classifier, -0.3, -0.1)), 0.9);
  EXPECT_LT(std::exp(log_probability(classifier, 0.4, 0.2)), 0.1);
}

TEST(GpClassifier, IsLessSureWhereLabelsDisagree) {
  const Labelled clean = side(60);
  const Labelled noisy = side(60, true);
  const Axes axes = Axes::simple(2);
  const Classifier sure(axes, fit_classifier(axes, clean.x, clean.y, 30, {}), clean.x, clean.y, {});
  const Classifier unsure(axes, fit_classifier(axes, noisy.x, noisy.y, 30, {}), noisy.x, noisy.y,
                          {});
  EXPECT_LT(log_probability(unsure, -0.3, -0.1), log_probability(sure, -0.3, -0.1));
  EXPECT_GT(std::exp(log_probability(unsure, -0.3, -0.1)), 0.6);
}

TEST(GpClassifier, PredictsTheShareFarFromTheData) {
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 0; i < 40; ++i) {
    x.push_back(0.01 * i);
    y.push_back(i % 4 == 0 ? -1.0 : 1.0);
  }
  const Classifier classifier(Axes::simple(1), {{0.1}, 0.05, 0.0}, x, y, {});
  const std::vector<double> far = {100.0};
  double value = 0.0;
  classifier.predict_log(far, std::span(&value, 1));
  EXPECT_NEAR(std::exp(value), 0.75, 0.05);
}

}  // namespace
}  // namespace trimtab::gp
