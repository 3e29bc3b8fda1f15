// The learners against what must hold at their solutions, and by hand.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numeric>

#include "trimtab/base/rng.hpp"
#include "trimtab/workloads/tabular_diagnosis/logistic_regression.hpp"
#include "trimtab/workloads/tabular_diagnosis/neighbours.hpp"
#include "trimtab/workloads/tabular_diagnosis/network.hpp"
#include "trimtab/workloads/tabular_diagnosis/preprocessing.hpp"
#include "trimtab/workloads/tabular_diagnosis/support_vectors.hpp"
#include "trimtab/workloads/tabular_diagnosis/trees.hpp"

namespace trimtab::diagnosis {
namespace {

// Overlapping clouds, one per class, on a circle.
TrainingSet clouds(std::uint64_t seed, Eigen::Index n, int num_classes, double spread = 0.7) {
  Rng rng(seed);
  TrainingSet data{Eigen::MatrixXd(n, 3), {}, num_classes};
  for (Eigen::Index i = 0; i < n; ++i) {
    const int k = static_cast<int>(i) % num_classes;
    const double angle = 2.0 * 3.14159265358979 * k / num_classes;
    data.x.row(i) << std::cos(angle) + spread * rng.normal(),
        std::sin(angle) + spread * rng.normal(), rng.normal();
    data.label.push_back(k);
  }
  return data;
}

// Inside or outside of a circle: no line separates the classes.
TrainingSet ring(std::uint64_t seed, Eigen::Index n) {
  Rng rng(seed);
  TrainingSet data{Eigen::MatrixXd(n, 2), {}, 2};
  for (Eigen::Index i = 0; i < n; ++i) {
    data.x.row(i) << rng.uniform(-1, 1), rng.uniform(-1, 1);
    data.label.push_back(data.x.row(i).squaredNorm() < 0.6 ? 1 : 0);
  }
  return data;
}

Eigen::VectorXd signs_of(const TrainingSet& data) {
  Eigen::VectorXd sign(data.x.rows());
  for (Eigen::Index i = 0; i < sign.size(); ++i) {
    sign(i) = data.label[static_cast<std::size_t>(i)] == 1 ? 1.0 : -1.0;
  }
  return sign;
}

// Gradient of C sum a log(1 + exp(-s f)) by weights and intercept.
Eigen::VectorXd data_gradient(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign,
                              const LinearScore& at, const Eigen::VectorXd& a) {
  Eigen::VectorXd g = Eigen::VectorXd::Zero(x.cols() + 1);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const double margin = sign(i) * (x.row(i).dot(at.weight) + at.intercept);
    const double pull = -a(i) * sign(i) * sigmoid(-margin);
    g.head(x.cols()) += pull * x.row(i).transpose();
    g(x.cols()) += pull;
  }
  return g;
}

RC_GTEST_PROP(LogisticRegression, SolutionHasNoSlopeUnderTheSquaredPenalty, (std::uint64_t seed)) {
  const TrainingSet data = clouds(seed, 60, 2);
  const Eigen::VectorXd sign = signs_of(data);
  for (const double c : {0.01, 1.0, 100.0}) {
    const LinearScore fit = fit_logistic(data.x, sign, {.c = c});
    const Eigen::VectorXd g =
        data_gradient(data.x, sign, fit, Eigen::VectorXd::Constant(sign.size(), c));
    RC_ASSERT((g.head(3) + fit.weight).lpNorm<Eigen::Infinity>() < 1e-3 * std::max(1.0, c));
    RC_ASSERT(std::abs(g(3)) < 1e-3 * std::max(1.0, c));
  }
}

RC_GTEST_PROP(LogisticRegression, SolutionMeetsTheConditionsOfTheAbsolutePenalty,
              (std::uint64_t seed)) {
  const TrainingSet data = clouds(seed, 60, 2);
  const Eigen::VectorXd sign = signs_of(data);
  for (const double c : {0.02, 1.0, 30.0}) {
    const LinearScore fit = fit_logistic(data.x, sign, {.c = c, .penalty = Penalty::L1});
    const Eigen::VectorXd g =
        data_gradient(data.x, sign, fit, Eigen::VectorXd::Constant(sign.size(), c));
    const double tolerance = 1e-3 * std::max(1.0, c);
    for (Eigen::Index j = 0; j < 3; ++j) {
      const double w = fit.weight(j);
      const bool is_optimal = w == 0.0 ? std::abs(g(j)) <= 1.0 + tolerance
                                       : std::abs(g(j) + std::copysign(1.0, w)) <= tolerance;
      RC_ASSERT(is_optimal);
    }
    RC_ASSERT(std::abs(g(3)) <= tolerance);
  }
}

TEST(LogisticRegression, DropsEveryWeightWhenTheDataCountForLittle) {
  const TrainingSet data = clouds(1, 60, 2);
  const LinearScore fit = fit_logistic(data.x, signs_of(data), {.c = 1e-3, .penalty = Penalty::L1});
  EXPECT_EQ(fit.weight, Eigen::VectorXd::Zero(3));
}

TEST(LogisticRegression, BalancedWeightsMoveTheInterceptToEqualOdds) {
  TrainingSet data{Eigen::MatrixXd::Zero(10, 1), {1, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 2};
  EXPECT_NEAR(fit_logistic(data.x, signs_of(data), {}).intercept, std::log(2.0 / 8.0), 1e-6);
  EXPECT_NEAR(fit_logistic(data.x, signs_of(data), {.is_balanced = true}).intercept, 0.0, 1e-6);
}

TEST(SupportVectors, SolvesTwoCasesByHand) {
  Eigen::MatrixXd x(2, 1);
  x << 0, 1;
  const Eigen::Vector2d sign(-1, 1);
  const double k = std::exp(-0.5);
  const SupportVectors fit = fit_support_vectors(x, sign, {.c = 100.0, .gamma = 0.5});
  ASSERT_EQ(fit.weight.size(), 2);
  EXPECT_NEAR(fit.weight(1), 1.0 / (1.0 - k), 1e-9);
  EXPECT_NEAR(fit.weight(0), -1.0 / (1.0 - k), 1e-9);
  EXPECT_NEAR(fit.offset, 0.0, 1e-9);
  EXPECT_NEAR(fit.decide(x)(1), 1.0, 1e-9);
}

RC_GTEST_PROP(SupportVectors, SolutionMeetsTheOptimalityConditions, (std::uint64_t seed)) {
  const TrainingSet data = clouds(seed, 80, 2);
  const Eigen::VectorXd sign = signs_of(data);
  for (const double c : {0.1, 10.0}) {
    const SupportVectors fit = fit_support_vectors(data.x, sign, {.c = c, .gamma = 0.4});
    RC_ASSERT(std::abs(fit.weight.sum()) < 1e-9 * c * 80);
    const Eigen::VectorXd margin = sign.cwiseProduct(fit.decide(data.x));
    for (Eigen::Index i = 0; i < sign.size(); ++i) {
      double alpha = 0.0;
      for (Eigen::Index t = 0; t < fit.x.rows(); ++t) {
        if (fit.x.row(t) == data.x.row(i)) alpha = std::abs(fit.weight(t));
      }
      RC_ASSERT(alpha <= c);
      if (alpha < c) RC_ASSERT(margin(i) > 1.0 - 2e-3);
      if (alpha > 0.0) RC_ASSERT(margin(i) < 1.0 + 2e-3);
    }
  }
}

TEST(SupportVectors, PlattsScaleRecoversTheChancesThatMadeTheLabels) {
  Rng rng(5);
  Eigen::VectorXd decision(20000), sign(20000);
  for (Eigen::Index i = 0; i < decision.size(); ++i) {
    decision(i) = rng.uniform(-3, 3);
    sign(i) = rng.bernoulli(sigmoid(1.7 * decision(i) - 0.6)) ? 1.0 : -1.0;
  }
  const PlattScale scale = fit_platt(decision, sign);  // deviations 0.025 and 0.022; 8 of them
  EXPECT_NEAR(scale.slope, 1.7, 0.2);
  EXPECT_NEAR(scale.offset, -0.6, 0.18);
}

TEST(SupportVectors, LabelsAreTheSignsOfTheDecisions) {
  const TrainingSet data = ring(2, 150);
  const Prediction seen = fit_svm(data, {.c = 100.0, .gamma = 2.0})(data.x);
  const Eigen::VectorXd decision =
      fit_support_vectors(data.x, signs_of(data), {.c = 100.0, .gamma = 2.0}).decide(data.x);
  for (Eigen::Index i = 0; i < decision.size(); ++i) {
    EXPECT_EQ(seen.label[static_cast<std::size_t>(i)], decision(i) > 0.0 ? 1 : 0);
  }
}

TEST(Neighbours, CountsTheSharesOfTheNearestByHand) {
  TrainingSet data{Eigen::MatrixXd(4, 2), {0, 1, 1, 2}, 3};
  data.x << 0, 0, 2, 0, 0, 2.5, 1.8, 1.8;
  Eigen::MatrixXd at(1, 2);
  at << 0, 0.1;
  const auto shares = [&](int k, Distance distance) {
    return Eigen::RowVectorXd(fit_neighbours(data, {k, distance})(at).probability.row(0));
  };
  EXPECT_EQ(shares(1, Distance::Euclidean), Eigen::RowVector3d(1, 0, 0));
  EXPECT_EQ(shares(2, Distance::Euclidean), Eigen::RowVector3d(0.5, 0.5, 0));
  EXPECT_EQ(shares(3, Distance::Manhattan), Eigen::RowVector3d(1, 2, 0) / 3.0);
  EXPECT_EQ(shares(2, Distance::Chebyshev), Eigen::RowVector3d(0.5, 0, 0.5));
  EXPECT_EQ(shares(99, Distance::Euclidean), Eigen::RowVector3d(0.25, 0.5, 0.25));
}

TEST(Boosting, OneStumpTakesOneNewtonStepByHand) {
  TrainingSet data{Eigen::MatrixXd(4, 1), {0, 0, 1, 0}, 2};
  data.x << 1, 2, 3, 4;
  const Model model = fit_boosting(data, {.learning_rate = 0.5, .num_trees = 1, .max_depth = 1});
  // Start: log(1/3). Residuals -1/4, -1/4, 3/4, -1/4: the cut at 2.5 leaves sums -1/2 and 1/2,
  // each over 2 * 3/16.
  const double start = std::log(1.0 / 3.0);
  const double step = 0.5 * (0.5 / (2.0 * 3.0 / 16.0));
  const Eigen::VectorXd p = model(data.x).probability.col(1);
  EXPECT_NEAR(p(0), sigmoid(start - step), 1e-12);
  EXPECT_NEAR(p(3), sigmoid(start + step), 1e-12);
}

TEST(Forest, MoreTreesExtendTheSameForest) {
  const TrainingSet data = clouds(1, 60, 3);
  const auto forest = [&](int trees, std::uint64_t seed) {
    return Eigen::MatrixXd(fit_forest(data, {.num_trees = trees}, seed)(data.x).probability);
  };
  const Eigen::MatrixXd one = forest(1, 7), two = forest(2, 7);
  const Eigen::MatrixXd second = 2.0 * two - one;  // the shares of the second tree alone
  EXPECT_GT((second - one).cwiseAbs().maxCoeff(), 0.1);
  EXPECT_LT((second.rowwise().sum().array() - 1.0).abs().maxCoeff(), 1e-12);
  EXPECT_EQ(two, forest(2, 7));
  EXPECT_NE(two, forest(2, 8));
}

TEST(Network, IsAFunctionOfDataOptionsAndSeed) {
  const TrainingSet data = ring(1, 80);
  const auto run = [&](std::uint64_t seed) {
    return Eigen::MatrixXd(fit_network(data, {.num_epochs = 5}, seed)(data.x).probability);
  };
  EXPECT_EQ(run(3), run(3));
  EXPECT_NE(run(3), run(4));
}

// Every learner that can bend must learn the ring; fixed seeds, one run each.
TEST(Learners, ThatCanBendLearnARing) {
  const TrainingSet data = ring(11, 300);
  const TrainingSet fresh = ring(12, 400);
  const auto accuracy = [&](const Model& model) {
    return score(model(fresh.x), fresh.label, 1e-3).balanced_accuracy;
  };
  EXPECT_GT(accuracy(fit_tree(data, {})), 0.85);
  EXPECT_GT(accuracy(fit_forest(data, {}, 1)), 0.9);
  EXPECT_GT(accuracy(fit_boosting(data, {})), 0.9);
  EXPECT_GT(accuracy(fit_svm(data, {.c = 10.0, .gamma = 1.0})), 0.95);
  EXPECT_GT(accuracy(fit_neighbours(data, {})), 0.9);
  EXPECT_GT(accuracy(fit_network(data, {}, 1)), 0.95);
  EXPECT_LT(accuracy(fit_logistic_regression(data, {})), 0.65);
}

TEST(Learners, GiveProbabilitiesOverManyClasses) {
  const TrainingSet data = clouds(3, 120, 4, 0.4);
  const TrainingSet fresh = clouds(4, 120, 4, 0.4);
  const Model models[] = {
      fit_logistic_regression(data, {}),       fit_tree(data, {}),
      fit_forest(data, {.num_trees = 20}, 1),  fit_boosting(data, {.num_trees = 20}),
      fit_svm(data, {.c = 1.0, .gamma = 0.5}), fit_neighbours(data, {}),
      fit_network(data, {.num_epochs = 20}, 1)};
  for (const Model& model : models) {
    const Prediction prediction = model(fresh.x);
    EXPECT_LT((prediction.probability.rowwise().sum().array() - 1.0).abs().maxCoeff(), 1e-12);
    EXPECT_GE(prediction.probability.minCoeff(), 0.0);
    EXPECT_GT(score(prediction, fresh.label, 1e-3).balanced_accuracy, 0.8);
  }
}

TEST(Preprocessing, LearnsFromTrainingCasesAlone) {
  Eigen::MatrixXd train(3, 2);
  train << 1, 5, 2, 5, std::nan(""), 5;
  Eigen::MatrixXd fresh(2, 2);
  fresh << 100, 7, std::nan(""), std::nan("");
  const Eigen::MatrixXd raw = Preprocessing(train, {.scaling = Scaling::None}).apply(fresh);
  EXPECT_EQ(raw(0, 0), 100.0);
  EXPECT_EQ(raw(1, 0), 1.5);  // the training median
  const Eigen::MatrixXd z = Preprocessing(train, {}).apply(fresh);
  const double deviation = std::sqrt((0.25 + 0.25 + 0.0) / 3.0);
  EXPECT_NEAR(z(0, 0), (100.0 - 1.5) / deviation, 1e-9);
  EXPECT_EQ(z(1, 0), 0.0);
  EXPECT_EQ(z(0, 1), 2.0);  // no spread: centred only
}

TEST(Preprocessing, KeepsTheDirectionsOfLargestVariance) {
  Rng rng(1);
  Eigen::MatrixXd x(200, 3);
  for (Eigen::Index i = 0; i < 200; ++i) {
    const double shared = rng.normal();
    x.row(i) << shared, 10.0 * (shared + 0.1 * rng.normal()), rng.normal();
  }
  const Eigen::MatrixXd first =
      Preprocessing(x, {.scaling = Scaling::Pca, .num_components = 1}).apply(x);
  ASSERT_EQ(first.cols(), 1);
  const double share = first.col(0).squaredNorm() / 200.0;
  EXPECT_NEAR(share, 2.0, 0.1);  // two z-scored copies of one direction
}

}  // namespace
}  // namespace trimtab::diagnosis
