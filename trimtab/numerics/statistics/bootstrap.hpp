#pragma once

#include <functional>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

/// Bias-corrected and accelerated (BCa) interval from resampled values and the jackknife.
/// Source: Efron 1987; Efron and Tibshirani 1993, equations 14.9, 14.10 and 14.15.
/// Differs: resamples that equal the estimate count half in the bias correction (they are common
///   for whole numbers); quantiles by definition 7.
/// @param values     (r) of the statistic over resamples; NaN or infinite ones are left out.
/// @param estimate   of the data themselves.
/// @param jackknife  (n) of the data without item i.
/// @return a point when the values do not vary; NaN bounds when none is finite. O(r log r + n).
Interval bca_interval(std::span<const double> values, double estimate,
                      std::span<const double> jackknife, double level = 0.95);

/// The BCa interval of any statistic of one sample: transformation respecting and second-order
/// correct, where the percentile interval of numerics/statistics.hpp is first-order.
/// @param statistic      of a sample, (n).
/// @param num_resamples  >= 1; 2000 resolves a 95 % interval.
/// @throws BugError when x has fewer than 2 items or level is outside (0, 1).
/// Cost: (num_resamples + n) * (n + statistic).
Interval bca_bootstrap(std::span<const double> x,
                       const std::function<double(std::span<const double>)>& statistic,
                       std::size_t num_resamples, double level, Rng& rng);

/// The same for data that are not numbers (rows of a table): the statistic sees which items are in.
/// @param statistic  of a list of items, each in 0..num_items-1, with repeats.
Interval bca_bootstrap(std::size_t num_items,
                       const std::function<double(std::span<const std::size_t>)>& statistic,
                       std::size_t num_resamples, double level, Rng& rng);

}  // namespace trimtab
