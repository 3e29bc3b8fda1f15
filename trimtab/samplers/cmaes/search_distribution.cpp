#include "trimtab/samplers/cmaes/search_distribution.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "trimtab/samplers/cmaes/normal.hpp"

namespace trimtab::cmaes {
namespace {

using Vector = Eigen::Map<Eigen::VectorXd>;
using ConstVector = Eigen::Map<const Eigen::VectorXd>;
using Matrix = Eigen::Map<Eigen::MatrixXd>;
using ConstMatrix = Eigen::Map<const Eigen::MatrixXd>;

constexpr double kSpareLength = 3.0;     // beyond sqrt(n), in deviations
constexpr double kLargestDeviation = 1;  // the space has width 1
constexpr double kFurthest = 0.25;       // of the mean beyond a bound, in deviations
constexpr double kSmallestEigenvalue = 1e-20;

ConstVector view(std::span<const double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

}  // namespace

SearchDistribution::SearchDistribution(std::vector<double> mean, double sigma, bool is_diagonal)
    : is_diagonal_(is_diagonal), mean_(std::move(mean)), sigma_(sigma) {
  const std::size_t d = n();
  widening_.assign(d, 1.0);
  scales_.assign(d, 1.0);
  path_sigma_.assign(d, 0.0);
  path_c_.assign(d, 0.0);
  covariance_.assign(is_diagonal ? d : d * d, is_diagonal ? 1.0 : 0.0);
  if (is_diagonal) return;
  for (std::size_t j = 0; j < d; ++j) covariance_[j * d + j] = 1.0;
  basis_ = covariance_;
}

SearchDistribution::SearchDistribution(std::vector<double> mean, double sigma,
                                       std::vector<double> covariance, bool is_diagonal)
    : SearchDistribution(std::move(mean), sigma, is_diagonal) {
  covariance_ = std::move(covariance);
  if (n() > 0) decompose();
}

double SearchDistribution::variance(std::size_t j) const {
  return covariance_[is_diagonal_ ? j : j * n() + j];
}

double SearchDistribution::deviation(std::size_t j) const {
  return sigma_ * widening_[j] * std::sqrt(variance(j));
}

double SearchDistribution::condition() const {
  if (scales_.empty()) return 1.0;
  const auto [low, high] = std::minmax_element(scales_.begin(), scales_.end());
  return (*high / *low) * (*high / *low);
}

void SearchDistribution::draw(Rng& rng, std::span<double> x) const {
  const std::size_t d = n();
  if (is_diagonal_) {
    for (std::size_t j = 0; j < d; ++j) {
      x[j] = mean_[j] + sigma_ * widening_[j] * scales_[j] * rng.normal();
    }
    return;
  }
  std::fill(x.begin(), x.end(), 0.0);
  for (std::size_t k = 0; k < d; ++k) {
    const double length = scales_[k] * rng.normal();
    for (std::size_t j = 0; j < d; ++j) x[j] += length * basis_[k * d + j];
  }
  for (std::size_t j = 0; j < d; ++j) x[j] = mean_[j] + sigma_ * widening_[j] * x[j];
}

// z = C^(-1/2) y.
void SearchDistribution::whiten(std::span<const double> y, std::span<double> z) const {
  Vector result(z.data(), static_cast<Eigen::Index>(z.size()));
  if (is_diagonal_) {
    result = view(y).cwiseQuotient(view(scales_));
    return;
  }
  const auto d = static_cast<Eigen::Index>(n());
  const ConstMatrix basis(basis_.data(), d, d);
  const Eigen::VectorXd turned = (basis.transpose() * view(y)).cwiseQuotient(view(scales_));
  result.noalias() = basis * turned;
}

void SearchDistribution::limit_lengths(std::vector<double>& y, std::vector<double>& lengths) const {
  const std::size_t d = n();
  const double limit = std::sqrt(static_cast<double>(d)) + kSpareLength;
  std::vector<double> z(d);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const std::span<double> row = std::span(y).subspan(i * d, d);
    whiten(row, z);
    lengths[i] = view(z).norm();
    if (lengths[i] <= limit) continue;
    for (double& entry : row) entry *= limit / lengths[i];
    lengths[i] = limit;
  }
}

void SearchDistribution::update(std::span<const double> x, const Selection& selection,
                                const Constants& constants) {
  const std::size_t d = n();
  const std::size_t lambda = selection.mean.size();
  std::vector<double> y(x.begin(), x.end());
  for (std::size_t i = 0; i < lambda; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      y[i * d + j] = (y[i * d + j] - mean_[j]) / (sigma_ * widening_[j]);
    }
  }
  std::vector<double> lengths(lambda);
  limit_lengths(y, lengths);
  std::vector<double> step(d, 0.0);
  for (std::size_t i = 0; i < lambda; ++i) {
    for (std::size_t j = 0; j < d; ++j) step[j] += selection.mean[i] * y[i * d + j];
  }
  move_mean(step);

