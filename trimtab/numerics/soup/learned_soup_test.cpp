#include "trimtab/numerics/soup/learned_soup.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

Eigen::VectorXd gaussian(Eigen::Index n, Rng& rng) {
  Eigen::VectorXd x(n);
  for (Eigen::Index i = 0; i < n; ++i) x(i) = rng.normal();
  return x;
}

// |theta - target|^2, and (extra - 2)^2 of one parameter more.
DifferentiableObjective distance_to(const Eigen::VectorXd& target, std::size_t num_items = 1) {
  const Eigen::Index size = target.size();
  return {.num_parameters = size + 1,
          .num_items = num_items,
          .loss = [target, size](const Eigen::VectorXd& x, std::span<const std::size_t>,
                                 Eigen::VectorXd& gradient) {
            gradient.resize(x.size());
            gradient.head(size) = 2.0 * (x.head(size) - target);
            gradient(size) = 2.0 * (x(size) - 2.0);
            return (x.head(size) - target).squaredNorm() + std::pow(x(size) - 2.0, 2);
          }};
}

TEST(LearnedSoup, HasTheGradientOfItsLossByLogits) {
  Rng rng(1);
  const DifferentiableObjective mixing =
      mixing_objective(distance_to(gaussian(12, rng)),
                       {gaussian(12, rng), gaussian(12, rng), gaussian(12, rng)}, {0, 5, 9});
  ASSERT_EQ(mixing.num_parameters, 3 * 3 + 1);
  const Eigen::VectorXd x = gaussian(10, rng);
  const std::size_t item[] = {0};
  Eigen::VectorXd gradient, ignored;
  mixing.loss(x, item, gradient);
  for (Eigen::Index i = 0; i < 10; ++i) {
    const Eigen::VectorXd h = 1e-5 * Eigen::VectorXd::Unit(10, i);
    EXPECT_NEAR((mixing.loss(x + h, item, ignored) - mixing.loss(x - h, item, ignored)) / 2e-5,
                gradient(i), 1e-7)
        << i;
  }
}

TEST(LearnedSoup, BeginsWithTheUniformSoup) {
  Rng rng(2);
  const std::vector<Eigen::VectorXd> models = {gaussian(4, rng), gaussian(4, rng)};
  const LearnedSoup soup =
      learn_soup(distance_to(gaussian(4, rng)), models, {0, 2}, {.num_epochs = 0}, rng);
  EXPECT_EQ(soup.weights, Eigen::MatrixXd::Constant(2, 2, 0.5));
  EXPECT_LT((soup.theta - 0.5 * (models[0] + models[1])).norm(), 1e-15);
}

// The target mixes two models by .7 and .3 in its first half, by .2 and .8 in its second: layers of
// their own find it, global weights cannot.
TEST(LearnedSoup, FindsTheMixtureOfEveryLayer) {
  Rng rng(3);
  const std::vector<Eigen::VectorXd> models = {gaussian(40, rng), gaussian(40, rng)};
  Eigen::VectorXd target(40);
  target << 0.7 * models[0].head(20) + 0.3 * models[1].head(20),
      0.2 * models[0].tail(20) + 0.8 * models[1].tail(20);
  const LearnedSoupOptions options = {.num_epochs = 60, .batch_size = 1};
  const LearnedSoup layers = learn_soup(distance_to(target, 10), models, {0, 20}, options, rng);
  EXPECT_NEAR(layers.weights(0, 0), 0.7, 0.01);
  EXPECT_NEAR(layers.weights(1, 1), 0.8, 0.01);
  EXPECT_LT((layers.theta - target).norm(), 0.1);
  EXPECT_NEAR(layers.extras(0), 2.0, 0.05);
  const LearnedSoup global = learn_soup(distance_to(target, 10), models, {0}, options, rng);
  EXPECT_NEAR(global.weights.sum(), 1.0, 1e-12);
  EXPECT_GT((global.theta - target).norm(), 1.0);
}

TEST(LearnedSoup, RefusesWhatDoesNotFit) {
  const Eigen::VectorXd four = Eigen::VectorXd::Ones(4), three = Eigen::VectorXd::Ones(3);
  EXPECT_THROW(mixing_objective(distance_to(four), {}, {0}), BugError);
  EXPECT_THROW(mixing_objective(distance_to(four), {four, three}, {0}), BugError);
  EXPECT_THROW(mixing_objective(distance_to(four), {four}, {1}), BugError);
  EXPECT_THROW(mixing_objective(distance_to(four), {four}, {0, 4}), BugError);
  EXPECT_THROW(mixing_objective(distance_to(Eigen::VectorXd::Ones(2)), {four}, {0}), BugError);
}

}  // namespace
}  // namespace trimtab
