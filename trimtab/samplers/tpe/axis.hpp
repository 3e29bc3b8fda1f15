#pragma once

#include <cstddef>
#include <vector>

#include "trimtab/space/dimension.hpp"

namespace trimtab::tpe {

// Notation in this room
//   position   a coordinate as the estimators see it: numeric axes in [0, 1] on the scale of the
//              dimension (logarithm if log), categorical axes the index of the choice
//   n, d       kernels, axes            mean, deviation   of a Gaussian kernel, unit: position
//   density    relative to the uniform measure: it integrates to 1 over [0, 1], or sums to 1 over
//              the cells of a discrete axis weighted by their widths

/// Largest number of values for which a discrete axis is normalised by summing over its values;
/// above, the integral is used (the relative difference is below 1 % at the borders).
inline constexpr std::size_t kMaxTable = 64;

/// One dimension of a space, scaled for density estimation, with its prior kernel.
struct Axis {
  bool is_categorical = false;
  std::size_t num_values = 0;   ///< 0 = continuous
  std::vector<double> centres;  ///< discrete numeric of at most kMaxTable values
  std::vector<double> widths;   ///< of the cells around the centres; they sum to 1
  double cell = 0.0;            ///< mean cell width of a discrete numeric axis, else 0
  double prior_mean = 0.5;      ///< numeric: the prior is one wide Gaussian kernel
  double prior_deviation = 1.0;
  std::vector<double> prior_weights;  ///< categorical: they sum to 1
  double low = 0.0;   ///< position 0 on the scale of the dimension; half a step below if discrete
  double span = 1.0;  ///< from position 0 to position 1, > 0
  Dimension dimension;

  /// @param dimension  of more than one value.
  static Axis of(const Dimension& dimension);

  double position_of(double value) const;
  /// Nearest legal value. Inverse of `position_of`.
  double value_of(double position) const;

  /// log of the integral of a Gaussian kernel over this numeric axis, times its deviation's
  /// sqrt(2 pi): the normaliser that makes exp(-z^2 / 2) a density. O(1), or O(num_values) for
  /// short discrete axes.
  double log_normaliser(double mean, double deviation) const;
};

}  // namespace trimtab::tpe