  ++generation_;
  const bool is_stalled = advance_paths(step, selection.mu_eff, constants);
  adapt_covariance(y, lengths, selection, constants, is_stalled);
  adapt_sigma(constants);
  const double rate = 10.0 * static_cast<double>(d) * (constants.c_1 + constants.c_mu);
  if (static_cast<double>(generation_ - decomposed_) * rate >= 1.0) decompose();
}

// Keeps the mean where draws still fall into [0, 1], and `step` what it has really moved.
void SearchDistribution::move_mean(std::vector<double>& step) {
  for (std::size_t j = 0; j < n(); ++j) {
    const double reach = kFurthest * deviation(j);
    const double target = mean_[j] + sigma_ * widening_[j] * step[j];
    const double place =
        std::clamp(target, std::min(mean_[j], -reach), std::max(mean_[j], 1.0 + reach));
    step[j] = (place - mean_[j]) / (sigma_ * widening_[j]);
    mean_[j] = place;
  }
}

// Whether p_sigma is so long that p_c has to wait (h_sigma = 0).
bool SearchDistribution::advance_paths(std::span<const double> step, double mu_eff,
                                       const Constants& constants) {
  const std::size_t d = n();
  std::vector<double> turned(d);
  whiten(step, turned);
  const double c_sigma = constants.c_sigma;
  const double c_c = constants.c_c;
  const double gain = std::sqrt(c_sigma * (2.0 - c_sigma) * mu_eff);
  for (std::size_t j = 0; j < d; ++j) {
    path_sigma_[j] = (1.0 - c_sigma) * path_sigma_[j] + gain * turned[j];
  }
  const double warm_up =
      std::sqrt(1.0 - std::pow(1.0 - c_sigma, 2.0 * static_cast<double>(generation_)));
  const bool is_stalled = view(path_sigma_).norm() / warm_up >=
                          (1.4 + 2.0 / (static_cast<double>(d) + 1.0)) * constants.chi_n;
  const double gain_c = is_stalled ? 0.0 : std::sqrt(c_c * (2.0 - c_c) * mu_eff);
  for (std::size_t j = 0; j < d; ++j) path_c_[j] = (1.0 - c_c) * path_c_[j] + gain_c * step[j];
  return is_stalled;
}

void SearchDistribution::adapt_sigma(const Constants& constants) {
  const double excess = view(path_sigma_).norm() / constants.chi_n - 1.0;
  sigma_ *= std::exp(std::min(1.0, constants.c_sigma / constants.d_sigma * excess));
  double largest = 0.0;
  for (std::size_t j = 0; j < n(); ++j) largest = std::max(largest, deviation(j));
  if (largest > kLargestDeviation) sigma_ *= kLargestDeviation / largest;
}

