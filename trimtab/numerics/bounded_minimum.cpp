#include "trimtab/numerics/bounded_minimum.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

using Vector = std::vector<double>;

constexpr double kArmijo = 1e-4;
constexpr int kMaxBacktracks = 20;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

struct Pair {
  Vector s;
  Vector y;
  double inverse_curvature;  // 1 / (s . y)
};

class Search {
 public:
  Search(const DifferentiableFunction& function, std::span<const double> low,
         std::span<const double> high, const BoundedOptions& options)
      : function_(function), low_(low), high_(high), options_(options) {}

  BoundedMinimum run(std::span<const double> start) {
    x_.assign(start.begin(), start.end());
    project(x_);
    value_ = evaluate(x_, gradient_);
    if (!std::isfinite(value_)) return result(false);
    while (num_evaluations_ < options_.max_evaluations) {
      find_free();
      if (projected_gradient() <= options_.gradient_tolerance) return result(true);
      const double before = value_;
      if (!step()) {
        if (pairs_.empty()) return result(true);  // no descent left along the gradient either
        pairs_.clear();
        continue;
      }
      if (before - value_ <= options_.value_tolerance * std::max(1.0, std::abs(value_))) {
        return result(true);
      }
    }
    return result(false);
  }

 private:
  BoundedMinimum result(bool is_converged) const {
    return {x_, value_, num_evaluations_, is_converged};
  }

  void project(Vector& x) const {
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = std::clamp(x[j], low_[j], high_[j]);
  }

  double evaluate(const Vector& x, Vector& gradient) {
    ++num_evaluations_;
    gradient.assign(x.size(), 0.0);
    const double value = function_(x, gradient);
    const bool is_finite =
        std::isfinite(value) &&
        std::all_of(gradient.begin(), gradient.end(), [](double g) { return std::isfinite(g); });
    return is_finite ? value : std::numeric_limits<double>::infinity();
  }

  void find_free() {
    is_free_.resize(x_.size());
    for (std::size_t j = 0; j < x_.size(); ++j) {
      const bool is_held = (x_[j] <= low_[j] && gradient_[j] > 0.0) ||
                           (x_[j] >= high_[j] && gradient_[j] < 0.0) || low_[j] >= high_[j];
      is_free_[j] = !is_held;
    }
  }

  double projected_gradient() const {
    double largest = 0.0;
    for (std::size_t j = 0; j < x_.size(); ++j) {
      if (is_free_[j]) largest = std::max(largest, std::abs(gradient_[j]));
    }
    return largest;
  }

  // -H g on the free coordinates, H from the pairs; falls back on -g.
  Vector direction() const {
    Vector q(x_.size(), 0.0);
    for (std::size_t j = 0; j < q.size(); ++j) q[j] = is_free_[j] ? gradient_[j] : 0.0;
    const Vector steepest = q;
    Vector a(pairs_.size());
    for (std::size_t k = pairs_.size(); k-- > 0;) {
      a[k] = pairs_[k].inverse_curvature * dot(pairs_[k].s, q);
      for (std::size_t j = 0; j < q.size(); ++j) q[j] -= a[k] * pairs_[k].y[j];
    }
    if (!pairs_.empty()) {
      const Pair& last = pairs_.back();
      const double scale = 1.0 / (last.inverse_curvature * dot(last.y, last.y));
      for (double& entry : q) entry *= scale;
    }
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      const double b = pairs_[k].inverse_curvature * dot(pairs_[k].y, q);
      for (std::size_t j = 0; j < q.size(); ++j) q[j] += (a[k] - b) * pairs_[k].s[j];
    }
    for (std::size_t j = 0; j < q.size(); ++j) q[j] = is_free_[j] ? -q[j] : 0.0;
    if (dot(q, steepest) < 0.0) return q;
    for (std::size_t j = 0; j < q.size(); ++j) q[j] = -steepest[j];
    return q;
  }

  // One line search; false when it found no decrease.
  bool step() {
    const Vector p = direction();
    const double norm = std::sqrt(dot(p, p));
    double length = pairs_.empty() ? std::min(1.0, 1.0 / norm) : 1.0;
    Vector next;
    Vector next_gradient;
    for (int k = 0; k < kMaxBacktracks && num_evaluations_ < options_.max_evaluations; ++k) {
      next = x_;
      for (std::size_t j = 0; j < next.size(); ++j) next[j] += length * p[j];
      project(next);
      double slope = 0.0;
      for (std::size_t j = 0; j < next.size(); ++j) slope += gradient_[j] * (next[j] - x_[j]);
      const double value = evaluate(next, next_gradient);
      if (value <= value_ + kArmijo * slope && value < value_) {
        accept(std::move(next), std::move(next_gradient), value);
        return true;
      }
      // The minimum of the parabola through both values and the slope, within [0.1, 0.5].
      const double curve = 2.0 * (value - value_ - slope);
      const double factor = std::isfinite(value) && curve > 0.0 ? -slope / curve : 0.1;
      length *= std::clamp(factor, 0.1, 0.5);
    }
    return false;
  }

  void accept(Vector next, Vector next_gradient, double value) {
    Pair pair{next, next_gradient, 0.0};
    for (std::size_t j = 0; j < x_.size(); ++j) {
      pair.s[j] -= x_[j];
      pair.y[j] -= gradient_[j];
    }
    const double curvature = dot(pair.s, pair.y);
    if (curvature > 1e-10 * dot(pair.y, pair.y)) {
      pair.inverse_curvature = 1.0 / curvature;
      pairs_.push_back(std::move(pair));
      if (pairs_.size() > options_.history) pairs_.pop_front();
    }
    x_ = std::move(next);
    gradient_ = std::move(next_gradient);
    value_ = value;
  }

  const DifferentiableFunction& function_;
  std::span<const double> low_;
  std::span<const double> high_;
  BoundedOptions options_;
  Vector x_;
  Vector gradient_;
  double value_ = 0.0;
  std::vector<bool> is_free_;
  std::deque<Pair> pairs_;
  std::size_t num_evaluations_ = 0;
};

}  // namespace

BoundedMinimum minimise_bounded(const DifferentiableFunction& function,
                                std::span<const double> start, std::span<const double> low,
                                std::span<const double> high, const BoundedOptions& options) {
  if (low.size() != start.size() || high.size() != start.size()) {
    throw BugError({.code = "numerics.bounds",
                    .what = "start and bounds differ in length",
                    .where = "minimise_bounded",
                    .got = std::to_string(start.size()) + ", " + std::to_string(low.size()) + ", " +
                           std::to_string(high.size()),
                    .expected = "equal lengths",
                    .hint = ""});
  }
  return Search(function, low, high, options).run(start);
}

}  // namespace trimtab
