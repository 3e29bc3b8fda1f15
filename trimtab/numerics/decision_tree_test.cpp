#include "trimtab/numerics/decision_tree.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

// Cases on a small grid, so that ties are frequent.
struct Cases {
  Eigen::MatrixXd x;
  std::vector<int> label;
  std::vector<double> y;
  std::vector<double> w;
};

Cases random_cases(std::uint64_t seed, Eigen::Index n, Eigen::Index p, int num_classes) {
  Rng rng(seed);
  Cases cases{Eigen::MatrixXd(n, p), {}, {}, {}};
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < p; ++j) cases.x(i, j) = static_cast<double>(rng.below(6)) / 3.0;
    cases.label.push_back(static_cast<int>(rng.below(static_cast<std::uint64_t>(num_classes))));
    cases.y.push_back(static_cast<double>(rng.below(9)));
    cases.w.push_back(static_cast<double>(rng.below(3)));
  }
  cases.w[0] = 1.0;
  return cases;
}

using Impurity = std::function<double(const std::vector<std::size_t>& rows)>;

// The least total impurity of any cut of all cases into two by one threshold, or of none.
double best_cut(const Cases& cases, const Impurity& impurity) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < cases.w.size(); ++i) {
    if (cases.w[i] > 0.0) all.push_back(i);
  }
  double best = impurity(all);
  for (Eigen::Index j = 0; j < cases.x.cols(); ++j) {
    for (const std::size_t at : all) {
      std::vector<std::size_t> left, right;
      for (const std::size_t i : all) {
        const bool is_left =
            cases.x(static_cast<Eigen::Index>(i), j) <= cases.x(static_cast<Eigen::Index>(at), j);
        (is_left ? left : right).push_back(i);
      }
      if (!right.empty()) best = std::min(best, impurity(left) + impurity(right));
    }
  }
  return best;
}

double impurity_of_leaves(const GrownTree& grown, const Impurity& impurity) {
  std::map<int, std::vector<std::size_t>> leaves;
  for (std::size_t i = 0; i < grown.leaf_of_row.size(); ++i) {
    if (grown.leaf_of_row[i] >= 0) leaves[grown.leaf_of_row[i]].push_back(i);
  }
  double sum = 0.0;
  for (const auto& [leaf, rows] : leaves) sum += impurity(rows);
  return sum;
}

// Weight times Gini's index, or times the entropy in nats.
Impurity class_impurity(const Cases& cases, SplitCriterion criterion) {
  return [&cases, criterion](const std::vector<std::size_t>& rows) {
    std::map<int, double> weight;
    double total = 0.0;
    for (const std::size_t i : rows) {
      weight[cases.label[i]] += cases.w[i];
      total += cases.w[i];
    }
    double sum = 0.0;
    for (const auto& [label, w] : weight) {
      const double share = w / total;
      sum += criterion == SplitCriterion::Gini ? share * (1.0 - share) : -share * std::log(share);
    }
    return total * sum;
  };
}

TEST(DecisionTree, CutsHalfWayBetweenTheClasses) {
  Eigen::MatrixXd x(4, 2);
  x << 7, 1, 7, 2, 7, 4, 7, 8;
  Rng rng(1);
  const GrownTree grown =
      grow_classification_tree(BinnedFeatures(x), std::vector<int>{0, 0, 1, 1}, 2,
                               std::vector<double>(4, 1.0), SplitCriterion::Gini, {}, rng);
  ASSERT_EQ(grown.tree.nodes().size(), 3U);
  EXPECT_EQ(grown.tree.nodes()[0].feature, 1);
  EXPECT_EQ(grown.tree.nodes()[0].threshold, 3.0);
  EXPECT_EQ(grown.leaf_of_row, (std::vector<std::int32_t>{0, 0, 1, 1}));
}

TEST(DecisionTree, SplitsWithoutGainWhereTheNextLevelGains) {
  Eigen::MatrixXd x(4, 2);
  x << 0, 0, 0, 1, 1, 0, 1, 1;
  const std::vector<int> exclusive_or = {0, 1, 1, 0};
  Rng rng(1);
  const GrownTree grown =
      grow_classification_tree(BinnedFeatures(x), exclusive_or, 2, std::vector<double>(4, 1.0),
                               SplitCriterion::Entropy, {.max_depth = 2}, rng);
  EXPECT_EQ(grown.tree.num_leaves(), 4U);
}

RC_GTEST_PROP(DecisionTree, FindsTheBestCutOfAllByEitherCriterion, (std::uint64_t seed)) {
  const Cases cases = random_cases(seed, 24, 3, 3);
  const BinnedFeatures binned(cases.x);
  Rng rng(1);
  for (const SplitCriterion criterion : {SplitCriterion::Gini, SplitCriterion::Entropy}) {
    const Impurity impurity = class_impurity(cases, criterion);
    const GrownTree grown =
        grow_classification_tree(binned, cases.label, 3, cases.w, criterion, {.max_depth = 1}, rng);
    RC_ASSERT(std::abs(impurity_of_leaves(grown, impurity) - best_cut(cases, impurity)) < 1e-9);
  }
}

