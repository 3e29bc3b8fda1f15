#include "trimtab/numerics/decision_tree.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

void require(bool is_right, const char* where, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "tree.arguments",
                  .what = "a tree was asked to grow on unsuitable data",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

// A target says what a node's cases sum to. Sums are `width` numbers; the quality of a node is a
// convex function of its sums, so a split never lowers the total.

// Sums: weight per class.
struct ClassTarget {
  std::span<const int> label;
  std::span<const double> w;
  std::size_t width;
  SplitCriterion criterion;

  void add(double* sums, std::size_t row) const {
    sums[static_cast<std::size_t>(label[row])] += w[row];
  }
  double weight(const double* sums) const { return std::accumulate(sums, sums + width, 0.0); }
  double quality(const double* sums) const {
    const double total = weight(sums);
    double sum = 0.0;
    if (criterion == SplitCriterion::Gini) {
      for (std::size_t k = 0; k < width; ++k) sum += sums[k] * sums[k];
      return sum / total;  // -(impurity * weight), up to a constant of the parent
    }
    for (std::size_t k = 0; k < width; ++k) {
      if (sums[k] > 0.0) sum += sums[k] * std::log(sums[k] / total);
    }
    return sum;
  }
  bool is_pure(const double* sums, std::span<const std::uint32_t>) const {
    return std::count_if(sums, sums + width, [](double s) { return s > 0.0; }) <= 1;
  }
};

// Sums: w * y, and w.
struct SquareTarget {
  std::span<const double> y;
  std::span<const double> w;
  std::size_t width = 2;

  void add(double* sums, std::size_t row) const {
    sums[0] += w[row] * y[row];
    sums[1] += w[row];
  }
  double weight(const double* sums) const { return sums[1]; }
  double quality(const double* sums) const { return sums[0] * sums[0] / sums[1]; }
  bool is_pure(const double*, std::span<const std::uint32_t> rows) const {
    return std::all_of(rows.begin(), rows.end(),
                       [&](std::uint32_t row) { return y[row] == y[rows.front()]; });
  }
};

struct Split {
  double quality = kNone;
  std::size_t feature = 0;
  std::size_t last_left = 0;    // bin
  std::size_t first_right = 0;  // next bin with cases of this node
};

template <typename Target>
class Grower {
 public:
  Grower(const BinnedFeatures& x, const Target& target, const TreeOptions& options, Rng& rng)
      : x_(x), target_(target), options_(options), rng_(rng), leaf_of_row_(x.num_rows(), -1) {
    for (std::size_t row = 0; row < x.num_rows(); ++row) {
      if (target.w[row] > 0.0) rows_.push_back(static_cast<std::uint32_t>(row));
    }
    require(!rows_.empty(), "grow tree", "a case of positive weight");
    features_.resize(x.num_features());
    std::iota(features_.begin(), features_.end(), std::size_t{0});
    left_.resize(target.width);
    right_.resize(target.width);
  }

  GrownTree grow() {
    grow_node(0, rows_.size(), 0);
    return {DecisionTree(std::move(nodes_), num_leaves_), std::move(leaf_of_row_)};
  }

 private:
  using Rows = std::span<std::uint32_t>;

  std::int32_t grow_node(std::size_t first, std::size_t last, int depth) {
    const auto index = static_cast<std::int32_t>(nodes_.size());
    nodes_.emplace_back();
    const Rows rows = Rows(rows_).subspan(first, last - first);
    std::vector<double> sums(target_.width, 0.0);
    for (const std::uint32_t row : rows) target_.add(sums.data(), row);
    const bool may_split = depth < options_.max_depth && rows.size() > 1 &&
                           target_.weight(sums.data()) >= 2.0 * options_.min_leaf &&
                           !target_.is_pure(sums.data(), rows);
    const Split split = may_split ? best_split(rows, sums) : Split{};
    if (split.quality == kNone) {
      make_leaf(index, rows);
      return index;
    }
    const auto codes = x_.codes(split.feature);
    const auto middle = std::stable_partition(
        rows.begin(), rows.end(), [&](std::uint32_t row) { return codes[row] <= split.last_left; });
    const std::size_t cut = first + static_cast<std::size_t>(middle - rows.begin());
    const std::int32_t left = grow_node(first, cut, depth + 1);
    const std::int32_t right = grow_node(cut, last, depth + 1);
    nodes_[static_cast<std::size_t>(index)] = {
        static_cast<std::int32_t>(split.feature),
        x_.threshold(split.feature, split.last_left, split.first_right,
                     options_.has_random_thresholds ? rng_.uniform01() : 0.5),
        left, right};
    return index;
  }

  void make_leaf(std::int32_t index, Rows rows) {
    const auto leaf = static_cast<std::int32_t>(num_leaves_++);
    nodes_[static_cast<std::size_t>(index)].left = leaf;
    for (const std::uint32_t row : rows) leaf_of_row_[row] = leaf;
  }

  Split best_split(Rows rows, const std::vector<double>& sums) {
    const std::size_t p = features_.size();
    const bool is_random = options_.num_candidates > 0 && options_.num_candidates < p;
    const std::size_t wanted = is_random ? options_.num_candidates : p;
    Split best;
    std::size_t num_seen = 0;
    for (std::size_t i = 0; i < p && num_seen < wanted; ++i) {
      if (is_random) std::swap(features_[i], features_[i + rng_.below(p - i)]);
      if (scan(rows, features_[i], sums, best)) ++num_seen;
    }
    return best;
  }

  // Looks for a better split along one feature. False when the feature is constant here.
  bool scan(Rows rows, std::size_t feature, const std::vector<double>& sums, Split& best) {
    const std::size_t num_bins = x_.num_bins(feature);
    if (num_bins < 2) return false;
    std::fill(left_.begin(), left_.end(), 0.0);
    std::size_t previous = num_bins;  // bin of the cases summed so far; num_bins = none yet
    bool is_varied = false;
    const auto reach = [&](std::size_t bin) {  // before the cases of the next bin are added
      if (previous == num_bins) {
        previous = bin;
      } else if (bin != previous) {
        is_varied = true;
        consider({kNone, feature, previous, bin}, sums, best);
        previous = bin;
      }
    };
    if (rows.size() * 4 >= num_bins) {
      scan_histogram(rows, feature, reach);
    } else {
      scan_sorted(rows, feature, reach);
    }
    return is_varied;
  }

  template <typename Reach>
  void scan_histogram(Rows rows, std::size_t feature, const Reach& reach) {
    const auto codes = x_.codes(feature);
    const std::size_t width = target_.width;
    histogram_.assign(x_.num_bins(feature) * width, 0.0);
    for (const std::uint32_t row : rows) target_.add(&histogram_[codes[row] * width], row);
    for (std::size_t bin = 0; bin * width < histogram_.size(); ++bin) {
      const double* sums = &histogram_[bin * width];
      if (target_.weight(sums) == 0.0) continue;
      reach(bin);
      for (std::size_t k = 0; k < width; ++k) left_[k] += sums[k];
    }
  }

  template <typename Reach>
  void scan_sorted(Rows rows, std::size_t feature, const Reach& reach) {
    const auto codes = x_.codes(feature);
    order_.clear();
    for (const std::uint32_t row : rows) {
      order_.push_back(static_cast<std::uint64_t>(codes[row]) << 32 | row);
    }
    std::sort(order_.begin(), order_.end());
    for (const std::uint64_t key : order_) {
      reach(static_cast<std::size_t>(key >> 32));
      target_.add(left_.data(), static_cast<std::uint32_t>(key));
    }
  }

  void consider(Split split, const std::vector<double>& sums, Split& best) {
    for (std::size_t k = 0; k < sums.size(); ++k) right_[k] = sums[k] - left_[k];
    if (target_.weight(left_.data()) < options_.min_leaf) return;
    if (target_.weight(right_.data()) < options_.min_leaf) return;
    split.quality = target_.quality(left_.data()) + target_.quality(right_.data());
    if (split.quality > best.quality) best = split;
  }

  const BinnedFeatures& x_;
  const Target& target_;
  const TreeOptions& options_;
  Rng& rng_;
  std::vector<std::uint32_t> rows_;    // a node owns a contiguous part
  std::vector<std::size_t> features_;  // shuffled as candidates are drawn
  std::vector<double> left_, right_;   // sums of the two sides
  std::vector<double> histogram_;      // (bins, width)
  std::vector<std::uint64_t> order_;   // bin << 32 | row
  std::vector<DecisionTree::Node> nodes_;
  std::vector<std::int32_t> leaf_of_row_;
  std::size_t num_leaves_ = 0;
};

void check(const BinnedFeatures& x, std::size_t num_targets, std::size_t num_weights,
           const TreeOptions& options) {
  require(num_targets == x.num_rows() && num_weights == x.num_rows(), "grow tree",
          "a target and a weight per row");
  require(options.max_depth >= 0 && options.min_leaf > 0.0, "grow tree",
          "max_depth >= 0, min_leaf > 0");
}

}  // namespace

