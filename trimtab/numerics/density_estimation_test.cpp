#include "trimtab/numerics/density_estimation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <numbers>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/statistics/normality_tests.hpp"

namespace trimtab {
namespace {

std::span<const double> row_of(const Eigen::MatrixXd& transposed, Eigen::Index column) {
  return {transposed.col(column).data(), static_cast<std::size_t>(transposed.rows())};
}

Eigen::MatrixXd gaussian(Eigen::Index n, Eigen::Index d, Rng& rng) {
  Eigen::MatrixXd x(n, d);
  for (Eigen::Index j = 0; j < d; ++j) {
    for (Eigen::Index i = 0; i < n; ++i) x(i, j) = rng.normal();
  }
  return x;
}

TEST(BandwidthRegimes, ReproduceTheTableOfTheGaussianCase) {
  const std::vector<std::array<double, 4>> table = {
      {0.1, 1.3708, 1.9386, 1.0386}, {0.2, 1.0457, 1.4788, 0.8917}, {0.3, 0.8677, 1.2272, 0.7836},
      {0.4, 0.7454, 1.0541, 0.6962}, {0.5, 0.6521, 0.9223, 0.6224}, {1.0, 0.3721, 0.5262, 0.3693}};
  for (const auto& [alpha, glass, clt, best] : table) {
    const BandwidthRegimes regimes = bandwidth_regimes(alpha);
    EXPECT_NEAR(regimes.glass, glass, 1e-4) << alpha;
    EXPECT_NEAR(regimes.clt, clt, 1e-4) << alpha;
    EXPECT_NEAR(regimes.best, best, 1e-4) << alpha;
  }
}

TEST(BandwidthRegimes, SolveTheirEquationForAnyNumberOfPoints) {
  for (const double alpha : {1e-6, 1e-3, 0.1, 1.0, 5.0}) {
    const BandwidthRegimes regimes = bandwidth_regimes(alpha);
    const double r = 1.0 / (regimes.glass * regimes.glass);
    const double cost = 0.5 * std::log1p(r) - r / (2.0 * (1.0 + r) * (1.0 + r));
    EXPECT_NEAR(cost / alpha, 1.0, 1e-8) << alpha;
    EXPECT_NEAR(regimes.clt / regimes.glass, std::numbers::sqrt2, 1e-12);
    EXPECT_LT(regimes.best, regimes.glass);
  }
}

TEST(KdeRegime, NamesTheRegimeOfABandwidth) {
  const std::size_t n = 8103;  // alpha = 0.3 at 30 dimensions
  EXPECT_EQ(kde_regime(n, 30.0, 0.85), KdeRegime::NearestOnly);
  EXPECT_EQ(kde_regime(n, 30.0, 1.0), KdeRegime::HeavyTail);
  EXPECT_EQ(kde_regime(n, 30.0, 1.25), KdeRegime::Clt);
  EXPECT_EQ(kde_regime(1, 30.0, 9.0), KdeRegime::NearestOnly);
}

// Golden: scikit-learn 1.9.1, KernelDensity(rtol=0, atol=0).
TEST(KernelSum, GivesScikitLearnsLogDensities) {
  Eigen::MatrixXd x(12, 3);
  for (int i = 0; i < 12; ++i) {
    x.row(i) << std::sin(1.3 * i), std::cos(0.7 * i), std::sin(2.1 * i + 1.0);
  }
  Eigen::MatrixXd queries(3, 3);
  queries << 0.0, 0.0, 0.0, 0.5, -0.5, 1.0, 3.0, 3.0, 3.0;
  const Eigen::MatrixXd squared = squared_distances(x, queries).transpose();
  const std::vector<std::pair<double, std::array<double, 3>>> golden = {
      {0.3, {-2.3485377153794467, -3.118642767032804, -99.49812252115655}},
      {1.0, {-3.464376967477745, -4.001567519650682, -13.176124826667571}}};
  for (const auto& [bandwidth, expected] : golden) {
    for (Eigen::Index k = 0; k < 3; ++k) {
      EXPECT_NEAR(gaussian_kernel_sum(row_of(squared, k), 3, bandwidth).log_density,
                  expected[static_cast<std::size_t>(k)], 1e-10);
    }
  }
}

TEST(KernelSum, CountsWhoCarriesTheDensity) {
  const std::vector<double> equal(8, 2.0);
  EXPECT_NEAR(gaussian_kernel_sum(equal, 2, 0.5).participation, 1.0 / 8.0, 1e-15);
  const std::vector<double> alone = {1e6, 0.0, 1e6};
  EXPECT_NEAR(gaussian_kernel_sum(alone, 2, 0.5).participation, 1.0, 1e-15);
}

TEST(KernelSum, LeavesThePointItselfOut) {
  Eigen::MatrixXd x(2, 1);
  x << 0.0, 2.0;
  // Each sees the other at distance 2 with h = 1.
  EXPECT_NEAR(leave_one_out_log_likelihood(x, 1.0), -2.0 - 0.5 * std::log(2.0 * std::numbers::pi),
              1e-12);
}

TEST(EffectiveDimension, CountsDirectionsThatMatter) {
  Rng rng(1);
  const Eigen::MatrixXd white = gaussian(4000, 6, rng);
  EXPECT_NEAR(effective_dimension(white), 6.0, 0.1);
  Eigen::MatrixXd line = white.col(0) * Eigen::RowVectorXd::Ones(6);
  EXPECT_NEAR(effective_dimension(line), 1.0, 1e-9);
  EXPECT_NEAR(effective_dimension(white.transpose()), 5.0, 0.1);  // six points span five
}

// v = u^(-1/mu) has the tail index mu. Relative standard error of the estimate: 1 / sqrt(2 000).
TEST(HillTailIndex, FindsTheIndexOfAParetoTail) {
  Rng rng(2);
  std::vector<double> logs;
  for (int i = 0; i < 20000; ++i) logs.push_back(-std::log(1.0 - rng.uniform01()) / 1.5);
  EXPECT_NEAR(hill_tail_index(logs, 2000), 1.5, 6.0 * 1.5 / std::sqrt(2000.0));
}

// The good density of a tree-structured Parzen estimator: 10 points, 20 parameters, whose bandwidth
// by Scott's rule is (n + 1)^(-1 / (d + 4)) of their spread. It is its nearest point.
TEST(KdeRegime, FlagsTheGoodDensityOfTpeInTwentyDimensions) {
  const double scott = std::pow(11.0, -1.0 / 24.0);
  EXPECT_EQ(kde_regime(10, 20.0, scott), KdeRegime::NearestOnly);
  Rng rng(3);
  const Eigen::MatrixXd good = gaussian(10, 20, rng);
  const Eigen::MatrixXd squared = squared_distances(good, gaussian(200, 20, rng)).transpose();
  double participation = 0.0;
  for (Eigen::Index k = 0; k < 200; ++k) {
    participation += gaussian_kernel_sum(row_of(squared, k), 20, scott).participation / 200.0;
  }
  EXPECT_GT(participation, 0.5);  // less than two of ten points carry it
  EXPECT_EQ(kde_regime(1000, 2.0, std::pow(1000.0, -1.0 / 6.0)), KdeRegime::Clt);
}

// The best bandwidth over h_G, by the mean log density at fresh places.
double best_ratio(Eigen::Index d, double alpha, int num_redraws, std::uint64_t seed) {
  const auto n = static_cast<Eigen::Index>(std::round(std::exp(alpha * static_cast<double>(d))));
  const double glass = bandwidth_regimes(alpha).glass;
  constexpr int kSteps = 33;  // 0.7, 0.725, ..., 1.5
  std::vector<double> mean(kSteps, 0.0);
  Rng rng(seed, static_cast<std::uint64_t>(d), "best bandwidth");
  for (int redraw = 0; redraw < num_redraws; ++redraw) {
    const Eigen::MatrixXd points = gaussian(n, d, rng);
    const Eigen::MatrixXd squared = squared_distances(points, gaussian(60, d, rng)).transpose();
    for (Eigen::Index k = 0; k < squared.cols(); ++k) {
      for (int s = 0; s < kSteps; ++s) {
        mean[static_cast<std::size_t>(s)] +=
            gaussian_kernel_sum(row_of(squared, k), static_cast<std::size_t>(d),
                                (0.7 + 0.025 * s) * glass)
                .log_density;
      }
    }
  }
  const auto best = std::max_element(mean.begin(), mean.end());
  return 0.7 + 0.025 * static_cast<double>(best - mean.begin());
}

TEST(KdeRegimesSlow, PutTheBestBandwidthBelowTheCltRegimeAndTowardsItsLimit) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const double at_10 = best_ratio(10, 0.3, 300, seed);
    const double at_20 = best_ratio(20, 0.3, 60, seed);
    const double at_30 = best_ratio(30, 0.3, 3, seed);
    std::cout << "best bandwidth over h_G at alpha 0.3, d = 10, 20, 30: " << at_10 << ", " << at_20
              << ", " << at_30 << '\n';
    EXPECT_LT(at_10, std::numbers::sqrt2);
    EXPECT_LT(at_20, at_10);
    EXPECT_LT(at_30, at_20);
  }
}

