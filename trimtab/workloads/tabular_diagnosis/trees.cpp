#include "trimtab/workloads/tabular_diagnosis/trees.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace trimtab::diagnosis {
namespace {

constexpr std::size_t kBoostingBins = 64;
constexpr double kFitted = 1e-6;      // residual
constexpr double kMaxLeafStep = 4.0;  // log-odds; a pure leaf's Newton step has no end

// A tree with the class shares of its leaves, (K, leaves).
struct ShareTree {
  DecisionTree tree;
  Eigen::MatrixXd share;
};

ShareTree share_tree(GrownTree grown, const TrainingSet& data, std::span<const double> w) {
  Eigen::MatrixXd share =
      Eigen::MatrixXd::Zero(data.num_classes, static_cast<Eigen::Index>(grown.tree.num_leaves()));
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (grown.leaf_of_row[i] >= 0) share(data.label[i], grown.leaf_of_row[i]) += w[i];
  }
  const Eigen::RowVectorXd total = share.colwise().sum();
  share.array().rowwise() /= total.array();
  return {std::move(grown.tree), std::move(share)};
}

Model model_of(std::vector<ShareTree> trees) {
  return [trees = std::move(trees)](const Eigen::MatrixXd& x) {
    Prediction prediction;
    prediction.probability = Eigen::MatrixXd::Zero(x.rows(), trees.front().share.rows());
    for (const ShareTree& tree : trees) {
      for (Eigen::Index i = 0; i < x.rows(); ++i) {
        prediction.probability.row(i) +=
            tree.share.col(static_cast<Eigen::Index>(tree.tree.leaf(x, i))).transpose();
      }
    }
    prediction.probability /= static_cast<double>(trees.size());
    prediction.label = most_probable(prediction.probability);
    return prediction;
  };
}

// A tree with one value per leaf, added to the score of one class.
struct ValueTree {
  DecisionTree tree;
  Eigen::Index column;
  std::vector<double> value;
};

// Scores are log-odds of class 1 in one column, or one column per class (softmax).
Eigen::MatrixXd probabilities(const Eigen::MatrixXd& score) {
  if (score.cols() == 1) return score.unaryExpr(&sigmoid);
  const Eigen::VectorXd top = score.rowwise().maxCoeff();
  Eigen::MatrixXd p = (score.colwise() - top).array().exp();
  const Eigen::VectorXd total = p.rowwise().sum();
  p.array().colwise() /= total.array();
  return p;
}

class Booster {
 public:
  Booster(const TrainingSet& data, const BoostingOptions& options)
      : options_(options),
        binned_(data.x, kBoostingBins),
        one_(static_cast<std::size_t>(data.x.rows()), 1.0) {
    const Eigen::Index columns = data.num_classes == 2 ? 1 : data.num_classes;
    target_ = Eigen::MatrixXd::Zero(data.x.rows(), columns);
    for (Eigen::Index i = 0; i < target_.rows(); ++i) {
      const int label = data.label[static_cast<std::size_t>(i)];
      if (columns == 1) {
        target_(i, 0) = label;
      } else {
        target_(i, label) = 1.0;
      }
    }
    const Eigen::RowVectorXd share = target_.colwise().mean();
    start_ = share.unaryExpr(
        [&](double s) { return columns == 1 ? std::log(s / (1.0 - s)) : std::log(s); });
    score_ = start_.replicate(data.x.rows(), 1);
  }

  Model fit() {
    for (int round = 0; round < options_.num_trees; ++round) {
      const Eigen::MatrixXd p = probabilities(score_);
      if ((target_ - p).cwiseAbs().maxCoeff() < kFitted) break;
      for (Eigen::Index k = 0; k < score_.cols(); ++k) add_tree(p.col(k), k);
    }
    return [start = start_, trees = std::move(trees_)](const Eigen::MatrixXd& x) {
      Eigen::MatrixXd score = start.replicate(x.rows(), 1);
      for (const ValueTree& tree : trees) {
        for (Eigen::Index i = 0; i < x.rows(); ++i) {
          score(i, tree.column) += tree.value[tree.tree.leaf(x, i)];
        }
      }
      if (score.cols() == 1) return prediction_of_scores(score);
      Prediction prediction{probabilities(score), {}};
      prediction.label = most_probable(prediction.probability);
      return prediction;
    };
  }

