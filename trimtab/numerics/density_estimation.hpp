#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <span>

namespace trimtab {

// Notation
//   n, d   points, dimensions            alpha  log n / d
//   h      bandwidth of a Gaussian kernel, in standard deviations of the data
//   w_i    share of point i in the density at a place: exp(-|x - y_i|^2 / 2h^2) over its sum

/// What the bandwidth of a kernel density estimator does when n = exp(alpha d) points lie in many
/// dimensions. Above `clt` the estimate is a mean over many points and fluctuates as a normal
/// variable; below `glass` it is the nearest point's kernel; between them its law has heavy tails,
/// of index (h / glass)^2.
struct BandwidthRegimes {
  double glass = 0.0;  ///< h_G
  double clt = 0.0;    ///< h_CLT = sqrt(2) h_G
  /// The bandwidth of the smallest Kullback-Leibler divergence, for d to infinity. Below h_G.
  double best = 0.0;
};

/// For data and kernel that are both Gaussian: h_G = r^(-1/2), r the root of
///   log(1 + r) / 2 - r / (2 (1 + r)^2) = alpha,
/// and best^2 = h_G^2 (1 + 2 h_G^2) / (1 + h_G^2)^2.
///   bandwidth_regimes(0.3) = 0.8677, 1.2272, 0.7836 [tested]
///
/// Source: Biroli and Mezard 2024, "Kernel density estimators in large dimensions" (the regimes);
///   the formulas by the argument of the random energy model (Derrida 1981).
/// Differs: none known; at n and d of practice the best bandwidth lies above its limit (at alpha
/// 0.3:
///   1.125, 1.05 and 1.0 to 1.025 h_G in 10, 20 and 30 dimensions) but below h_CLT.
/// @param alpha  > 0. Cost: O(1), about 60 steps of bisection.
BandwidthRegimes bandwidth_regimes(double alpha);

/// E sum_i w_i^2 for d to infinity: 1 - (h / h_G)^2 below h_G, else 0. @param ratio  h / h_G.
double limiting_participation(double ratio);

enum class KdeRegime : std::uint8_t {
  Clt,         ///< many points carry the density
  HeavyTail,   ///< few do, and which ones is luck
  NearestOnly  ///< one does: the estimator is its nearest neighbour
};

/// @param num_points  n >= 1. @param dimensions  d, maybe an effective one (see
/// effective_dimension), > 0. @param bandwidth  in standard deviations of the data.
KdeRegime kde_regime(std::size_t num_points, double dimensions, double bandwidth);

/// (sum lambda)^2 / sum lambda^2 over the eigenvalues of the data's covariance: d for white data, 1
/// if one direction has all. @param x  (n, d). O(n d^2).
double effective_dimension(const Eigen::MatrixXd& x);

/// Squared distances (queries, n). @param points (n, d). @param queries (q, d). O(q n d).
Eigen::MatrixXd squared_distances(const Eigen::MatrixXd& points, const Eigen::MatrixXd& queries);

/// The estimate at one place, and who carries it.
struct KernelSum {
  double log_density = 0.0;
  double participation = 1.0;  ///< sum w_i^2, in [1 / n, 1]; its inverse is an effective number
};

/// @param squared  distances to the points, (n), n >= 1. @param dimensions  of the space.
/// @param bandwidth  > 0. O(n).
KernelSum gaussian_kernel_sum(std::span<const double> squared, std::size_t dimensions,
                              double bandwidth);

/// Mean over the points of the log density that the others give, the criterion by which a bandwidth
/// is chosen. @param x  (n, d), n >= 2. O(n^2 d).
double leave_one_out_log_likelihood(const Eigen::MatrixXd& x, double bandwidth);

/// Hill's estimate of the tail index from the `top` largest of log values (so that kernels of any
/// size can be told): 1 / mean(log v_(i) - log v_(top + 1)).
/// Source: Hill 1975. @param log_values  more than `top` of them. O(n).
double hill_tail_index(std::span<const double> log_values, std::size_t top);

}  // namespace trimtab
