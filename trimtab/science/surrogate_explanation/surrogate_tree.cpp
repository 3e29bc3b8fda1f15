#include "trimtab/science/surrogate_explanation/surrogate_tree.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"

namespace trimtab::explanation {
namespace {

constexpr std::size_t kMaxBins = 512;

// Rows on the lines between two real rows; a discrete feature has the value of the nearer one.
Eigen::MatrixXd between_rows(const Eigen::MatrixXd& x, const SurrogateOptions& options, Rng& rng) {
  Eigen::MatrixXd drawn(static_cast<Eigen::Index>(options.num_drawn), x.cols());
  const auto n = static_cast<std::uint64_t>(x.rows());
  for (Eigen::Index i = 0; i < drawn.rows(); ++i) {
    const auto a = static_cast<Eigen::Index>(rng.below(n));
    const auto b = static_cast<Eigen::Index>(rng.below(n));
    const double share = rng.uniform01();
    drawn.row(i) = (1.0 - share) * x.row(a) + share * x.row(b);
    for (std::size_t j = 0; j < options.is_discrete.size(); ++j) {
      const auto column = static_cast<Eigen::Index>(j);
      if (options.is_discrete[j]) drawn(i, column) = share > 0.5 ? x(b, column) : x(a, column);
    }
  }
  return drawn;
}

Eigen::MatrixXd stack(const Eigen::MatrixXd& above, const Eigen::MatrixXd& below) {
  Eigen::MatrixXd both(above.rows() + below.rows(), above.cols());
  both << above, below;
  return both;
}

void narrow(std::vector<Condition>& path, std::size_t feature, double low, double high) {
  for (Condition& each : path) {
    if (each.feature != feature) continue;
    each.low = std::max(each.low, low);
    each.high = std::min(each.high, high);
    return;
  }
  path.push_back({feature, low, high});
}

// The conditions of every leaf. @param features  the tree's columns as features of the data.
void walk(const DecisionTree& tree, std::size_t at, std::vector<Condition> path,
          const std::vector<std::size_t>& features, std::vector<Rule>& rules) {
  const DecisionTree::Node& node = tree.nodes()[at];
  if (node.feature < 0) {
    rules[static_cast<std::size_t>(node.left)].conditions = std::move(path);
    return;
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::size_t feature = features[static_cast<std::size_t>(node.feature)];
  std::vector<Condition> left = path;
  narrow(left, feature, -kInfinity, node.threshold);
  narrow(path, feature, node.threshold, kInfinity);
  walk(tree, static_cast<std::size_t>(node.left), std::move(left), features, rules);
  walk(tree, static_cast<std::size_t>(node.right), std::move(path), features, rules);
}

int label_of(const Eigen::RowVectorXd& scores) {
  Eigen::Index best = 0;
  scores.maxCoeff(&best);
  return static_cast<int>(best);
}

// Support and confidence from the real rows, which come first in the tree's data.
void measure(std::vector<Rule>& rules, std::span<const std::int32_t> leaf_of_row,
             const Eigen::MatrixXd& scores, bool is_class) {
  const auto n = static_cast<double>(scores.rows());
  const double spread =
      is_class ? 0.0 : (scores.array() - scores.mean()).matrix().squaredNorm() / n;
  std::vector<double> right(rules.size(), 0.0);
  for (Eigen::Index i = 0; i < scores.rows(); ++i) {
    const auto leaf = static_cast<std::size_t>(leaf_of_row[static_cast<std::size_t>(i)]);
    Rule& rule = rules[leaf];
    rule.support += 1.0 / n;
    right[leaf] += is_class ? (label_of(scores.row(i)) == label_of(rule.scores) ? 1.0 : 0.0)
                            : std::pow(scores(i, 0) - rule.scores(0), 2.0);
  }
  for (std::size_t leaf = 0; leaf < rules.size(); ++leaf) {
    if (rules[leaf].support <= 0.0) continue;
    const double mean = right[leaf] / (n * rules[leaf].support);
    rules[leaf].confidence = is_class ? mean : spread > 0.0 ? 1.0 - mean / spread : 1.0;
  }
}

}  // namespace

bool Rule::holds(const Eigen::MatrixXd& x, Eigen::Index row) const {
  return std::ranges::all_of(conditions, [&](const Condition& each) {
    return each.holds(x(row, static_cast<Eigen::Index>(each.feature)));
  });
}

AskedRows::AskedRows(const BlackBox& black_box, const Eigen::MatrixXd& real,
                     const SurrogateOptions& options, Rng& rng)
    : x(stack(real, between_rows(real, options, rng))),
      scores(black_box.predict(x)),
      num_real(real.rows()) {}

SurrogateTree::SurrogateTree(const AskedRows& asked, bool is_class,
                             const std::vector<std::size_t>& features,
                             const SurrogateOptions& options, Rng& rng) {
  const std::vector<Eigen::Index> columns(features.begin(), features.end());
  const BinnedFeatures binned(asked.x(Eigen::all, columns), kMaxBins);
  const Eigen::MatrixXd& scores = asked.scores;
  const auto num_rows = static_cast<std::size_t>(scores.rows());
  const std::vector<double> weights(num_rows, 1.0);
  const TreeOptions tree = {
      .max_depth = options.max_depth,
      .min_leaf = std::max(1.0, options.min_leaf * static_cast<double>(num_rows))};
  const GrownTree grown =
      is_class ? grow_classification_tree(binned, labels_of(scores),
                                          static_cast<std::size_t>(scores.cols()), weights,
                                          SplitCriterion::Gini, tree, rng)
               : grow_regression_tree(binned, {scores.data(), num_rows}, weights, tree, rng);
  rules_.resize(grown.tree.num_leaves());
  std::vector<double> totals(rules_.size(), 0.0);
  for (Rule& rule : rules_) rule.scores = Eigen::RowVectorXd::Zero(scores.cols());
  for (std::size_t i = 0; i < num_rows; ++i) {
    const auto leaf = static_cast<std::size_t>(grown.leaf_of_row[i]);
    rules_[leaf].scores += scores.row(static_cast<Eigen::Index>(i));
    totals[leaf] += 1.0;
  }
  for (std::size_t leaf = 0; leaf < rules_.size(); ++leaf) rules_[leaf].scores /= totals[leaf];
  walk(grown.tree, 0, {}, features, rules_);
  measure(rules_, grown.leaf_of_row, scores.topRows(asked.num_real), is_class);
}

std::size_t SurrogateTree::rule_of(const Eigen::MatrixXd& x, Eigen::Index row) const {
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    if (rules_[rule].holds(x, row)) return rule;
  }
  throw BugError({.code = "surrogate_explanation.row",
                  .what = "no rule holds for a row",
                  .where = "SurrogateTree",
                  .got = "",
                  .expected = "finite features",
                  .hint = ""});
}

Eigen::MatrixXd SurrogateTree::predict(const Eigen::MatrixXd& x) const {
  Eigen::MatrixXd scores(x.rows(), rules_.front().scores.size());
  for (Eigen::Index i = 0; i < x.rows(); ++i) scores.row(i) = rules_[rule_of(x, i)].scores;
  return scores;
}

}  // namespace trimtab::explanation
