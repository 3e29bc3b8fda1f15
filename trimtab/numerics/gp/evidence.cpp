#include "trimtab/numerics/gp/evidence.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "trimtab/numerics/bounded_minimum.hpp"
#include "trimtab/numerics/gp/covariance.hpp"

namespace trimtab::gp {
namespace {

constexpr double kMinLogLength = -4.6;  // 0.01 of the unit cube's side
constexpr double kMaxLogLength = 9.2;   // 10 000: the axis has no effect
constexpr double kMinLogSignal = -4.6;
constexpr double kMaxLogSignal = 9.2;

double log_length_mean(std::size_t num_axes, const HyperPrior& prior) {
  return prior.log_length_mean +
         0.5 * std::log(static_cast<double>(std::max<std::size_t>(1, num_axes)));
}

// A normal in t = log x as a density of x: its mode is at mean - deviation^2.
void add_log_normal(double t, double mean, double deviation, double& value, double& slope) {
  const double standard = (t - mean) / deviation;
  value += -0.5 * standard * standard - t;
  slope += -standard / deviation - 1.0;
}

void add_normal(double t, double mean, double deviation, double& value, double& slope) {
  const double standard = (t - mean) / deviation;
  value += -0.5 * standard * standard;
  slope += -standard / deviation;
}

void add_prior(const Hyperparameters& theta, const HyperPrior& prior, Evidence& evidence) {
  const std::size_t d = theta.length_scales.size();
  for (std::size_t j = 0; j < d; ++j) {
    (prior.is_density_of_log ? add_normal : add_log_normal)(
        std::log(theta.length_scales[j]), log_length_mean(d, prior), prior.log_length_deviation,
        evidence.log_prior, evidence.gradient[j]);
  }
  add_normal(std::log(theta.signal_variance), prior.log_signal_mean, prior.log_signal_deviation,
             evidence.log_prior, evidence.gradient[d]);
  add_normal(std::log(theta.noise_variance), prior.log_noise_mean, prior.log_noise_deviation,
             evidence.log_prior, evidence.gradient[d + 1]);
}

// Half the gradient's inner products: H is (a a^T - K^-1) times dk / d r2, element by element, and
// d r2 / d log l_a = -2 sum_f in a (x_f - x'_f)^2 in units of the length-scales.
void add_length_gradient(const Axes& axes, const Matrix& scaled, const Matrix& h,
                         std::vector<double>& gradient) {
  const Vector row_sums = h.rowwise().sum();
  const Matrix product = scaled * h;  // (F, n)
  const Vector own = scaled.cwiseProduct(scaled) * row_sums;
  const Vector crossed = scaled.cwiseProduct(product).rowwise().sum();
  for (std::size_t f = 0; f < axes.num_features(); ++f) {
    const auto row = static_cast<Eigen::Index>(f);
    gradient[axes.of_feature[f]] += -2.0 * (own[row] - crossed[row]);
  }
}

std::vector<double> logarithms(const Hyperparameters& theta) {
  std::vector<double> t;
  for (const double length : theta.length_scales) t.push_back(std::log(length));
  t.push_back(std::log(theta.signal_variance));
  t.push_back(std::log(theta.noise_variance));
  return t;
}

Hyperparameters exponentials(std::span<const double> t) {
  Hyperparameters theta;
  for (std::size_t j = 0; j + 2 < t.size(); ++j) theta.length_scales.push_back(std::exp(t[j]));
  theta.signal_variance = std::exp(t[t.size() - 2]);
  theta.noise_variance = std::exp(t[t.size() - 1]);
  return theta;
}

}  // namespace

Hyperparameters prior_mode(std::size_t num_axes, const HyperPrior& prior) {
  const double log_length =
      log_length_mean(num_axes, prior) - prior.log_length_deviation * prior.log_length_deviation;
  return {std::vector<double>(num_axes, std::exp(log_length)), std::exp(prior.log_signal_mean),
          std::clamp(std::exp(prior.log_noise_mean), prior.min_noise_variance,
                     prior.max_noise_variance)};
}

Evidence log_evidence(const Axes& axes, std::span<const double> x, std::span<const double> z,
                      const Hyperparameters& theta, const HyperPrior& prior) {
  const auto n = static_cast<Eigen::Index>(z.size());
  const Points points(x.data(), static_cast<Eigen::Index>(axes.num_features()), n);
  const Matrix scaled = inverse_lengths(axes, theta).asDiagonal() * points;
  const Vector norms = scaled.colwise().squaredNorm().transpose();
  const Matrix r2 = squared_distances(scaled, norms, scaled);
  Matrix covariance = r2;
  apply_matern52(covariance, theta.signal_variance);
  covariance.diagonal().setConstant(theta.signal_variance + theta.noise_variance);
  Evidence evidence;
  evidence.gradient.assign(axes.count + 2, 0.0);
  const Eigen::LLT<Matrix> factor(covariance);
  const Vector diagonal = factor.matrixLLT().diagonal();
  if (factor.info() != Eigen::Success || !(diagonal.minCoeff() > 0.0)) {
    evidence.log_likelihood = -std::numeric_limits<double>::infinity();
    return evidence;
  }
  const Eigen::Map<const Vector> target(z.data(), n);
  const Vector weights = factor.solve(target);
  evidence.log_likelihood = -0.5 * target.dot(weights) - diagonal.array().log().sum() -
                            0.5 * static_cast<double>(n) * std::log(2.0 * std::numbers::pi);

  Matrix inner = -factor.solve(Matrix::Identity(n, n));
  inner.noalias() += weights * weights.transpose();
  const double trace = inner.trace();
  const double all = inner.cwiseProduct(covariance).sum();
  evidence.gradient[axes.count] = 0.5 * (all - theta.noise_variance * trace);
  evidence.gradient[axes.count + 1] = 0.5 * theta.noise_variance * trace;
  const Eigen::ArrayXXd r = (5.0 * r2.array()).sqrt();
  inner.array() *= -5.0 / 6.0 * theta.signal_variance * (1.0 + r) * (-r).exp();
  add_length_gradient(axes, scaled, inner, evidence.gradient);
  add_prior(theta, prior, evidence);
  return evidence;
}

Fit fit_hyperparameters(const Axes& axes, std::span<const double> x, std::span<const double> z,
                        std::span<const Hyperparameters> starts, std::size_t max_evaluations,
                        const HyperPrior& prior) {
  std::vector<double> low(axes.count, kMinLogLength);
  std::vector<double> high(axes.count, kMaxLogLength);
  low.push_back(kMinLogSignal);
  high.push_back(kMaxLogSignal);
  low.push_back(std::log(prior.min_noise_variance));
  high.push_back(std::log(prior.max_noise_variance));
  const DifferentiableFunction loss = [&](std::span<const double> t, std::span<double> gradient) {
    const Evidence evidence = log_evidence(axes, x, z, exponentials(t), prior);
    for (std::size_t j = 0; j < t.size(); ++j) gradient[j] = -evidence.gradient[j];
    return -evidence.log_likelihood - evidence.log_prior;
  };
  const BoundedOptions options{
      .max_evaluations = max_evaluations, .gradient_tolerance = 1e-3, .value_tolerance = 1e-6};
  Fit best{starts.front(), 0.0, -std::numeric_limits<double>::infinity()};
  for (const Hyperparameters& start : starts) {
    const BoundedMinimum found = minimise_bounded(loss, logarithms(start), low, high, options);
    if (!(-found.value > best.log_posterior)) continue;
    best.theta = exponentials(found.x);
    best.log_posterior = -found.value;
  }
  const Evidence at_best = log_evidence(axes, x, z, best.theta, prior);
  best.log_likelihood = at_best.log_likelihood;
  best.log_posterior = at_best.log_likelihood + at_best.log_prior;
  return best;
}

}  // namespace trimtab::gp
