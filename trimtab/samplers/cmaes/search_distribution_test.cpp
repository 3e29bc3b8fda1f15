#include "trimtab/samplers/cmaes/search_distribution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "trimtab/samplers/cmaes/normal.hpp"

namespace trimtab::cmaes {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<Rank> ranks_of(const std::vector<double>& losses) {
  std::vector<Rank> ranks;
  for (const double loss : losses) ranks.push_back({.tier = 0, .loss = loss});
  return ranks;
}

TEST(CmaesConstants, AreThoseOfTheTutorial) {
  // By NumPy from table 1 and equations 49 to 58 of arXiv:1604.00772.
  const Constants constants = Constants::of(5, 8, false);
  EXPECT_NEAR(constants.mu_eff, 2.6001788261131793, 1e-14);
  EXPECT_NEAR(constants.c_sigma, 0.3650883760934854, 1e-14);
  EXPECT_NEAR(constants.d_sigma, 1.3650883760934853, 1e-14);
  EXPECT_NEAR(constants.c_c, 0.4501995579928079, 1e-14);
  EXPECT_NEAR(constants.c_1, 0.047292304159400896, 1e-15);
  EXPECT_NEAR(constants.c_mu, 0.04785904960298244, 1e-15);
  EXPECT_NEAR(constants.chi_n, 2.1285237557247996, 1e-14);
  const std::array expected = {0.52993018,  0.28571429,  0.14285714,  0.04149839,
                               -0.14853743, -0.40557468, -0.62289657, -0.81114935};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(constants.weights[i], expected[i], 1e-8);
}

TEST(CmaesConstants, LearnFasterIfDiagonal) {
  const Constants full = Constants::of(30, 14, false);
  const Constants diagonal = Constants::of(30, 14, true);
  EXPECT_NEAR(diagonal.c_1 / full.c_1, 32.0 / 3.0, 1e-12);
  EXPECT_NEAR(diagonal.c_mu / full.c_mu, 32.0 / 3.0, 1e-12);
}

TEST(CmaesSelection, SharesTheWeightsOfTies) {
  const Constants constants = Constants::of(2, 4, false);
  const Selection selection = select(ranks_of({3.0, 1.0, 3.0, 1.0}), constants);
  const double positive = (constants.weights[0] + constants.weights[1]) / 2.0;
  EXPECT_DOUBLE_EQ(selection.mean[1], positive);
  EXPECT_DOUBLE_EQ(selection.mean[3], positive);
  EXPECT_DOUBLE_EQ(selection.mean[0], 0.0);
  EXPECT_DOUBLE_EQ(selection.covariance[0], selection.covariance[2]);
  EXPECT_DOUBLE_EQ(selection.mu_eff, 2.0);
  const Selection none = select(ranks_of({7.0, 7.0, 7.0, 7.0}), constants);
  for (const double w : none.mean) EXPECT_DOUBLE_EQ(w, 0.25);
}

TEST(CmaesSelection, PutsFailuresLastAndPrunedTrialsBeforeThem) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Rank complete = rank_of({.loss = kInfinity});
  const Rank pruned = rank_of({.state = TrialState::Pruned, .loss = -5.0});
  const Rank failed = rank_of({.state = TrialState::Failed, .loss = nan});
  EXPECT_LT(complete, pruned);
  EXPECT_LT(pruned, failed);
  EXPECT_EQ(rank_of({.loss = nan}), failed);
  EXPECT_EQ(rank_of({.loss = 1.0, .is_infeasible = true}), failed);
}

// Golden: three generations by an independent NumPy program of the tutorial's equations, on
// x_ij = m_j + sigma (0.9 sin(1.7 i + 2.3 j + g) + 0.1 i (j - 1)) and an ellipsoid around
// (0.2, 0.9, 0.5).
TEST(CmaesDistribution, FollowsTheTutorialForThreeGenerations) {
  const std::size_t n = 3;
  const std::size_t lambda = 6;
  SearchDistribution distribution({0.5, 0.4, 0.6}, 0.25, false);
  const Constants constants = Constants::of(n, lambda, false);
  for (int g = 1; g <= 3; ++g) {
    std::vector<double> x;
    std::vector<double> losses;
    for (int i = 0; i < 6; ++i) {
      for (int j = 0; j < 3; ++j) {
        const double y = 0.9 * std::sin(1.7 * i + 2.3 * j + g) + 0.1 * i * (j - 1);
        x.push_back(distribution.mean()[static_cast<std::size_t>(j)] + distribution.sigma() * y);
      }
      const double* row = &x[static_cast<std::size_t>(i) * n];
      losses.push_back(std::pow(row[0] - 0.2, 2.0) + 5.0 * std::pow(row[1] - 0.9, 2.0) +
                       20.0 * std::pow(row[2] - 0.5, 2.0));
    }
    distribution.update(x, select(ranks_of(losses), constants), constants);
  }
  const std::array mean = {0.113208590468, 0.783734701672, 0.475444949018};
  const std::array covariance = {1.26484292017,   -0.335348612524, 0.098815880419,
                                 -0.335348612524, 1.007755621998,  0.214131283658,
                                 0.098815880419,  0.214131283658,  0.532632362167};
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(distribution.mean()[j], mean[j], 1e-11);
  for (std::size_t k = 0; k < 9; ++k) {
    EXPECT_NEAR(distribution.covariance()[k], covariance[k], 1e-11);
  }
  EXPECT_NEAR(distribution.sigma(), 0.232288351255, 1e-11);
}

