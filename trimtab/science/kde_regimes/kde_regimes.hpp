#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <utility>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/numerics/density_estimation.hpp"

namespace trimtab {

// Notation in this folder
//   n, d   points and columns of the table, each column scaled to deviation 1
//   d_eff  effective dimension of the points, in [1, d]
//   h      bandwidth of a Gaussian kernel, in deviations of the data

/// What a kernel density estimate of some points stands on.
struct KdeDiagnosis {
  std::size_t num_points = 0, dimensions = 0;
  double effective_dimension = 0.0;   ///< corrected for the number of points, in [1, d]
  BandwidthRegimes regimes = {};      ///< for n points in d_eff dimensions
  double bandwidth = 0.0;             ///< the one that was asked about
  KdeRegime regime = KdeRegime::Clt;  ///< of Gaussian data with this n and d_eff, by theory
  /// Measured at each point with that point left out: points that carry the density there, median;
  /// 1 = the nearest alone.
  double effective_points = 0.0;
  double log_likelihood = 0.0;       ///< at `bandwidth`, mean over the points left out
  double best_bandwidth = 0.0;       ///< of the largest such likelihood, within 1 %
  double best_log_likelihood = 0.0;  ///< there
  /// What was looked at on the way: (bandwidth, log likelihood), by bandwidth.
  std::vector<std::pair<double, double>> likelihoods = {};
};

/// Scott's rule for d dimensions, n^(-1 / (d + 4)), in deviations of the data.
double scott_bandwidth(std::size_t num_points, std::size_t dimensions);

/// Source: Biroli and Mezard 2024 (regimes); participation as in disordered systems, the
///   leave-one-out likelihood of Duin 1976.
/// Differs: d_eff stands in for d, since real data are correlated: 1 / (1 / p - 1 / (n - 1)) with p
///   the participation of the sample's eigenvalues, which white data of n points have at
///   1 / (1 / d + 1 / (n - 1)).
/// @param points     (n, d), n >= 3; columns that do not vary are left out.
/// @param bandwidth  in deviations, 0 = Scott's rule.
/// @throws UserError "kde_regimes.data" for fewer points, no column that varies, or numbers that
/// are not finite.
/// O(n^2 d).
KdeDiagnosis diagnose_kde(const Eigen::MatrixXd& points, double bandwidth);

/// The analysis "kde_regimes".
AnalysisEntry kde_regimes_entry();

}  // namespace trimtab
