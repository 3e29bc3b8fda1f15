#include "trimtab/numerics/random_forest.hpp"

#include <algorithm>

namespace trimtab {

RandomForest::RandomForest(const Eigen::MatrixXd& x, std::span<const double> y,
                           const Options& options, Rng& rng) {
  const BinnedFeatures binned(x);
  std::vector<double> weights(y.size());
  for (std::size_t b = 0; b < options.num_trees; ++b) {
    std::fill(weights.begin(), weights.end(), 0.0);
    for (std::size_t i = 0; i < y.size(); ++i) weights[rng.below(y.size())] += 1.0;
    GrownTree grown = grow_regression_tree(binned, y, weights, options.tree, rng);
    std::vector<Leaf> leaves(grown.tree.num_leaves());
    std::vector<double> totals(leaves.size(), 0.0);
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (grown.leaf_of_row[i] < 0) continue;
      const auto leaf = static_cast<std::size_t>(grown.leaf_of_row[i]);
      // Weighted running mean and sum of squares (Welford).
      totals[leaf] += weights[i];
      const double step = y[i] - leaves[leaf].mean;
      leaves[leaf].mean += step * weights[i] / totals[leaf];
      leaves[leaf].variance += weights[i] * step * (y[i] - leaves[leaf].mean);
    }
    for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) leaves[leaf].variance /= totals[leaf];
    trees_.push_back({std::move(grown.tree), std::move(leaves)});
  }
}

RandomForest::Prediction RandomForest::predict(std::span<const double> x) const {
  double mean = 0.0, square = 0.0, within = 0.0;
  for (const Tree& each : trees_) {
    const Leaf& leaf = each.leaves[each.tree.leaf(x)];
    mean += leaf.mean;
    square += leaf.mean * leaf.mean;
    within += leaf.variance;
  }
  const auto count = static_cast<double>(trees_.size());
  mean /= count;
  return {.mean = mean, .variance = within / count + std::max(0.0, square / count - mean * mean)};
}

}  // namespace trimtab
