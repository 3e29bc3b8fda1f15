#include "trimtab/workloads/tabular_diagnosis/scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace trimtab::diagnosis {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The mean of what is not NaN.
class Mean {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ == 0 ? kNan : sum_ / count_; }

 private:
  double sum_ = 0.0;
  int count_ = 0;
};

// The share of the cases of (or outside) class k whose prediction is (or is not) k.
double recall(std::span<const int> predicted, std::span<const int> label, int k, bool is_inside) {
  int right = 0;
  int all = 0;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if ((label[i] == k) != is_inside) continue;
    ++all;
    if ((predicted[i] == k) == is_inside) ++right;
  }
  return all == 0 ? kNan : static_cast<double>(right) / all;
}

double auc_of_class(const Eigen::MatrixXd& probability, std::span<const int> label, int k) {
  std::vector<bool> is_positive(label.size());
  std::transform(label.begin(), label.end(), is_positive.begin(), [k](int l) { return l == k; });
  const double* column = probability.col(k).data();
  return area_under_curve({column, label.size()}, is_positive);
}

}  // namespace

double area_under_curve(std::span<const double> score, const std::vector<bool>& is_positive) {
  std::vector<std::size_t> order(score.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return score[a] < score[b]; });
  double negatives = 0.0;  // seen so far
  double positives = 0.0;
  double wins = 0.0;
  for (std::size_t first = 0; first < order.size();) {
    double tied_positives = 0.0;
    double tied_negatives = 0.0;
    std::size_t last = first;
    for (; last < order.size() && score[order[last]] == score[order[first]]; ++last) {
      (is_positive[order[last]] ? tied_positives : tied_negatives) += 1.0;
    }
    wins += tied_positives * (negatives + tied_negatives / 2.0);
    positives += tied_positives;
    negatives += tied_negatives;
    first = last;
  }
  return positives == 0.0 || negatives == 0.0 ? kNan : wins / (positives * negatives);
}

Scores score(const Prediction& prediction, std::span<const int> label, double floor) {
  const int num_classes = static_cast<int>(prediction.probability.cols());
  Mean auc, balanced, sensitivity, specificity;
  for (int k = 0; k < num_classes; ++k) {
    balanced.add(recall(prediction.label, label, k, true));
    if (num_classes == 2 && k == 0) continue;
    auc.add(auc_of_class(prediction.probability, label, k));
    sensitivity.add(recall(prediction.label, label, k, true));
    specificity.add(recall(prediction.label, label, k, false));
  }
  Mean loss;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const double p = prediction.probability(static_cast<Eigen::Index>(i), label[i]);
    loss.add(-std::log(std::clamp(p, floor, 1.0 - floor)));
  }
  return {auc.value(), balanced.value(), sensitivity.value(), specificity.value(), loss.value()};
}

}  // namespace trimtab::diagnosis