TEST(CmaesDistribution, LimitsTheLengthOfSolutionsFromOutside) {
  const Constants constants = Constants::of(2, 4, false);
  SearchDistribution distribution({0.5, 0.5}, 1e-3, false);
  const std::vector<double> x = {1.0, 0.5, 0.5, 0.5,
                                 0.5, 0.5, 0.5, 0.5};  // the first 500 sigma off
  distribution.update(x, select(ranks_of({0.0, 1.0, 1.0, 1.0}), constants), constants);
  const double limit = std::sqrt(2.0) + 3.0;
  EXPECT_NEAR(distribution.mean()[0], 0.5 + 1e-3 * constants.weights[0] * limit, 1e-12);
  EXPECT_LE(distribution.sigma(), 1e-3 * std::exp(1.0));
}

// The sample covariance of 20 000 draws. With C_12 = 0.5 its standard error is below 0.01; six of
// them, false alarm below 1e-8.
TEST(CmaesDistribution, DrawsFromItsCovariance) {
  SearchDistribution distribution({0.0, 0.0}, 0.2, false);
  const Constants constants = Constants::of(2, 4, false);
  for (int g = 0; g < 6; ++g) {
    const double s = distribution.sigma();
    const std::vector<double> m(distribution.mean().begin(), distribution.mean().end());
    const std::vector<double> x = {m[0] + s, m[1] + s, m[0] - s,       m[1] - s,
                                   m[0] + s, m[1] - s, m[0] - 2.0 * s, m[1] + s};
    distribution.update(x, select(ranks_of({0.0, 1.0, 2.0, 3.0}), constants), constants);
  }
  const double s = distribution.sigma();
  Rng rng(1);
  std::array<double, 3> sums{};
  std::vector<double> x(2);
  for (int i = 0; i < 20000; ++i) {
    distribution.draw(rng, x);
    const double a = (x[0] - distribution.mean()[0]) / s;
    const double b = (x[1] - distribution.mean()[1]) / s;
    sums[0] += a * a / 20000.0;
    sums[1] += a * b / 20000.0;
    sums[2] += b * b / 20000.0;
  }
  const std::span<const double> c = distribution.covariance();
  EXPECT_GT(c[1], 0.1);
  EXPECT_NEAR(sums[0], c[0], 0.06 * c[0]);
  EXPECT_NEAR(sums[1], c[1], 0.06 * c[0]);
  EXPECT_NEAR(sums[2], c[3], 0.06 * c[3]);
}

double left_mass(const SearchDistribution& d, const Cell& cell) {
  return normal_below((cell.low - d.mean()[0]) / d.deviation(0));
}
double right_mass(const SearchDistribution& d, const Cell& cell) {
  return normal_below((d.mean()[0] - cell.high) / d.deviation(0));
}

TEST(CmaesMargin, LeavesHalfOfAlphaOnBothSidesOfAnInnerCell) {
  const Cell cell{.low = 0.4, .high = 0.6, .centre = 0.5};
  const double alpha = 0.1;
  for (const double sigma : {1e-9, 1e-4, 0.02, 0.08}) {
    for (const double mean : {0.4000001, 0.45, 0.5, 0.5999}) {
      SearchDistribution distribution({mean}, sigma, false);
      distribution.keep_margin(0, cell, alpha);
      EXPECT_GE(left_mass(distribution, cell), alpha / 2.0 - 1e-9) << sigma << " " << mean;
      EXPECT_GE(right_mass(distribution, cell), alpha / 2.0 - 1e-9) << sigma << " " << mean;
      EXPECT_GE(distribution.mean()[0], cell.low);
      EXPECT_LE(distribution.mean()[0], cell.high);
    }
  }
}

TEST(CmaesMargin, LeavesAlphaBesideAnEndCell) {
  const double alpha = 0.1;
  const Cell first{.low = -kInfinity, .high = 0.2, .centre = 0.1};
  const Cell last{.low = 0.8, .high = kInfinity, .centre = 0.9};
  for (const double sigma : {1e-9, 1e-3, 0.05}) {
    SearchDistribution left({0.0}, sigma, false);
    left.keep_margin(0, first, alpha);
    EXPECT_GE(right_mass(left, first), alpha - 1e-9);
    SearchDistribution right({0.99}, sigma, false);
    right.keep_margin(0, last, alpha);
    EXPECT_GE(left_mass(right, last), alpha - 1e-9);
  }
}

TEST(CmaesMargin, ChangesNothingWhereThereIsEnough) {
  SearchDistribution distribution({0.5}, 0.3, false);
  distribution.keep_margin(0, {.low = 0.4, .high = 0.6, .centre = 0.5}, 0.1);
  EXPECT_DOUBLE_EQ(distribution.mean()[0], 0.5);
  EXPECT_DOUBLE_EQ(distribution.deviation(0), 0.3);
}

TEST(CmaesNormal, InvertsTheDistributionFunction) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  for (const double z : {-30.0, -5.0, -0.3, 0.0, 2.0}) {
    EXPECT_NEAR(normal_quantile(normal_below(z)), z, 1e-9 * (1.0 + std::abs(z)));
  }
}

}  // namespace
}  // namespace trimtab::cmaes
