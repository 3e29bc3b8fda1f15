#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/core/rank.hpp"

namespace trimtab::cmaes {

// Notation in this room
//   n         Gaussian coordinates            lambda, mu  trials of a generation, its better half
//   m, sigma  mean (n), step size             C           covariance (n, n) or its diagonal (n)
//   x         a candidate (n)                 y           (x - m) / (sigma a), distributed N(0, C)
//   a         widening of each coordinate     w           weights by rank, best first
//   p_sigma, p_c  evolution paths (n)         mu_eff      1 / sum of the squared positive weights

/// The strategy constants of a generation size.
///
/// Source: Hansen 2016, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, table 1 and
///   equations 49 to 58; Ros and Hansen 2008, "A simple modification in CMA-ES achieving linear
///   time and space complexity", section 3 (learning rates of the diagonal form, (n + 2) / 3
///   times).
/// Differs: none.
///   n = 5, lambda = 8: mu_eff = 2.600179, c_sigma = 0.365088, c_1 = 0.047292 [tested]
struct Constants {
  std::size_t n = 0;
  std::size_t lambda = 0;
  std::vector<double> weights;  ///< (lambda), the positive ones sum to 1
  double mu_eff = 0.0;
  double c_sigma = 0.0;
  double d_sigma = 0.0;
  double c_c = 0.0;
  double c_1 = 0.0;
  double c_mu = 0.0;
  double chi_n = 0.0;  ///< expected length of a standard normal vector

  /// @param n  0 is allowed: only the weights are meaningful then. @param lambda  >= 2.
  static Constants of(std::size_t n, std::size_t lambda, bool is_diagonal);
};

/// The default generation size, 4 + floor(3 ln d); 4 for d = 0.
std::size_t default_lambda(std::size_t num_parameters);

/// Weights of the trials of one generation, in the order of the trials.
struct Selection {
  std::vector<double> mean;        ///< >= 0, they sum to 1
  std::vector<double> covariance;  ///< positive and negative
  double mu_eff = 0.0;             ///< of `mean`
};

/// Trials that tie share the mean of their weights, so that the order among them changes nothing.
/// O(lambda log lambda).
Selection select(std::span<const Rank> ranks, const Constants& constants);

}  // namespace trimtab::cmaes