double mean_participation(Eigen::Index d, double ratio, std::uint64_t seed) {
  const auto n = static_cast<Eigen::Index>(std::round(std::exp(0.3 * static_cast<double>(d))));
  const double bandwidth = ratio * bandwidth_regimes(0.3).glass;
  const int num_redraws = d > 20 ? 6 : 400;
  double sum = 0.0;
  Rng rng(seed, static_cast<std::uint64_t>(d), "participation");
  for (int redraw = 0; redraw < num_redraws; ++redraw) {
    const Eigen::MatrixXd points = gaussian(n, d, rng);
    const Eigen::MatrixXd squared = squared_distances(points, gaussian(100, d, rng)).transpose();
    for (Eigen::Index k = 0; k < 100; ++k) {
      sum += gaussian_kernel_sum(row_of(squared, k), static_cast<std::size_t>(d), bandwidth)
                 .participation;
    }
  }
  return sum / (100.0 * num_redraws);
}

TEST(KdeRegimesSlow, BringTheParticipationTowardsItsLimit) {
  for (const double ratio : {0.6, 0.8}) {
    const double limit = limiting_participation(ratio);
    const double at_10 = mean_participation(10, ratio, 1);
    const double at_30 = mean_participation(30, ratio, 1);
    std::cout << "participation at " << ratio << " h_G: " << at_10 << " (d = 10), " << at_30
              << " (d = 30), limit " << limit << '\n';
    EXPECT_LT(std::abs(at_30 - limit), std::abs(at_10 - limit));
  }
}