BinnedFeatures::BinnedFeatures(const Eigen::MatrixXd& x, std::size_t max_bins)
    : num_rows_(static_cast<std::size_t>(x.rows())),
      max_bins_(max_bins),
      features_(static_cast<std::size_t>(x.cols())) {
  require(max_bins >= 2 && max_bins <= 65536, "BinnedFeatures", "2..65536 bins");
  require(num_rows_ < (std::size_t{1} << 31), "BinnedFeatures", "fewer than 2^31 rows");
  for (std::size_t j = 0; j < features_.size(); ++j) {
    const auto column = x.col(static_cast<Eigen::Index>(j));
    set_feature(j, {column.data(), num_rows_});
  }
}

void BinnedFeatures::set_feature(std::size_t j, std::span<const double> column) {
  require(column.size() == num_rows_, "BinnedFeatures::set_feature", "a value for every row");
  std::vector<std::uint32_t> order(num_rows_);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return column[a] < column[b] || (column[a] == column[b] && a < b);
  });
  std::size_t num_distinct = num_rows_ > 0 ? 1 : 0;
  for (std::size_t i = 1; i < num_rows_; ++i) {
    if (column[order[i]] != column[order[i - 1]]) ++num_distinct;
  }
  const double per_bin = num_distinct <= max_bins_
                             ? 0.0
                             : static_cast<double>(num_rows_) / static_cast<double>(max_bins_);
  Feature feature;
  feature.codes.resize(num_rows_);
  for (std::size_t i = 0; i < num_rows_; ++i) {
    const double value = column[order[i]];
    const bool is_new = i == 0 || value != feature.high.back();
    const bool is_full =
        static_cast<double>(i) >= per_bin * static_cast<double>(feature.low.size());
    if (i == 0 || (is_new && is_full)) {
      feature.low.push_back(value);
      feature.high.push_back(value);
    }
    feature.high.back() = value;
    feature.codes[order[i]] = static_cast<std::uint16_t>(feature.low.size() - 1);
  }
  features_[j] = std::move(feature);
}

