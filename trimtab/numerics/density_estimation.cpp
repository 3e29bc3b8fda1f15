#include "trimtab/numerics/density_estimation.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace trimtab {
namespace {

// Entropy cost of the energies that dominate, increasing in r.
double cost(double r) { return 0.5 * std::log1p(r) - r / (2.0 * (1.0 + r) * (1.0 + r)); }

double root_of_cost(double alpha) {
  double low = 0.0;
  double high = 1.0;
  while (cost(high) < alpha) high *= 2.0;
  while (true) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) return middle;
    (cost(middle) < alpha ? low : high) = middle;
  }
}

}  // namespace

BandwidthRegimes bandwidth_regimes(double alpha) {
  const double glass = 1.0 / std::sqrt(root_of_cost(alpha));
  const double g = glass * glass;
  return {.glass = glass,
          .clt = std::numbers::sqrt2 * glass,
          .best = glass * std::sqrt(1.0 + 2.0 * g) / (1.0 + g)};
}

double limiting_participation(double ratio) { return std::max(0.0, 1.0 - ratio * ratio); }

KdeRegime kde_regime(std::size_t num_points, double dimensions, double bandwidth) {
  if (num_points <= 1) return KdeRegime::NearestOnly;
  const BandwidthRegimes regimes =
      bandwidth_regimes(std::log(static_cast<double>(num_points)) / dimensions);
  if (bandwidth < regimes.glass) return KdeRegime::NearestOnly;
  return bandwidth < regimes.clt ? KdeRegime::HeavyTail : KdeRegime::Clt;
}

double effective_dimension(const Eigen::MatrixXd& x) {
  const Eigen::MatrixXd centred = x.rowwise() - x.colwise().mean();
  // Both sums are traces: no eigenvalues needed. The smaller Gram matrix has the same ones.
  const Eigen::MatrixXd gram = centred.rows() < centred.cols()
                                   ? Eigen::MatrixXd(centred * centred.transpose())
                                   : Eigen::MatrixXd(centred.transpose() * centred);
  const double squares = gram.squaredNorm();
  return squares > 0.0 ? gram.trace() * gram.trace() / squares : 1.0;
}

Eigen::MatrixXd squared_distances(const Eigen::MatrixXd& points, const Eigen::MatrixXd& queries) {
  Eigen::MatrixXd squared = -2.0 * queries * points.transpose();
  squared.colwise() += queries.rowwise().squaredNorm();
  squared.rowwise() += points.rowwise().squaredNorm().transpose();
  return squared.array().max(0.0);
}

KernelSum gaussian_kernel_sum(std::span<const double> squared, std::size_t dimensions,
                              double bandwidth) {
  const double scale = 1.0 / (2.0 * bandwidth * bandwidth);
  const double nearest = *std::min_element(squared.begin(), squared.end());
  double sum = 0.0;
  double squares = 0.0;
  for (const double distance : squared) {
    const double kernel = std::exp(-(distance - nearest) * scale);
    sum += kernel;
    squares += kernel * kernel;
  }
  const double volume = 0.5 * static_cast<double>(dimensions) *
                        std::log(2.0 * std::numbers::pi * bandwidth * bandwidth);
  const double count = static_cast<double>(squared.size());
  return {.log_density = std::log(sum / count) - nearest * scale - volume,
          .participation = squares / (sum * sum)};
}

double leave_one_out_log_likelihood(const Eigen::MatrixXd& x, double bandwidth) {
  const Eigen::MatrixXd squared = squared_distances(x, x);
  const auto n = static_cast<std::size_t>(x.rows());
  std::vector<double> others(n - 1);
  double sum = 0.0;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index k = 0, to = 0; k < x.rows(); ++k) {
      if (k != i) others[static_cast<std::size_t>(to++)] = squared(k, i);
    }
    sum += gaussian_kernel_sum(others, static_cast<std::size_t>(x.cols()), bandwidth).log_density;
  }
  return sum / static_cast<double>(n);
}

double hill_tail_index(std::span<const double> log_values, std::size_t top) {
  std::vector<double> sorted(log_values.begin(), log_values.end());
  const auto border = sorted.begin() + static_cast<std::ptrdiff_t>(top);
  std::nth_element(sorted.begin(), border, sorted.end(), std::greater<>());
  double excess = 0.0;
  for (auto value = sorted.begin(); value != border; ++value) excess += *value - *border;
  return static_cast<double>(top) / excess;
}

}  // namespace trimtab