 private:
  void add_tree(const Eigen::VectorXd& p, Eigen::Index k) {
    const Eigen::VectorXd residual = target_.col(k) - p;
    Rng unused(0);
    GrownTree grown =
        grow_regression_tree(binned_, {residual.data(), static_cast<std::size_t>(residual.size())},
                             one_, {.max_depth = options_.max_depth}, unused);
    std::vector<double> up(grown.tree.num_leaves(), 0.0);
    std::vector<double> curvature(grown.tree.num_leaves(), 0.0);
    for (Eigen::Index i = 0; i < residual.size(); ++i) {
      const auto leaf = static_cast<std::size_t>(grown.leaf_of_row[static_cast<std::size_t>(i)]);
      up[leaf] += residual(i);
      curvature[leaf] += p(i) * (1.0 - p(i));
    }
    const double classes = static_cast<double>(score_.cols());
    const double scale = score_.cols() == 1 ? 1.0 : (classes - 1.0) / classes;
    for (std::size_t leaf = 0; leaf < up.size(); ++leaf) {
      const double step = curvature[leaf] > 0.0 ? scale * up[leaf] / curvature[leaf] : 0.0;
      up[leaf] = options_.learning_rate * std::clamp(step, -kMaxLeafStep, kMaxLeafStep);
    }
    for (Eigen::Index i = 0; i < residual.size(); ++i) {
      score_(i, k) += up[static_cast<std::size_t>(grown.leaf_of_row[static_cast<std::size_t>(i)])];
    }
    trees_.push_back({std::move(grown.tree), k, std::move(up)});
  }

  const BoostingOptions& options_;
  BinnedFeatures binned_;
  std::vector<double> one_;
  Eigen::MatrixXd target_, score_;  // (n, columns)
  Eigen::RowVectorXd start_;
  std::vector<ValueTree> trees_;
};

}  // namespace

Model fit_tree(const TrainingSet& data, const SingleTreeOptions& options) {
  const BinnedFeatures binned(data.x);
  const std::vector<double> one(data.label.size(), 1.0);
  Rng unused(0);
  std::vector<ShareTree> trees;
  trees.push_back(share_tree(
      grow_classification_tree(
          binned, data.label, static_cast<std::size_t>(data.num_classes), one, options.criterion,
          {.max_depth = options.max_depth, .min_leaf = static_cast<double>(options.min_leaf)},
          unused),
      data, one));
  return model_of(std::move(trees));
}

Model fit_forest(const TrainingSet& data, const ForestOptions& options, std::uint64_t seed) {
  const BinnedFeatures binned(data.x);
  std::vector<ShareTree> trees;
  std::vector<double> w(data.label.size());
  for (int t = 0; t < options.num_trees; ++t) {
    Rng rng(seed, static_cast<std::uint64_t>(t), "forest");
    std::fill(w.begin(), w.end(), 0.0);
    for (std::size_t i = 0; i < w.size(); ++i) w[rng.below(w.size())] += 1.0;
    GrownTree grown = grow_classification_tree(
        binned, data.label, static_cast<std::size_t>(data.num_classes), w, SplitCriterion::Gini,
        {.max_depth = options.max_depth,
         .num_candidates = static_cast<std::size_t>(options.num_candidates)},
        rng);
    trees.push_back(share_tree(std::move(grown), data, w));
  }
  return model_of(std::move(trees));
}

Model fit_boosting(const TrainingSet& data, const BoostingOptions& options) {
  return Booster(data, options).fit();
}

}  // namespace trimtab::diagnosis
