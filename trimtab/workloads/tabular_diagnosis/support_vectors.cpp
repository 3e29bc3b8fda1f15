#include "trimtab/workloads/tabular_diagnosis/support_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

namespace trimtab::diagnosis {
namespace {

constexpr double kViolation = 1e-3;
constexpr double kFlat = 1e-12;  // curvature along a pair is at least this
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Eigen::MatrixXd kernel(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b, double gamma) {
  Eigen::MatrixXd k = -2.0 * a * b.transpose();
  k.colwise() += a.rowwise().squaredNorm();
  k.rowwise() += b.rowwise().squaredNorm().transpose();
  return (-gamma * k.array().max(0.0)).exp();
}

class Smo {
 public:
  Smo(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign, const SvmOptions& options)
      : sign_(sign),
        c_(options.c),
        k_(kernel(x, x, options.gamma)),
        alpha_(Eigen::VectorXd::Zero(x.rows())),
        // -s_i times the gradient; 0 <= ascent(i) - ascent(j) for a pair that can gain
        ascent_(sign) {}

  void solve() {
    const Eigen::Index most = 100 * alpha_.size() + 10000;
    for (Eigen::Index step = 0; step < most; ++step) {
      const auto [i, j] = worst_pair();
      if (j < 0) return;
      move(i, j);
    }
  }

  const Eigen::VectorXd& alpha() const { return alpha_; }

  /// The offset for which cases strictly between 0 and C lie on the margin.
  double offset() const {
    double sum = 0.0;
    int num_free = 0;
    double low = -kInfinity;  // largest ascent of those that may rise
    double high = kInfinity;  // smallest of those that may fall
    for (Eigen::Index i = 0; i < alpha_.size(); ++i) {
      if (alpha_(i) > 0.0 && alpha_(i) < c_) {
        sum += ascent_(i);
        ++num_free;
      }
      if (may_rise(i)) low = std::max(low, ascent_(i));
      if (may_fall(i)) high = std::min(high, ascent_(i));
    }
    return num_free > 0 ? -sum / num_free : -(low + high) / 2.0;
  }

 private:
  // s_i alpha_i may grow, or shrink.
  bool may_rise(Eigen::Index i) const { return sign_(i) > 0.0 ? alpha_(i) < c_ : alpha_(i) > 0.0; }
  bool may_fall(Eigen::Index i) const { return sign_(i) > 0.0 ? alpha_(i) > 0.0 : alpha_(i) < c_; }

  std::pair<Eigen::Index, Eigen::Index> worst_pair() const {
    Eigen::Index i = -1;
    double top = -kInfinity;
    for (Eigen::Index t = 0; t < alpha_.size(); ++t) {
      if (ascent_(t) > top && may_rise(t)) {
        top = ascent_(t);
        i = t;
      }
    }
    Eigen::Index j = -1;
    double bottom = kInfinity;
    double best = 0.0;
    for (Eigen::Index t = 0; i >= 0 && t < alpha_.size(); ++t) {
      if (!may_fall(t)) continue;
      bottom = std::min(bottom, ascent_(t));
      const double slope = top - ascent_(t);
      if (slope <= 0.0) continue;
      const double curvature = std::max(kFlat, 2.0 - 2.0 * k_(t, i));  // K(x, x) = 1
      const double gain = slope * slope / curvature;
      if (gain > best) {
        best = gain;
        j = t;
      }
    }
    if (top - bottom < kViolation) j = -1;
    return {i, j};
  }

  // Raises s_i alpha_i and lowers s_j alpha_j by the same, to the optimum or a bound.
  void move(Eigen::Index i, Eigen::Index j) {
    const double curvature = std::max(kFlat, 2.0 - 2.0 * k_(j, i));
    double by = (ascent_(i) - ascent_(j)) / curvature;
    by = std::min(by, sign_(i) > 0.0 ? c_ - alpha_(i) : alpha_(i));
    by = std::min(by, sign_(j) > 0.0 ? alpha_(j) : c_ - alpha_(j));
    alpha_(i) = std::clamp(alpha_(i) + sign_(i) * by, 0.0, c_);
    alpha_(j) = std::clamp(alpha_(j) - sign_(j) * by, 0.0, c_);
    ascent_ -= by * (k_.col(i) - k_.col(j));
  }

