#include "trimtab/workloads/value_dynamics/support_vector_regression.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace trimtab::values {
namespace {

constexpr double kViolation = 1e-4;
constexpr double kFlat = 1e-12;  // curvature along a pair is at least this
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Eigen::MatrixXd kernel(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b, double gamma) {
  Eigen::MatrixXd k = -2.0 * a * b.transpose();
  k.colwise() += a.rowwise().squaredNorm();
  k.rowwise() += b.rowwise().squaredNorm().transpose();
  return (-gamma * k.array().max(0.0)).exp();
}

// The dual as a problem in 2n variables a_t in [0, C]: t < n pushes f up at case t (sign +1), t >=
// n pushes it down at case t - n (sign -1). beta_i = a_i - a_(n+i); sum_t sign_t a_t = 0.
class Smo {
 public:
  Smo(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const SvrOptions& options)
      : n_(y.size()),
        c_(options.c),
        k_(kernel(x, x, options.gamma)),
        a_(Eigen::VectorXd::Zero(2 * n_)),
        ascent_(2 * n_) {
    ascent_.head(n_) = y.array() - options.tube;
    ascent_.tail(n_) = y.array() + options.tube;
  }

  void solve() {
    const Eigen::Index most = 200 * n_ + 10000;
    for (Eigen::Index step = 0; step < most; ++step) {
      const auto [i, j] = worst_pair();
      if (j < 0) return;
      move(i, j);
    }
  }

  Eigen::VectorXd beta() const { return a_.head(n_) - a_.tail(n_); }

  /// At the optimum free variables have the same ascent: the offset.
  double offset() const {
    double sum = 0.0;
    int num_free = 0;
    double low = -kInfinity;
    double high = kInfinity;
    for (Eigen::Index t = 0; t < 2 * n_; ++t) {
      if (a_(t) > 0.0 && a_(t) < c_) {
        sum += ascent_(t);
        ++num_free;
      }
      if (may_rise(t)) low = std::max(low, ascent_(t));
      if (may_fall(t)) high = std::min(high, ascent_(t));
    }
    return num_free > 0 ? sum / num_free : (low + high) / 2.0;
  }

 private:
  // sign_t a_t may grow, or shrink.
  bool may_rise(Eigen::Index t) const { return t < n_ ? a_(t) < c_ : a_(t) > 0.0; }
  bool may_fall(Eigen::Index t) const { return t < n_ ? a_(t) > 0.0 : a_(t) < c_; }
  Eigen::Index row(Eigen::Index t) const { return t < n_ ? t : t - n_; }

  std::pair<Eigen::Index, Eigen::Index> worst_pair() const {
    Eigen::Index i = -1;
    double top = -kInfinity;
    for (Eigen::Index t = 0; t < 2 * n_; ++t) {
      if (ascent_(t) > top && may_rise(t)) {
        top = ascent_(t);
        i = t;
      }
    }
    Eigen::Index j = -1;
    double bottom = kInfinity;
    double best = 0.0;
    for (Eigen::Index t = 0; i >= 0 && t < 2 * n_; ++t) {
      if (!may_fall(t)) continue;
      bottom = std::min(bottom, ascent_(t));
      const double slope = top - ascent_(t);
      if (slope <= 0.0) continue;
      const double gain = slope * slope / std::max(kFlat, 2.0 - 2.0 * k_(row(t), row(i)));
      if (gain > best) {
        best = gain;
        j = t;
      }
    }
    if (top - bottom < kViolation) j = -1;
    return {i, j};
  }

  // Raises sign_i a_i and lowers sign_j a_j by the same, to the optimum or a bound.
  void move(Eigen::Index i, Eigen::Index j) {
    double by = (ascent_(i) - ascent_(j)) / std::max(kFlat, 2.0 - 2.0 * k_(row(j), row(i)));
    by = std::min(by, i < n_ ? c_ - a_(i) : a_(i));
    by = std::min(by, j < n_ ? a_(j) : c_ - a_(j));
    a_(i) = std::clamp(a_(i) + (i < n_ ? by : -by), 0.0, c_);
    a_(j) = std::clamp(a_(j) - (j < n_ ? by : -by), 0.0, c_);
    const Eigen::VectorXd change = by * (k_.col(row(i)) - k_.col(row(j)));
    ascent_.head(n_) -= change;
    ascent_.tail(n_) -= change;
  }

  Eigen::Index n_;
  double c_;
  Eigen::MatrixXd k_;
  Eigen::VectorXd a_;
  Eigen::VectorXd ascent_;  // y_t -+ tube - sum_i beta_i K_ti
};

}  // namespace

Eigen::VectorXd SupportVectorRegression::predict(const Eigen::MatrixXd& x) const {
  return (kernel(x, vectors, gamma) * beta).array() + offset;
}

SupportVectorRegression fit_support_vector_regression(const Eigen::MatrixXd& x,
                                                      const Eigen::VectorXd& y,
                                                      const SvrOptions& options) {
  Smo smo(x, y, options);
  smo.solve();
  const Eigen::VectorXd beta = smo.beta();
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < beta.size(); ++i) {
    if (beta(i) != 0.0) kept.push_back(i);
  }
  return {x(kept, Eigen::all), beta(kept), smo.offset(), options.gamma};
}

}  // namespace trimtab::values
