#include "trimtab/numerics/gp/classifier.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/bounded_minimum.hpp"
#include "trimtab/numerics/gp/covariance.hpp"
#include "trimtab/numerics/normal.hpp"

namespace trimtab::gp {
namespace {

using Index = Eigen::Index;
using Map = Eigen::Map<const Matrix>;

constexpr int kMaxNewtonSteps = 40;
constexpr int kMaxHalvings = 12;
constexpr double kTolerance = 1e-9;  // of the objective, between Newton steps
constexpr double kLogRootTwoPi = 0.91893853320467274178;
constexpr double kMinLogLength = -4.6;  // 0.01 of the unit cube's side
constexpr double kMaxLogLength = 9.2;
constexpr double kMinLogSignal = -4.6;
constexpr double kMaxLogSignal = 6.9;  // 1000: a border as sharp as the data show
constexpr Index kBlock = 128;

Eigen::Map<const Vector> vector(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

Map matrix(const std::vector<double>& values, std::size_t rows) {
  const std::size_t columns = rows == 0 ? 0 : values.size() / rows;
  return Map(values.data(), static_cast<Index>(rows), static_cast<Index>(columns));
}

void store(const Matrix& from, std::vector<double>& to) {
  to.assign(from.data(), from.data() + from.size());
}

// phi(z) / Phi(z).
double density_ratio(double z) {
  return std::exp(-0.5 * z * z - kLogRootTwoPi - log_normal_cdf(z));
}

struct Likelihood {
  double value = 0.0;
  Vector first;   // g
  Vector second;  // W
  Vector third;   // t
};

Likelihood probit(const Vector& f, const Eigen::Ref<const Vector>& y) {
  Likelihood result{0.0, Vector(f.size()), Vector(f.size()), Vector(f.size())};
  for (Index i = 0; i < f.size(); ++i) {
    const double z = y[i] * f[i];
    const double r = density_ratio(z);
    const double w = std::max(r * (z + r), 1e-12);
    result.value += log_normal_cdf(z);
    result.first[i] = y[i] * r;
    result.second[i] = w;
    result.third[i] = -y[i] * (r - w * (z + 2.0 * r));
  }
  return result;
}

Eigen::LLT<Matrix> factor_of(const Map& covariance, const Vector& root) {
  Matrix b = root.asDiagonal() * covariance * root.asDiagonal();
  b.diagonal().array() += 1.0;
  return Eigen::LLT<Matrix>(b);
}

void add_normal(double t, double mean, double deviation, double& value, double& slope) {
  const double standard = (t - mean) / deviation;
  value += -0.5 * standard * standard;
  slope += -standard / deviation;
}

double log_length_mean(std::size_t num_axes, const ClassifierPrior& prior) {
  return prior.log_length_mean +
         0.5 * std::log(static_cast<double>(std::max<std::size_t>(1, num_axes)));
}

}  // namespace

Classifier::Classifier(Axes axes, Hyperparameters theta, std::span<const double> x,
                       std::span<const double> y, const ClassifierPrior& prior)
    : axes_(std::move(axes)), theta_(std::move(theta)), prior_(prior), labels_(y.begin(), y.end()) {
  if (y.empty() || x.size() != y.size() * axes_.num_features()) {
    throw BugError({.code = "gp.labels",
                    .what = "one label per point is needed",
                    .where = "gp::Classifier",
                    .got = std::to_string(y.size()),
                    .expected = "at least one, and as many points",
                    .hint = ""});
  }
  const Vector inverse = inverse_lengths(axes_, theta_);
  inverse_length_.assign(inverse.data(), inverse.data() + inverse.size());
  const Points points(x.data(), inverse.size(), static_cast<Index>(y.size()));
  const Matrix scaled = inverse.asDiagonal() * points;
  store(scaled, scaled_x_);
  const Vector norms = scaled.colwise().squaredNorm().transpose();
  norms_.assign(norms.data(), norms.data() + norms.size());
  Matrix covariance = squared_distances(scaled, norms, scaled);
  apply_matern52(covariance, theta_.signal_variance);
  covariance.diagonal().setConstant(theta_.signal_variance);
  covariance.array() += prior_.constant_variance;
  store(covariance, covariance_);
  find_mode();
}

void Classifier::find_mode() {
  const auto n = static_cast<Index>(labels_.size());
  const Map covariance = matrix(covariance_, labels_.size());
  const auto y = vector(labels_);
  Vector f = Vector::Zero(n);
  Vector a = Vector::Zero(n);
  Likelihood at = probit(f, y);
  double objective = at.value;
  for (int step = 0; step < kMaxNewtonSteps; ++step) {
    const Vector root = at.second.cwiseSqrt();
    const Eigen::LLT<Matrix> factor = factor_of(covariance, root);
    const Vector b = at.second.cwiseProduct(f) + at.first;
    const Vector solved = factor.solve(root.cwiseProduct(covariance * b));
    const Vector move = b - root.cwiseProduct(solved) - a;
    const double before = objective;
    double length = 1.0;
    for (int half = 0; half < kMaxHalvings; ++half, length *= 0.5) {
      const Vector next_a = a + length * move;
      const Vector next_f = covariance * next_a;
      const Likelihood next = probit(next_f, y);
      const double value = next.value - 0.5 * next_a.dot(next_f);
      if (!(value > before)) continue;
      a = next_a;
      f = next_f;
      at = next;
      objective = value;
      break;
    }
    if (objective - before <= kTolerance * std::max(1.0, std::abs(objective))) break;
  }
  const Vector root = at.second.cwiseSqrt();
  const Matrix lower = factor_of(covariance, root).matrixL();
  store(lower, factor_);
  latent_.assign(f.data(), f.data() + n);
  weights_.assign(at.first.data(), at.first.data() + n);  // a = g at the mode
  root_.assign(root.data(), root.data() + n);
  third_.assign(at.third.data(), at.third.data() + n);
  log_likelihood_ = objective - lower.diagonal().array().log().sum();
}

Classifier::Objective Classifier::objective() const {
  const std::size_t n = labels_.size();
  const std::size_t d = axes_.count;
  const Map covariance = matrix(covariance_, n);
  const auto lower = matrix(factor_, n).triangularView<Eigen::Lower>();
  const Matrix half = lower.solve(Matrix(vector(root_).asDiagonal()));
  const Matrix r = half.transpose() * half;  // W^1/2 B^-1 W^1/2
  const Matrix c = half * covariance;
  const Vector s2 =
      0.5 *
      (covariance.diagonal() - c.colwise().squaredNorm().transpose()).cwiseProduct(vector(third_));
  const auto a = vector(weights_);
  // By each parameter: (a^T dK a - tr(R dK)) / 2 + s2 . (I - K R) dK a; the last is dK : u a^T.
  const Vector u = s2 - r * (covariance * s2);
  Matrix inner = 0.5 * (a * a.transpose() - r) + 0.5 * (u * a.transpose() + a * u.transpose());
  Objective result{log_likelihood_, std::vector<double>(d + 1, 0.0)};
  Matrix signal = covariance.array() - prior_.constant_variance;
  result.gradient[d] = inner.cwiseProduct(signal).sum();
  const Map scaled = matrix(scaled_x_, axes_.num_features());
  signal = squared_distances(scaled, vector(norms_), scaled);
  const Eigen::ArrayXXd distance = (5.0 * signal.array()).sqrt();
  inner.array() *= -5.0 / 6.0 * theta_.signal_variance * (1.0 + distance) * (-distance).exp();
  // d r2 / d log l_a = -2 sum_f in a (x_f - x'_f)^2.
  const Vector row_sums = inner.rowwise().sum();
  const Vector own = scaled.cwiseProduct(scaled) * row_sums;
  const Vector crossed = scaled.cwiseProduct(scaled * inner).rowwise().sum();
  for (std::size_t f = 0; f < axes_.num_features(); ++f) {
    const auto row = static_cast<Index>(f);
    result.gradient[axes_.of_feature[f]] += -4.0 * (own[row] - crossed[row]);
  }
  for (std::size_t j = 0; j < d; ++j) {
    add_normal(std::log(theta_.length_scales[j]), log_length_mean(d, prior_),
               prior_.log_length_deviation, result.value, result.gradient[j]);
  }
  add_normal(std::log(theta_.signal_variance), prior_.log_signal_mean, prior_.log_signal_deviation,
             result.value, result.gradient[d]);
  return result;
}

void Classifier::predict_log(std::span<const double> x, std::span<double> out) const {
  const auto num_features = static_cast<Index>(axes_.num_features());
  const Points queries(x.data(), num_features, static_cast<Index>(out.size()));
  const Map scaled = matrix(scaled_x_, axes_.num_features());
  const auto lower = matrix(factor_, labels_.size()).triangularView<Eigen::Lower>();
  const double prior_variance = theta_.signal_variance + prior_.constant_variance;
  for (Index first = 0; first < queries.cols(); first += kBlock) {
    const Index count = std::min(kBlock, queries.cols() - first);
    const Matrix block = vector(inverse_length_).asDiagonal() * queries.middleCols(first, count);
    Matrix cross = squared_distances(scaled, vector(norms_), block);
    apply_matern52(cross, theta_.signal_variance);
    cross.array() += prior_.constant_variance;
    const Vector means = cross.transpose() * vector(weights_);
    cross = vector(root_).asDiagonal() * cross;
    lower.solveInPlace(cross);
    for (Index i = 0; i < count; ++i) {
      const double variance = std::max(0.0, prior_variance - cross.col(i).squaredNorm());
      out[static_cast<std::size_t>(first + i)] =
          log_normal_cdf(means[i] / std::sqrt(1.0 + variance));
    }
  }
}

Classifier::Gradient Classifier::predict_gradient(std::span<const double> x) const {
  const auto num_features = static_cast<Index>(axes_.num_features());
  const Vector at =
      vector(inverse_length_).cwiseProduct(Eigen::Map<const Vector>(x.data(), num_features));
  const Map scaled = matrix(scaled_x_, axes_.num_features());
  const auto lower = matrix(factor_, labels_.size()).triangularView<Eigen::Lower>();
  const Vector r2 = squared_distances(scaled, vector(norms_), at).col(0);
  const Eigen::ArrayXd r = (5.0 * r2.array()).sqrt();
  const Eigen::ArrayXd decay = theta_.signal_variance * (-r).exp();
  const Vector slope = -5.0 / 6.0 * decay * (1.0 + r);
  const Vector cross = decay * (1.0 + r + r.square() / 3.0) + prior_.constant_variance;
  Vector solved = vector(root_).cwiseProduct(cross);
  lower.solveInPlace(solved);
  const double explained = solved.squaredNorm();
  lower.transpose().solveInPlace(solved);
  solved = vector(root_).cwiseProduct(solved);  // W^1/2 B^-1 W^1/2 k
  const double mean = cross.dot(vector(weights_));
  const double variance =
      std::max(0.0, theta_.signal_variance + prior_.constant_variance - explained);
  const double deviation = std::sqrt(1.0 + variance);
  const double z = mean / deviation;
  const double by_mean = density_ratio(z) / deviation;
  const double by_variance = -0.5 * density_ratio(z) * z / (deviation * deviation);
  // d mean / d x_f = 2 sum_i a_i slope_i (x_f - X_if) / l^2, d variance with -2 (R k)_i for a_i.
  const Vector factor = slope.cwiseProduct(by_mean * vector(weights_) - 2.0 * by_variance * solved);
  const Vector direction = at * factor.sum() - scaled * factor;
  Gradient result{log_normal_cdf(z), std::vector<double>(axes_.num_features(), 0.0)};
  for (std::size_t f = 0; f < axes_.num_features(); ++f) {
    result.slope[f] = 2.0 * inverse_length_[f] * direction[static_cast<Index>(f)];
  }
  return result;
}

Hyperparameters middle_of_prior(std::size_t num_axes, const ClassifierPrior& prior) {
  return {std::vector<double>(num_axes, 1.0), std::exp(prior.log_signal_mean), 0.0};
}

Hyperparameters fit_classifier(const Axes& axes, std::span<const double> x,
                               std::span<const double> y, std::size_t max_evaluations,
                               const ClassifierPrior& prior) {
  const auto exponentials = [&](std::span<const double> t) {
    Hyperparameters theta;
    for (std::size_t j = 0; j < axes.count; ++j) theta.length_scales.push_back(std::exp(t[j]));
    theta.signal_variance = std::exp(t[axes.count]);
    return theta;
  };
  const DifferentiableFunction loss = [&](std::span<const double> t, std::span<double> gradient) {
    const Classifier::Objective got = Classifier(axes, exponentials(t), x, y, prior).objective();
    for (std::size_t j = 0; j < t.size(); ++j) gradient[j] = -got.gradient[j];
    return -got.value;
  };
  std::vector<double> start(axes.count, 0.0);
  start.push_back(prior.log_signal_mean);
  std::vector<double> low(axes.count, kMinLogLength);
  low.push_back(kMinLogSignal);
  std::vector<double> high(axes.count, kMaxLogLength);
  high.push_back(kMaxLogSignal);
  const BoundedOptions options{
      .max_evaluations = max_evaluations, .gradient_tolerance = 1e-3, .value_tolerance = 1e-6};
  return exponentials(minimise_bounded(loss, start, low, high, options).x);
}

}  // namespace trimtab::gp
