#include "trimtab/samplers/tpe/axis.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace trimtab::tpe {
namespace {

// The dimension's own scale: logarithm if log.
double scaled(const Dimension& dimension, double value) {
  return dimension.is_log ? std::log(value) : value;
}

// Discrete axes reach half a step beyond their outermost values, so that every value has a cell.
void set_ends(Axis& axis) {
  const Dimension& dimension = axis.dimension;
  if (dimension.levels > 1) {
    const double low = scaled(dimension, dimension.low);
    const double range = scaled(dimension, dimension.high) - low;
    const double spacing = range / static_cast<double>(dimension.levels - 1);
    axis.low = low - spacing / 2.0;
    axis.span = range + spacing;
    return;
  }
  const double half = dimension.is_discrete() ? dimension.step / 2.0 : 0.0;
  double low = dimension.low - half;
  if (dimension.is_log && low <= 0.0) low = dimension.low / 2.0;
  axis.low = scaled(dimension, low);
  axis.span = scaled(dimension, dimension.high + half) - axis.low;
}

// Cells as large as `Dimension` makes them: levels are equal, steps reach half a step to both
// sides.
void set_table(Axis& axis) {
  const Dimension& dimension = axis.dimension;
  double left = 0.0;
  for (std::uint64_t k = 0; k < axis.num_values; ++k) {
    const double value = dimension.value_at(k);
    double right = static_cast<double>(k + 1) * axis.cell;
    if (dimension.levels == 0) {
      right = (scaled(dimension, value + dimension.step / 2.0) - axis.low) / axis.span;
    }
    if (k + 1 == axis.num_values) right = 1.0;
    axis.centres.push_back(axis.position_of(value));
    axis.widths.push_back(right - left);
    left = right;
  }
}

void set_numeric_prior(Axis& axis) {
  const Prior& prior = axis.dimension.prior;
  if (prior.shape == Prior::Shape::Normal) {
    axis.prior_mean = (prior.mean - axis.low) / axis.span;
    axis.prior_deviation = prior.deviation / axis.span;
  } else if (prior.shape == Prior::Shape::Weights && prior.weights.size() == axis.num_values) {
    // An ordinal with weights: the Gaussian of the same mean and deviation.
    double total = 0.0, first = 0.0, second = 0.0;
    for (std::size_t k = 0; k < axis.num_values; ++k) {
      const double position = axis.position_of(axis.dimension.value_at(k));
      total += prior.weights[k];
      first += prior.weights[k] * position;
      second += prior.weights[k] * position * position;
    }
    axis.prior_mean = first / total;
    const double variance = std::max(0.0, second / total - axis.prior_mean * axis.prior_mean);
    axis.prior_deviation = std::max(std::sqrt(variance), axis.cell);
  }
}

double standard_normal_mass(double low, double high) {
  // Both tails from erfc of positive arguments, to keep the digits of small masses.
  const double root = std::numbers::sqrt2;
  if (low > 0.0) return 0.5 * (std::erfc(low / root) - std::erfc(high / root));
  if (high < 0.0) return 0.5 * (std::erfc(-high / root) - std::erfc(-low / root));
  return 1.0 - 0.5 * std::erfc(-low / root) - 0.5 * std::erfc(high / root);
}

}  // namespace

Axis Axis::of(const Dimension& dimension) {
  Axis axis;
  axis.dimension = dimension;
  axis.is_categorical = dimension.kind == Kind::Categorical;
  if (dimension.kind == Kind::Ordinal) axis.dimension.step = 1.0;
  axis.num_values = static_cast<std::size_t>(dimension.count());
  if (axis.is_categorical) {
    const Prior& prior = dimension.prior;
    axis.prior_weights = prior.shape == Prior::Shape::Weights
                             ? prior.weights
                             : std::vector<double>(axis.num_values, 1.0);
    const double total = std::accumulate(axis.prior_weights.begin(), axis.prior_weights.end(), 0.0);
    for (double& weight : axis.prior_weights) weight /= total;
    return axis;
  }
  set_ends(axis);
  if (axis.num_values > 0) {
    axis.cell = 1.0 / static_cast<double>(axis.num_values);
    if (axis.num_values <= kMaxTable) set_table(axis);
  }
  set_numeric_prior(axis);
  return axis;
}

double Axis::position_of(double value) const {
  if (is_categorical) return value;
  return std::clamp((scaled(dimension, value) - low) / span, 0.0, 1.0);
}

double Axis::value_of(double position) const {
  if (is_categorical) return position;
  const double value = low + position * span;
  return dimension.clip(dimension.is_log ? std::exp(value) : value);
}

double Axis::log_normaliser(double mean, double deviation) const {
  if (!centres.empty()) {
    double sum = 0.0;
    for (std::size_t k = 0; k < centres.size(); ++k) {
      const double z = (centres[k] - mean) / deviation;
      if (z * z < 1400.0) sum += widths[k] * std::exp(-0.5 * z * z);
    }
    return std::log(std::max(sum, 1e-300));
  }
  const double mass = standard_normal_mass(-mean / deviation, (1.0 - mean) / deviation);
  return std::log(std::max(mass * deviation * std::sqrt(2.0 * std::numbers::pi), 1e-300));
}

}  // namespace trimtab::tpe
