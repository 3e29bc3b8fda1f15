#include "trimtab/numerics/random_forest.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace trimtab {
namespace {

RandomForest grow(std::size_t n, double noise, bool has_random_thresholds) {
  Rng rng(3, 0, "data");
  Eigen::MatrixXd x(static_cast<Eigen::Index>(n), 2);
  std::vector<double> y;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    x(i, 0) = rng.uniform01();
    x(i, 1) = rng.uniform01();
    y.push_back(std::sin(6.0 * x(i, 0)) + noise * rng.normal());
  }
  RandomForest::Options options;
  options.num_trees = 64;
  options.tree.has_random_thresholds = has_random_thresholds;
  return RandomForest(x, y, options, rng);
}

TEST(RandomForest, PredictsASmoothFunction) {
  const RandomForest forest = grow(1000, 0.0, false);
  for (const double u : {0.1, 0.3, 0.5, 0.7, 0.9}) {
    EXPECT_NEAR(forest.predict(std::vector<double>{u, 0.5}).mean, std::sin(6.0 * u), 0.05);
  }
}

TEST(RandomForest, IsLessSureFarFromItsCases) {
  // Cases at both ends only; with random thresholds the trees disagree about the gap.
  Rng rng(4);
  Eigen::MatrixXd x(40, 1);
  std::vector<double> y;
  for (Eigen::Index i = 0; i < 40; ++i) {
    x(i, 0) = i < 20 ? 0.2 * rng.uniform01() : 0.8 + 0.2 * rng.uniform01();
    y.push_back(i < 20 ? 0.0 : 1.0);
  }
  RandomForest::Options options;
  options.num_trees = 400;
  options.tree.has_random_thresholds = true;
  const RandomForest forest(x, y, options, rng);
  EXPECT_EQ(forest.predict(std::vector<double>{0.05}).variance, 0.0);
  // Half of the thresholds lie below the middle: Bernoulli(1/2), variance 1/4. The mean over 400
  // trees is within 0.1 but for 6e-5 of the seeds.
  EXPECT_NEAR(forest.predict(std::vector<double>{0.5}).mean, 0.5, 0.1);
  EXPECT_NEAR(forest.predict(std::vector<double>{0.5}).variance, 0.25, 0.02);
}

TEST(RandomForest, AddsTheVarianceOfItsLeaves) {
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(200, 1);
  std::vector<double> y;
  for (int i = 0; i < 200; ++i) y.push_back(i % 2 == 0 ? 1.0 : 3.0);
  Rng rng(5);
  const RandomForest forest(x, y, {}, rng);
  const RandomForest::Prediction prediction = forest.predict(std::vector<double>{0.0});
  EXPECT_NEAR(prediction.mean, 2.0, 0.1);
  EXPECT_NEAR(prediction.variance, 1.0, 0.05);
}

}  // namespace
}  // namespace trimtab