void SearchDistribution::adapt_covariance(const std::vector<double>& y,
                                          const std::vector<double>& lengths,
                                          const Selection& selection, const Constants& constants,
                                          bool is_stalled) {
  const std::size_t d = n();
  double total = 0.0;
  for (const double w : selection.covariance) total += w;
  const double lost = is_stalled ? constants.c_c * (2.0 - constants.c_c) : 0.0;
  const double kept = 1.0 + constants.c_1 * lost - constants.c_1 - constants.c_mu * total;
  for (double& entry : covariance_) entry *= kept;
  const auto add = [&](const double* v, double weight) {
    for (std::size_t j = 0; j < d; ++j) {
      if (is_diagonal_) {
        covariance_[j] += weight * v[j] * v[j];
        continue;
      }
      for (std::size_t k = 0; k < d; ++k) covariance_[j * d + k] += weight * v[j] * v[k];
    }
  };
  add(path_c_.data(), constants.c_1);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    double w = selection.covariance[i];
    if (w < 0.0) w *= static_cast<double>(d) / std::max(lengths[i] * lengths[i], 1e-12);
    add(&y[i * d], constants.c_mu * w);
  }
}

void SearchDistribution::decompose() {
  decomposed_ = generation_;
  const std::size_t d = n();
  double largest = kSmallestEigenvalue;
  if (is_diagonal_) {
    for (const double entry : covariance_) largest = std::max(largest, entry);
    for (std::size_t j = 0; j < d; ++j) {
      covariance_[j] = std::max(covariance_[j], kSmallestEigenvalue * largest);
      scales_[j] = std::sqrt(covariance_[j]);
    }
    return;
  }
  const auto size = static_cast<Eigen::Index>(d);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      Matrix(covariance_.data(), size, size));
  Matrix(basis_.data(), size, size) = solver.eigenvectors();
  for (std::size_t j = 0; j < d; ++j) {
    largest = std::max(largest, solver.eigenvalues()[static_cast<Eigen::Index>(j)]);
  }
  for (std::size_t j = 0; j < d; ++j) {
    scales_[j] = std::sqrt(std::max(solver.eigenvalues()[static_cast<Eigen::Index>(j)],
                                    kSmallestEigenvalue * largest));
  }
}

void SearchDistribution::keep_margin(std::size_t j, const Cell& cell, double alpha) {
  const double unwidened = sigma_ * std::sqrt(variance(j));
  double& m = mean_[j];
  if (std::isinf(cell.low) || std::isinf(cell.high)) {
    // One border: the mean is at most as far from it as leaves a mass of alpha beyond, and wide
    // enough that this holds at the centre of the cell.
    if (std::isinf(cell.low) && std::isinf(cell.high)) return;
    const double border = std::isinf(cell.low) ? cell.high : cell.low;
    const double z = normal_quantile(1.0 - alpha);
    widening_[j] = std::max(widening_[j], std::abs(cell.centre - border) / (z * unwidened));
    const double reach = z * unwidened * widening_[j];
    if (std::abs(m - border) > reach) m = border + (m < border ? -reach : reach);
    return;
  }
  const double deviation = unwidened * widening_[j];
  const double half = alpha / 2.0;
  const double below = normal_below((cell.low - m) / deviation);
  const double above = normal_below((m - cell.high) / deviation);
  if (below >= half && above >= half) return;
  const double inside = 1.0 - below - above;
  double low = std::max(below, half);
  double high = std::max(above, half);
  const double excess = (1.0 - low - high - inside) / (low + high + inside - 3.0 * half);
  low += excess * (low - half);
  high += excess * (high - half);
  const double z_low = normal_quantile(1.0 - std::clamp(low, half, 0.5));
  const double z_high = normal_quantile(1.0 - std::clamp(high, half, 0.5));
  m = (cell.low * z_high + cell.high * z_low) / (z_low + z_high);
  widening_[j] = (cell.high - cell.low) / ((z_low + z_high) * unwidened);
}

}  // namespace trimtab::cmaes
