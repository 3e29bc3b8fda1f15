#include "trimtab/workloads/value_dynamics/second_stage.hpp"

#include <Eigen/Cholesky>
#include <cmath>
#include <functional>
#include <numeric>

#include "trimtab/numerics/decision_tree.hpp"

namespace trimtab::values {
namespace {

constexpr Eigen::Index kNumFeatures = 3 * static_cast<Eigen::Index>(kNumValues) + 2;
constexpr double kTiny = 1e-12;

using Target = Eigen::VectorXd;
using Rows = Eigen::MatrixXd;

Target by_ridge(const Rows& x, const Target& y, const Rows& cases, const Ridge& ridge) {
  const double mean = y.mean();
  Eigen::MatrixXd gram = x.transpose() * x;
  gram.diagonal().array() += ridge.penalty;
  const Eigen::VectorXd slope = gram.llt().solve(x.transpose() * (y.array() - mean).matrix());
  return (cases * slope).array() + mean;
}

Target by_forest(const Rows& x, const Target& y, const Rows& cases, const Forest& forest,
                 std::uint64_t seed) {
  const BinnedFeatures binned(x);
  const std::span<const double> targets(y.data(), static_cast<std::size_t>(y.size()));
  const TreeOptions options = {
      .max_depth = forest.max_depth, .min_leaf = 2.0, .num_candidates = binned.num_features() / 3};
  Target sum = Target::Zero(cases.rows());
  for (int t = 0; t < forest.num_trees; ++t) {
    Rng rng(seed, static_cast<std::uint64_t>(t), "forest");
    std::vector<double> weight(targets.size(), 0.0);
    for (std::size_t i = 0; i < weight.size(); ++i) weight[rng.below(weight.size())] += 1.0;
    const GrownTree grown = grow_regression_tree(binned, targets, weight, options, rng);
    std::vector<double> total(grown.tree.num_leaves(), 0.0);
    std::vector<double> mass(grown.tree.num_leaves(), 0.0);
    for (std::size_t i = 0; i < weight.size(); ++i) {
      if (grown.leaf_of_row[i] < 0) continue;
      const auto leaf = static_cast<std::size_t>(grown.leaf_of_row[i]);
      total[leaf] += weight[i] * targets[i];
      mass[leaf] += weight[i];
    }
    for (Eigen::Index i = 0; i < cases.rows(); ++i) {
      const std::size_t leaf = grown.tree.leaf(cases, i);
      sum(i) += total[leaf] / mass[leaf];
    }
  }
  return sum / forest.num_trees;
}

Target fit_and_predict(const Rows& x, const Target& y, const Rows& cases,
                       const Regressor& regressor, std::uint64_t seed) {
  struct Fit {
    const Rows& x;
    const Target& y;
    const Rows& cases;
    std::uint64_t seed;
    Target operator()(const NoRegressor&) const { return Target::Zero(cases.rows()); }
    Target operator()(const Ridge& ridge) const { return by_ridge(x, y, cases, ridge); }
    Target operator()(const SvrOptions& options) const {
      return fit_support_vector_regression(x, y, options).predict(cases);
    }
    Target operator()(const Forest& forest) const { return by_forest(x, y, cases, forest, seed); }
  };
  return std::visit(Fit{x, y, cases, seed}, regressor);
}

Rows chosen_rows(const Eigen::MatrixXd& x, const std::vector<std::size_t>& chosen) {
  Rows rows(static_cast<Eigen::Index>(chosen.size()), x.cols());
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    rows.row(static_cast<Eigen::Index>(i)) = x.row(static_cast<Eigen::Index>(chosen[i]));
  }
  return rows;
}

// Mean 0 and deviation 1 over the training rows; constant features become 0.
void standardise(Rows& train, Rows& test) {
  for (Eigen::Index j = 0; j < train.cols(); ++j) {
    const double mean = train.col(j).mean();
    const double deviation = std::sqrt((train.col(j).array() - mean).square().mean());
    const double scale = deviation > kTiny ? 1.0 / deviation : 0.0;
    train.col(j) = (train.col(j).array() - mean) * scale;
    test.col(j) = (test.col(j).array() - mean) * scale;
  }
}

Scores mean_of_friends(const Survey& survey, std::size_t i) {
  const Network& network = survey.network;
  Scores mean = survey.first[i];  // of somebody without friends
  double total = 0.0;
  Scores sum{};
  for (std::size_t e = network.first[i]; e < network.first[i + 1]; ++e) {
    total += network.weight[e];
    for (std::size_t k = 0; k < kNumValues; ++k) {
      sum[k] += network.weight[e] * survey.first[network.friends[e]][k];
    }
  }
  for (std::size_t k = 0; k < kNumValues && total > 0.0; ++k) mean[k] = sum[k] / total;
  return mean;
}

}  // namespace

Eigen::MatrixXd features_of(const Survey& survey, const std::vector<Scores>& predicted,
                            double epsilon) {
  Eigen::MatrixXd features(static_cast<Eigen::Index>(survey.egos.size()), kNumFeatures);
  for (std::size_t e = 0; e < survey.egos.size(); ++e) {
    const std::size_t i = survey.egos[e];
    const auto row = static_cast<Eigen::Index>(e);
    Eigen::Index column = 0;
    for (const Scores& scores : {survey.first[i], predicted[e], mean_of_friends(survey, i)}) {
      for (const double score : scores) features(row, column++) = score;
    }
    features(row, column++) = std::log1p(static_cast<double>(survey.network.degree(i)));
    features(row, column) = within_bound_share(survey.network, survey.first, i, epsilon);
  }
  return features;
}

std::vector<Scores> predict(const Survey& survey, const Eigen::MatrixXd& features,
                            const std::vector<Scores>& predicted, const Regressor& regressor,
                            const std::vector<std::size_t>& train,
                            const std::vector<std::size_t>& test, std::uint64_t seed) {
  std::vector<Scores> result = predicted;
  if (std::holds_alternative<NoRegressor>(regressor)) return result;
  Rows x = chosen_rows(features, train);
  Rows cases = chosen_rows(features, test);
  standardise(x, cases);
  for (std::size_t k = 0; k < kNumValues; ++k) {
    Target missed(x.rows());
    for (std::size_t i = 0; i < train.size(); ++i) {
      missed(static_cast<Eigen::Index>(i)) = survey.later[train[i]][k] - predicted[train[i]][k];
    }
    const Target correction = fit_and_predict(x, missed, cases, regressor, seed + k);
    for (std::size_t i = 0; i < test.size(); ++i) {
      result[test[i]][k] += correction(static_cast<Eigen::Index>(i));
    }
  }
  return result;
}

double cross_validated_error(const Survey& survey, const Eigen::MatrixXd& features,
                             const std::vector<Scores>& predicted, const Regressor& regressor,
                             std::size_t num_folds, std::uint64_t seed) {
  std::vector<std::size_t> order = survey.tuning;
  Rng rng(seed, 0, "folds");
  rng.shuffle(std::span<std::size_t>(order));
  std::vector<Scores> unseen = predicted;
  for (std::size_t fold = 0; fold < num_folds; ++fold) {
    std::vector<std::size_t> train;
    std::vector<std::size_t> test;
    for (std::size_t i = 0; i < order.size(); ++i) {
      (i % num_folds == fold ? test : train).push_back(order[i]);
    }
    const std::vector<Scores> part =
        predict(survey, features, predicted, regressor, train, test, seed);
    for (const std::size_t e : test) unseen[e] = part[e];
  }
  return mean_squared_error(survey, unseen, survey.tuning);
}

}  // namespace trimtab::values
