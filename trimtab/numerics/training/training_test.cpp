#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/training/adam.hpp"
#include "trimtab/numerics/training/perceptron.hpp"

namespace trimtab {
namespace {

TEST(Adam, BeginsWithAStepOfTheLearningRateAlongEachSign) {
  Adam adam(3, {.learning_rate = 0.1});
  Eigen::VectorXd x = Eigen::VectorXd::Zero(3);
  adam.step((Eigen::VectorXd(3) << 5.0, -1e-3, 0.0).finished(), x);
  EXPECT_NEAR(x(0), -0.1, 1e-9);
  EXPECT_NEAR(x(1), 0.1, 1e-5);
  EXPECT_EQ(x(2), 0.0);
}

// Two steps by hand: gradients 1 and 3, m = .39 / .19, v = .009999 / .001999.
TEST(Adam, ForgetsAsItsBetasSay) {
  Adam adam(1, {.learning_rate = 1.0});
  Eigen::VectorXd x = Eigen::VectorXd::Zero(1);
  adam.step(Eigen::VectorXd::Constant(1, 1.0), x);
  adam.step(Eigen::VectorXd::Constant(1, 3.0), x);
  EXPECT_NEAR(x(0), -1.0 - (0.39 / 0.19) / std::sqrt(0.009999 / 0.001999), 1e-7);
}

TEST(Adam, DecaysWeightsApartFromTheGradient) {
  Adam adam(1, {.learning_rate = 0.1, .weight_decay = 0.5});
  Eigen::VectorXd x = Eigen::VectorXd::Constant(1, 2.0);
  adam.step(Eigen::VectorXd::Zero(1), x);
  EXPECT_DOUBLE_EQ(x(0), 2.0 * 0.95);
}

TEST(Train, TakesEveryItemOncePerEpoch) {
  std::map<std::size_t, int> seen;
  const DifferentiableObjective objective = {
      .num_parameters = 1,
      .num_items = 12,
      .loss = [&](const Eigen::VectorXd&, std::span<const std::size_t> items,
                  Eigen::VectorXd& gradient) {
        for (const std::size_t item : items) ++seen[item];
        gradient = Eigen::VectorXd::Zero(1);
        return 0.0;
      }};
  Rng rng(1);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(1);
  train(objective, {.num_steps = 9, .batch_size = 4}, rng, x);
  ASSERT_EQ(seen.size(), 12u);
  for (const auto& [item, count] : seen) EXPECT_EQ(count, 3) << item;
  Eigen::VectorXd longer = Eigen::VectorXd::Zero(2);
  EXPECT_THROW(train(objective, {}, rng, longer), BugError);
}

// A constant gradient moves x by the rates' sum: 4 steps of 1, (1 + cos 45) / 2, 1/2, (1 - cos 45)
// / 2.
TEST(Train, DecaysAlongACosine) {
  const DifferentiableObjective slope = {
      .num_parameters = 1,
      .num_items = 1,
      .loss = [](const Eigen::VectorXd& x, std::span<const std::size_t>,
                 Eigen::VectorXd& gradient) {
        gradient = Eigen::VectorXd::Ones(1);
        return x(0);
      }};
  Rng rng(1);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(1);
  train(slope, {.adam = {.learning_rate = 0.1}, .num_steps = 4, .decays = true}, rng, x);
  EXPECT_NEAR(x(0), -0.1 * 2.5, 1e-8);
}

std::shared_ptr<LabelledCases> random_cases(Eigen::Index features, Eigen::Index n, int classes,
                                            Rng& rng) {
  auto cases = std::make_shared<LabelledCases>();
  cases->x.resize(features, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < features; ++j) cases->x(j, i) = static_cast<float>(rng.normal());
    cases->labels.push_back(static_cast<int>(rng.below(static_cast<std::uint64_t>(classes))));
  }
  return cases;
}

TEST(Perceptron, HasTheParametersOfItsWidths) {
  EXPECT_EQ(Perceptron({64, 32, 10}).num_parameters(), 2410);
  EXPECT_EQ(Perceptron({64, 64, 64, 10}).num_parameters(), 8970);
  EXPECT_EQ(Perceptron({64, 128, 128, 10}).num_parameters(), 26122);
  EXPECT_EQ(Perceptron({784, 200, 200, 10}).num_parameters(), 199210);
  EXPECT_THROW(Perceptron({64}), BugError);
  EXPECT_THROW(Perceptron({64, 0, 10}), BugError);
}

// One input of 2, weights (1, -1), biases (0, 1): logits (2, -1), loss of class 1 is log(1 + e^3).
TEST(Perceptron, ComputesCrossEntropyByHand) {
  auto cases = std::make_shared<LabelledCases>();
  cases->x = Eigen::MatrixXf::Constant(1, 1, 2.0F);
  cases->labels = {1};
  const Perceptron network({1, 2});
  const Eigen::VectorXd theta = (Eigen::VectorXd(4) << 1.0, -1.0, 0.0, 1.0).finished();
  Eigen::VectorXd gradient;
  const std::vector<std::size_t> items = {0};
  EXPECT_NEAR(cross_entropy(network, cases).loss(theta, items, gradient), std::log1p(std::exp(3.0)),
              1e-6);
  const double p = 1.0 / (1.0 + std::exp(-3.0));
  EXPECT_LT((gradient - (Eigen::VectorXd(4) << 2 * p, -2 * p, p, -p).finished()).norm(), 1e-6);
  EXPECT_EQ(accuracy(network, theta, *cases), 0.0);
}

// The gradient along random directions against central differences; single precision inside allows
// about three digits.
TEST(Perceptron, HasTheGradientOfItsLoss) {
  Rng rng(2);
  const Perceptron network({5, 7, 6, 3});
  for (const bool with_scale : {false, true}) {
    const DifferentiableObjective objective =
        cross_entropy(network, random_cases(5, 20, 3, rng), with_scale);
    Eigen::VectorXd theta(objective.num_parameters);
    theta.head(network.num_parameters()) = network.random_start(rng);
    if (with_scale) theta(theta.size() - 1) = 0.4;
    const std::vector<std::size_t> items = {0, 3, 4, 19, 7};
    Eigen::VectorXd gradient, ignored;
    objective.loss(theta, items, gradient);
    for (int direction = 0; direction < 20; ++direction) {
      Eigen::VectorXd v(theta.size());
      for (Eigen::Index i = 0; i < v.size(); ++i) v(i) = rng.normal();
      if (with_scale && direction == 0) v = Eigen::VectorXd::Unit(v.size(), v.size() - 1);
      v.normalize();
      const double step = 2e-3;
      const double slope = (objective.loss(theta + step * v, items, ignored) -
                            objective.loss(theta - step * v, items, ignored)) /
                           (2.0 * step);
      EXPECT_NEAR(gradient.dot(v), slope, 2e-3) << direction;
    }
  }
}

TEST(Perceptron, LearnsToTellTwoSidesOfACircleApart) {
  Rng rng(3);
  auto cases = random_cases(2, 300, 2, rng);
  for (Eigen::Index i = 0; i < 300; ++i) {
    cases->labels[static_cast<std::size_t>(i)] = cases->x.col(i).norm() > 1.2F ? 1 : 0;
  }
  const Perceptron network({2, 16, 2});
  Eigen::VectorXd theta = network.random_start(rng);
  EXPECT_LT(accuracy(network, theta, *cases), 0.8);
  train(cross_entropy(network, cases),
        {.adam = {.learning_rate = 1e-2}, .num_steps = 600, .batch_size = 32}, rng, theta);
  EXPECT_GT(accuracy(network, theta, *cases), 0.97);
}

TEST(Perceptron, RefusesCasesThatDoNotFit) {
  Rng rng(4);
  const Perceptron network({5, 3});
  EXPECT_THROW(cross_entropy(network, random_cases(4, 3, 3, rng)), BugError);
  EXPECT_THROW(cross_entropy(network, random_cases(5, 30, 9, rng)), BugError);
  EXPECT_THROW(network.logits(Eigen::VectorXd::Zero(3), Eigen::MatrixXf::Zero(5, 1)), BugError);
}

}  // namespace
}  // namespace trimtab