RC_GTEST_PROP(DecisionTree, FindsTheBestCutByLeastSquares, (std::uint64_t seed)) {
  const Cases cases = random_cases(seed, 24, 3, 2);
  const Impurity squares = [&](const std::vector<std::size_t>& rows) {
    double sum = 0.0, weight = 0.0, result = 0.0;
    for (const std::size_t i : rows) {
      sum += cases.w[i] * cases.y[i];
      weight += cases.w[i];
    }
    for (const std::size_t i : rows) result += cases.w[i] * std::pow(cases.y[i] - sum / weight, 2);
    return result;
  };
  Rng rng(1);
  const GrownTree grown =
      grow_regression_tree(BinnedFeatures(cases.x), cases.y, cases.w, {.max_depth = 1}, rng);
  RC_ASSERT(std::abs(impurity_of_leaves(grown, squares) - best_cut(cases, squares)) < 1e-9);
}

RC_GTEST_PROP(DecisionTree, KeepsItsLimitsAndSendsEveryCaseWhereItGrew, (std::uint64_t seed)) {
  const Cases cases = random_cases(seed, 60, 4, 2);
  const int depth = static_cast<int>(seed % 5);
  const double min_leaf = 1.0 + static_cast<double>(seed % 4);
  Rng rng(seed);
  const GrownTree grown = grow_classification_tree(
      BinnedFeatures(cases.x), cases.label, 2, cases.w, SplitCriterion::Gini,
      {.max_depth = depth, .min_leaf = min_leaf, .num_candidates = 2}, rng);
  RC_ASSERT(grown.tree.num_leaves() <= std::size_t{1} << depth);
  std::vector<double> weight(grown.tree.num_leaves(), 0.0);
  for (std::size_t i = 0; i < cases.w.size(); ++i) {
    RC_ASSERT((grown.leaf_of_row[i] < 0) == (cases.w[i] == 0.0));
    if (cases.w[i] == 0.0) continue;
    RC_ASSERT(static_cast<int>(grown.tree.leaf(cases.x, static_cast<Eigen::Index>(i))) ==
              grown.leaf_of_row[i]);
    weight[static_cast<std::size_t>(grown.leaf_of_row[i])] += cases.w[i];
  }
  if (weight.size() > 1) RC_ASSERT(*std::min_element(weight.begin(), weight.end()) >= min_leaf);
}

TEST(DecisionTree, SeparatesDistinctCasesWhenNothingLimitsIt) {
  Rng rng(3);
  Eigen::MatrixXd x(300, 3);
  std::vector<int> label;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index j = 0; j < x.cols(); ++j) x(i, j) = rng.uniform01();
    label.push_back(static_cast<int>(rng.below(2)));
  }
  const GrownTree grown =
      grow_classification_tree(BinnedFeatures(x), label, 2, std::vector<double>(300, 1.0),
                               SplitCriterion::Gini, {.num_candidates = 1}, rng);
  std::map<int, int> label_of_leaf;
  for (std::size_t i = 0; i < label.size(); ++i) {
    EXPECT_EQ(label_of_leaf.emplace(grown.leaf_of_row[i], label[i]).first->second, label[i]);
  }
}

TEST(BinnedFeatures, GivesEveryDistinctValueItsBinAndCutsManyIntoEqualParts) {
  Eigen::MatrixXd x(1000, 1);
  for (Eigen::Index i = 0; i < 1000; ++i) x(i, 0) = static_cast<double>((i * 7) % 1000);
  EXPECT_EQ(BinnedFeatures(x).num_bins(0), 1000U);
  EXPECT_EQ(BinnedFeatures(x).threshold(0, 4, 5), 4.5);
  const BinnedFeatures coarse(x, 10);
  ASSERT_EQ(coarse.num_bins(0), 10U);
  for (std::uint16_t bin = 0; bin < 10; ++bin) {
    EXPECT_EQ(std::ranges::count(coarse.codes(0), bin), 100);
  }
  EXPECT_EQ(coarse.threshold(0, 0, 1), 99.5);
}

TEST(BinnedFeatures, NeverPutsAThresholdOnTheLargerValue) {
  const double above = std::nextafter(1.0, 2.0);
  Eigen::MatrixXd x(2, 1);
  x << 1.0, above;
  EXPECT_LT(BinnedFeatures(x).threshold(0, 0, 1), above);
}

TEST(DecisionTree, RefusesUnsuitableData) {
  const Eigen::MatrixXd x = Eigen::MatrixXd::Zero(2, 1);
  const BinnedFeatures binned(x);
  Rng rng(1);
  const std::vector<double> y = {0, 1}, none = {0, 0}, one = {1};
  EXPECT_THROW(grow_regression_tree(binned, y, one, {}, rng), BugError);
  EXPECT_THROW(grow_regression_tree(binned, y, none, {}, rng), BugError);
  EXPECT_THROW(BinnedFeatures(x, 1), BugError);
}

}  // namespace
}  // namespace trimtab
