#pragma once

#include <cstddef>
#include <span>

#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

// Notation in this file
//   x (J)  a score, or a difference of scores, of each of J folds (or random splits)
//   rho    test items over training items of a split

/// Mean of scores whose training sets overlap, with what can honestly be said about it.
struct ResampledMean {
  double mean = 0.0;
  double standard_error = 0.0;  ///< NaN below two scores
  double t = 0.0;               ///< mean over standard error
  double p = 1.0;               ///< two-sided, of mean 0
  Interval interval = {};       ///< 95 %
};

/// The folds of one table share training rows, so that their scores vary less than those of new
/// tables would: the variance of the mean is (1/J + rho) s^2 instead of s^2/J.
/// Source: Nadeau and Bengio 2003, "Inference for the generalization error", eq. 9; t with J - 1
///   degrees of freedom.  Differs: none.
///   J-fold cross-validation has rho = 1 / (J - 1).
/// @param rho  > 0. O(J).
ResampledMean resampled_mean(std::span<const double> x, double rho);

}  // namespace trimtab