double skewness(const std::vector<double>& values) {
  double mean = 0.0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  double squares = 0.0;
  double cubes = 0.0;
  for (const double v : values) {
    squares += (v - mean) * (v - mean) / static_cast<double>(values.size());
    cubes += std::pow(v - mean, 3.0) / static_cast<double>(values.size());
  }
  return cubes / std::pow(squares, 1.5);
}

TEST(KdeRegimesSlow, HaveHeavyTailsBelowTheCltRegimeAndNoneFarAboveIt) {
  constexpr Eigen::Index d = 30;
  constexpr Eigen::Index n = 8103;
  const std::array ratios = {1.1, 1.2, 1.3, 2.0};
  const double glass = bandwidth_regimes(0.3).glass;
  std::array<std::vector<double>, 4> sums;
  std::array<double, 4> hill{};
  const Eigen::MatrixXd place = Eigen::MatrixXd::Ones(1, d);  // a typical one: |x|^2 = d
  Rng rng(1);
  for (int redraw = 0; redraw < 300; ++redraw) {
    const Eigen::MatrixXd squared = squared_distances(gaussian(n, d, rng), place).transpose();
    for (std::size_t k = 0; k < 4; ++k) {
      const double h = ratios[k] * glass;
      const KernelSum sum = gaussian_kernel_sum(row_of(squared, 0), d, h);
      sums[k].push_back(std::exp(sum.log_density + 0.5 * d));
      const Eigen::VectorXd logs = squared.col(0) / (-2.0 * h * h);
      hill[k] += hill_tail_index({logs.data(), static_cast<std::size_t>(n)}, 40) / 300.0;
    }
  }
  for (std::size_t k = 0; k < 4; ++k) {
    std::cout << ratios[k] << " h_G: Hill index " << hill[k] << ", skewness of the sum "
              << skewness(sums[k]) << '\n';
    if (k > 0) {
      EXPECT_GT(hill[k], hill[k - 1]);
    }
    if (ratios[k] < std::numbers::sqrt2) {
      EXPECT_LT(hill[k], 2.0);
      EXPECT_GT(skewness(sums[k]), 2.0);
      EXPECT_LT(shapiro_wilk_test(sums[k]).p, 1e-6);
    } else {
      EXPECT_GT(hill[k], 2.0);
      EXPECT_LT(std::abs(skewness(sums[k])), 0.5);
      EXPECT_GT(shapiro_wilk_test(sums[k]).p, 0.05);
    }
  }
}

}  // namespace
}  // namespace trimtab
