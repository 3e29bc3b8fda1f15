#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/core/analysis.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

// Notation in this folder
//   h     hours of the reference machine that a compute class allows, > 0
//   s     tokens a second that a model reaches there at its best batch size
//   ppl   perplexity of the evaluated text a BYTE, so that tokenisers compare
//   trend log ppl = a + b log h

/// Several measurements of a throughput, the warm-up left out.
struct Throughput {
  double per_second = 0.0;          ///< median
  double relative_deviation = 0.0;  ///< deviation over mean; NaN for a single measurement
  std::size_t num_repeats = 0;
  /// Whether a comparison may stand on it: at least two repeats within 5 %.
  bool is_steady() const { return relative_deviation < 0.05; }
};

/// @param repeats  (n) in order of time; > 0.
/// @param warm_up  how many of the first are left out, as long as one remains.
/// @throws UserError "compute_class.throughput" for none, or for one that is not above 0. O(n).
Throughput measure_throughput(std::span<const double> repeats, std::size_t warm_up);

/// Steps that a class pays for: s h 3600 / (batch sequence), halves to even.
/// Source: Stanic et al. 2023, "The Languini Kitchen", section 3.  Differs: none.
///   training_steps(55416, 6, 128, 512) = 18265 [tested]
/// @throws UserError "compute_class.steps" unless the result is a number from 0 to 1e15. O(1).
std::int64_t training_steps(double tokens_per_second, double hours, double batch, double sequence);

/// exp(nll / bytes): perplexity a byte of a text whose whole negative log likelihood is nll nats.
/// @param bytes  > 0, else UserError "compute_class.data". O(1).
double byte_perplexity(double nll, double bytes);

/// One model's results at its classes.
struct ClassTrend {
  std::string model = {};
  std::vector<double> hours = {};       ///< (n), rising
  std::vector<double> perplexity = {};  ///< (n)
  double a = 0.0, b = 0.0;              ///< NaN below two different classes
  /// What the trend of the smaller classes says of the largest, and how far off it is (0.02 = 2 %
  /// too high); nothing below three classes.
  std::optional<double> forecast = {};
  std::optional<double> forecast_error = {};
};

/// Least squares in logarithms. O(n log n).
/// @throws UserError "compute_class.data" for hours or perplexities that are not above 0.
ClassTrend fit_trend(const std::string& model, std::span<const double> hours,
                     std::span<const double> perplexity);

/// Where two trends meet.
struct Crossing {
  double hours = 0.0;      ///< NaN when the trends are parallel
  Interval interval = {};  ///< 95 %, bootstrap of the residuals; an end may be 0 or infinite
  /// Whether the data tell which model gains more from compute: else the crossing says nothing.
  bool is_shown = false;
};

/// Source: crossing of fitted trends as in Stanic et al. 2023; residual bootstrap, Efron and
///   Tibshirani 1993, section 9.5.
/// Differs: residuals are widened by sqrt(n / (n - 2)); a trend of two classes has none, and then
///   nothing is shown.
/// Cost: num_resamples * n.
Crossing find_crossing(const ClassTrend& one, const ClassTrend& other, std::size_t num_resamples,
                       Rng& rng);

/// The analysis "compute_class".
AnalysisEntry compute_class_entry();

}  // namespace trimtab