  const Eigen::VectorXd& sign_;
  double c_;
  Eigen::MatrixXd k_;
  Eigen::VectorXd alpha_;
  Eigen::VectorXd ascent_;  // s_i - sum_j s_j alpha_j K_ij
};

Eigen::MatrixXd rows_of(const Eigen::MatrixXd& x, const std::vector<Eigen::Index>& rows) {
  return x(rows, Eigen::all);
}

// Decisions for cases that did not train: three folds, dealt within each sign.
Eigen::VectorXd unseen_decisions(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign,
                                 const SvmOptions& options) {
  constexpr int kFolds = 3;
  Eigen::VectorXd decision = Eigen::VectorXd::Zero(sign.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<Eigen::Index> train, test;
    int dealt[2] = {0, 0};
    for (Eigen::Index i = 0; i < sign.size(); ++i) {
      const bool is_test = dealt[sign(i) > 0.0 ? 1 : 0]++ % kFolds == fold;
      (is_test ? test : train).push_back(i);
    }
    const Eigen::VectorXd train_sign = sign(train);
    if (test.empty() || train_sign.minCoeff() == train_sign.maxCoeff()) continue;
    decision(test) =
        fit_support_vectors(rows_of(x, train), train_sign, options).decide(rows_of(x, test));
  }
  return decision;
}

}  // namespace

Eigen::VectorXd SupportVectors::decide(const Eigen::MatrixXd& cases) const {
  return (kernel(cases, x, gamma) * weight).array() - offset;
}

SupportVectors fit_support_vectors(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign,
                                   const SvmOptions& options) {
  Smo smo(x, sign, options);
  smo.solve();
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < sign.size(); ++i) {
    if (smo.alpha()(i) > 0.0) kept.push_back(i);
  }
  const Eigen::VectorXd weight = sign.cwiseProduct(smo.alpha());
  return {rows_of(x, kept), weight(kept), smo.offset(), options.gamma};
}

PlattScale fit_platt(const Eigen::VectorXd& decision, const Eigen::VectorXd& sign) {
  const double positives = static_cast<double>((sign.array() > 0.0).count());
  const double negatives = static_cast<double>(sign.size()) - positives;
  const double high = (positives + 1.0) / (positives + 2.0);  // targets short of 1 and 0
  const double low = 1.0 / (negatives + 2.0);
  const auto loss = [&](const PlattScale& s) {
    double sum = 0.0;
    for (Eigen::Index i = 0; i < sign.size(); ++i) {
      const double t = s.slope * decision(i) + s.offset;
      const double target = sign(i) > 0.0 ? high : low;
      sum += std::max(t, 0.0) - target * t + std::log1p(std::exp(-std::abs(t)));
    }
    return sum;
  };
  PlattScale scale{0.0, std::log((positives + 1.0) / (negatives + 1.0))};
  double value = loss(scale);
  for (int step = 0; step < 100; ++step) {
    double ga = 0.0, gb = 0.0, haa = 1e-12, hbb = 1e-12, hab = 0.0;
    for (Eigen::Index i = 0; i < sign.size(); ++i) {
      const double p = sigmoid(scale.slope * decision(i) + scale.offset);
      const double miss = p - (sign(i) > 0.0 ? high : low);
      const double h = p * (1.0 - p);
      ga += miss * decision(i);
      gb += miss;
      haa += h * decision(i) * decision(i);
      hab += h * decision(i);
      hbb += h;
    }
    if (std::abs(ga) < 1e-5 && std::abs(gb) < 1e-5) break;
    const double det = haa * hbb - hab * hab;
    const double da = -(hbb * ga - hab * gb) / det;
    const double db = -(haa * gb - hab * ga) / det;
    double length = 1.0;
    PlattScale next{scale.slope + da, scale.offset + db};
    while (!(loss(next) < value) && length > 1e-10) {
      length /= 2.0;
      next = {scale.slope + length * da, scale.offset + length * db};
    }
    if (!(loss(next) < value)) break;
    scale = next;
    value = loss(scale);
  }
  scale.slope = std::max(scale.slope, 1e-3);
  return scale;
}

Model fit_svm(const TrainingSet& data, const SvmOptions& options) {
  std::vector<std::shared_ptr<const SupportVectors>> machines;
  const Model by_probability = one_against_rest(
      data, [&](const Eigen::MatrixXd& x, const Eigen::VectorXd& sign) -> BinaryModel {
        const PlattScale scale = fit_platt(unseen_decisions(x, sign, options), sign);
        machines.push_back(
            std::make_shared<const SupportVectors>(fit_support_vectors(x, sign, options)));
        return [machine = machines.back(), scale](const Eigen::MatrixXd& cases) {
          return Eigen::VectorXd(scale.slope * machine->decide(cases).array() + scale.offset);
        };
      });
  if (data.num_classes > 2) return by_probability;
  return [by_probability, machine = machines.front()](const Eigen::MatrixXd& cases) {
    Prediction prediction = by_probability(cases);
    const Eigen::VectorXd decision = machine->decide(cases);
    for (Eigen::Index i = 0; i < decision.size(); ++i) {
      prediction.label[static_cast<std::size_t>(i)] = decision(i) > 0.0 ? 1 : 0;
    }
    return prediction;
  };
}

}  // namespace trimtab::diagnosis
