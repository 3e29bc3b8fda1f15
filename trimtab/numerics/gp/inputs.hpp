#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace trimtab::gp {

// Notation in this room
//   n, F, d     points, features, axes; an axis owns one or more features and one length-scale
//   x           features of a point, (F)
//   X           points, (n, F), one after another
//   z           targets, (n), standardised: mean 0, variance 1
//   l           length-scales, (d)         s2, e2   variance of the signal and of the noise
//   r2          squared distance in units of the length-scales, sum_f (x_f - x'_f)^2 / l_a(f)^2
//   k(r2)       s2 (1 + sqrt(5 r2) + 5 r2 / 3) exp(-sqrt(5 r2)), Matern 5/2
//   K, U        k over all pairs plus e2 I; K = U^T U, U upper triangular
//   a           K^-1 z

/// Which axis each feature belongs to. Features of one axis share its length-scale, e.g. the
/// indicator of every choice of a category.
struct Axes {
  std::vector<std::size_t> of_feature;  ///< (F), each below `count`
  std::size_t count = 0;

  /// One feature per axis.
  static Axes simple(std::size_t count);
  std::size_t num_features() const { return of_feature.size(); }
};

struct Hyperparameters {
  std::vector<double> length_scales;
  double signal_variance = 1.0;
  double noise_variance = 1e-3;

  bool operator==(const Hyperparameters&) const = default;
};

/// Matern 5/2 of unit variance: 1 at 0; (1 + sqrt(5) + 5/3) exp(-sqrt(5)) = 0.52399411 at r2 = 1.
/// [tested]
/// Source: Rasmussen and Williams 2006, equation 4.17.  Differs: none.
double matern52(double r2);

/// d matern52 / d r2 = -5/6 (1 + sqrt(5 r2)) exp(-sqrt(5 r2)); -5/6 at 0 [tested].
double matern52_slope(double r2);

}  // namespace trimtab::gp