double BinnedFeatures::threshold(std::size_t feature, std::size_t left, std::size_t right,
                                 double share) const {
  const double below = features_[feature].high[left];
  const double above = features_[feature].low[right];
  const double between = below + (above - below) * share;
  return between < above ? between : below;  // neighbours in floating point have no middle
}

std::size_t DecisionTree::leaf(std::span<const double> x) const {
  const Node* node = nodes_.data();
  while (node->feature >= 0) {
    const bool is_left = x[static_cast<std::size_t>(node->feature)] <= node->threshold;
    node = &nodes_[static_cast<std::size_t>(is_left ? node->left : node->right)];
  }
  return static_cast<std::size_t>(node->left);
}

std::size_t DecisionTree::leaf(const Eigen::MatrixXd& x, Eigen::Index row) const {
  const Node* node = nodes_.data();
  while (node->feature >= 0) {
    const bool is_left = x(row, node->feature) <= node->threshold;
    node = &nodes_[static_cast<std::size_t>(is_left ? node->left : node->right)];
  }
  return static_cast<std::size_t>(node->left);
}

GrownTree grow_classification_tree(const BinnedFeatures& x, std::span<const int> label,
                                   std::size_t num_classes, std::span<const double> w,
                                   SplitCriterion criterion, const TreeOptions& options, Rng& rng) {
  check(x, label.size(), w.size(), options);
  const ClassTarget target{label, w, num_classes, criterion};
  return Grower(x, target, options, rng).grow();
}

GrownTree grow_regression_tree(const BinnedFeatures& x, std::span<const double> y,
                               std::span<const double> w, const TreeOptions& options, Rng& rng) {
  check(x, y.size(), w.size(), options);
  const SquareTarget target{y, w};
  return Grower(x, target, options, rng).grow();
}

}  // namespace trimtab
