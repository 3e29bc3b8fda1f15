#include "trimtab/workloads/tabular_diagnosis/scores.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "trimtab/base/rng.hpp"

namespace trimtab::diagnosis {
namespace {

TEST(Scores, ComputesTheAreaUnderTheCurveByHand) {
  EXPECT_EQ(area_under_curve(std::vector<double>{0.1, 0.4, 0.35, 0.8}, {false, false, true, true}),
            0.75);
  EXPECT_EQ(area_under_curve(std::vector<double>{2, 2, 2}, {true, false, true}), 0.5);
  EXPECT_TRUE(std::isnan(area_under_curve(std::vector<double>{1, 2}, {true, true})));
}

RC_GTEST_PROP(Scores, AreaCountsThePairsInTheRightOrder, (std::uint64_t seed)) {
  Rng rng(seed);
  std::vector<double> score;
  std::vector<bool> is_positive;
  for (int i = 0; i < 30; ++i) {
    score.push_back(static_cast<double>(rng.below(8)));
    is_positive.push_back(i == 0 || (i > 1 && rng.bernoulli(0.4)));
  }
  double wins = 0.0, pairs = 0.0;
  for (std::size_t a = 0; a < score.size(); ++a) {
    for (std::size_t b = 0; b < score.size(); ++b) {
      if (!is_positive[a] || is_positive[b]) continue;
      pairs += 1.0;
      wins += score[a] > score[b] ? 1.0 : (score[a] == score[b] ? 0.5 : 0.0);
    }
  }
  RC_ASSERT(std::abs(area_under_curve(score, is_positive) - wins / pairs) < 1e-12);
}

Prediction prediction_of(Eigen::MatrixXd probability, std::vector<int> label) {
  return {std::move(probability), std::move(label)};
}

TEST(Scores, ComputesTwoClassMetricsByHand) {
  Eigen::MatrixXd p(5, 2);
  p << 0.9, 0.1, 0.4, 0.6, 0.2, 0.8, 0.7, 0.3, 0.1, 0.9;
  // healthy: right, wrong; diseased: right, wrong, right
  const Scores s = score(prediction_of(p, {0, 1, 1, 0, 1}), std::vector<int>{0, 0, 1, 1, 1}, 0.01);
  EXPECT_DOUBLE_EQ(s.sensitivity, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(s.specificity, 0.5);
  EXPECT_DOUBLE_EQ(s.balanced_accuracy, (2.0 / 3.0 + 0.5) / 2.0);
  EXPECT_DOUBLE_EQ(s.auc, 5.0 / 6.0);
  EXPECT_NEAR(s.log_loss,
              -(std::log(0.9) + std::log(0.4) + std::log(0.8) + std::log(0.3) + std::log(0.9)) / 5,
              1e-12);
}

TEST(Scores, BoundsTheCostOfOneWrongCertainty) {
  Eigen::MatrixXd p(2, 2);
  p << 1.0, 0.0, 1.0, 0.0;
  const Scores s = score(prediction_of(p, {0, 0}), std::vector<int>{0, 1}, 0.005);
  EXPECT_NEAR(s.log_loss, -(std::log(0.995) + std::log(0.005)) / 2.0, 1e-12);
}

TEST(Scores, AveragesOneAgainstTheRestOverManyClasses) {
  Eigen::MatrixXd p(4, 3);
  p << 0.8, 0.1, 0.1, 0.3, 0.6, 0.1, 0.5, 0.3, 0.2, 0.1, 0.2, 0.7;
  const Scores s = score(prediction_of(p, {0, 1, 0, 2}), std::vector<int>{0, 1, 1, 2}, 0.01);
  EXPECT_DOUBLE_EQ(s.balanced_accuracy, (1.0 + 0.5 + 1.0) / 3.0);
  EXPECT_DOUBLE_EQ(s.sensitivity, s.balanced_accuracy);
  EXPECT_DOUBLE_EQ(s.specificity, (2.0 / 3.0 + 1.0 + 1.0) / 3.0);
  EXPECT_DOUBLE_EQ(s.auc, 1.0);
}

TEST(Scores, LeavesClassesWithoutCasesOut) {
  Eigen::MatrixXd p(2, 3);
  p << 0.8, 0.1, 0.1, 0.3, 0.6, 0.1;
  const Scores s = score(prediction_of(p, {0, 1}), std::vector<int>{0, 1}, 0.01);
  EXPECT_EQ(s.balanced_accuracy, 1.0);
  EXPECT_EQ(s.auc, 1.0);
}

}  // namespace
}  // namespace trimtab::diagnosis
