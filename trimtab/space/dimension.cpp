// Notation: u = position in [0, 1]; k = index of a discrete value; cell = the part of [0, 1] that
// belongs to one discrete value; scale = identity or natural logarithm.
#include "trimtab/space/dimension.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

bool is_integral(double value) {
  return std::abs(value - std::round(value)) <= 1e-9 * std::max(1.0, std::abs(value));
}

// low + k * step, but 0.3 instead of 0.30000000000000004 for decimal steps: when both are whole
// numbers of some decimal unit, the quotient of two whole numbers is the double nearest to the
// decimal.
double grid_value(double low, double step, double k) {
  if (low == std::floor(low) && step == std::floor(step)) return low + k * step;
  for (double units = 10.0; units <= 1e9; units *= 10.0) {
    if (!is_integral(low * units) || !is_integral(step * units)) continue;
    return (std::round(low * units) + k * std::round(step * units)) / units;
  }
  return low + k * step;
}

// The ends of the logarithmic scale of a discrete dimension: half a step beyond both values.
struct LogEdges {
  double low;
  double high;
};
LogEdges log_edges(const Dimension& dimension) {
  const double below = 0.5 * std::min(dimension.step, dimension.low);
  return {std::log(dimension.low - below), std::log(dimension.high + 0.5 * dimension.step)};
}

bool has_unequal_cells(const Dimension& dimension) {
  return dimension.is_log && dimension.step > 0.0;
}

double nearest_index(const Dimension& dimension, double value, std::uint64_t count) {
  if (count == 1) return 0.0;  // a real of one value has no step
  double position = 0.0;
  const double last = static_cast<double>(count - 1);
  if (!dimension.is_numeric()) {
    position = value;
  } else if (dimension.levels > 0 && dimension.is_log) {
    position = last * std::log(std::max(value, dimension.low) / dimension.low) /
               std::log(dimension.high / dimension.low);
  } else if (dimension.levels > 0) {
    position = last * (value - dimension.low) / (dimension.high - dimension.low);
  } else {
    position = (value - dimension.low) / dimension.step;
  }
  return std::clamp(std::round(position), 0.0, last);
}

}  // namespace

bool Clause::holds(double parent_value) const {
  if (std::isnan(parent_value)) return false;
  if (allowed.empty()) return parent_value >= low && parent_value <= high;
  const auto index = static_cast<std::size_t>(parent_value);
  return parent_value >= 0.0 && index < allowed.size() && allowed[index];
}

std::uint64_t Dimension::count() const {
  if (!is_numeric()) return static_cast<std::uint64_t>(high) + 1;
  if (low == high) return 1;
  if (levels > 0) return levels;
  if (step <= 0.0) return 0;
  return static_cast<std::uint64_t>(std::llround((high - low) / step)) + 1;
}

double Dimension::value_at(std::uint64_t k) const {
  const std::uint64_t num_values = count();
  if (k >= num_values) {
    throw BugError({.code = "space.no_such_value",
                    .what = "the dimension has no value of that index",
                    .where = name,
                    .got = std::to_string(k),
                    .expected = "an index below " + std::to_string(num_values),
                    .hint = ""});
  }
  if (!is_numeric()) return static_cast<double>(k);
  if (k == 0) return low;
  if (k + 1 == num_values) return high;
  const double index = static_cast<double>(k);
  if (levels == 0) return grid_value(low, step, index);
  const double fraction = index / static_cast<double>(num_values - 1);
  const double value =
      is_log ? low * std::pow(high / low, fraction) : low + (high - low) * fraction;
  return std::clamp(value, low, high);
}

double Dimension::clip(double value) const {
  if (std::isnan(value)) return value;
  const double inside = std::clamp(value, low, high);
  const std::uint64_t num_values = count();
  if (num_values == 0) return inside;
  return value_at(static_cast<std::uint64_t>(nearest_index(*this, inside, num_values)));
}

double Dimension::to_unit(double value) const {
  const std::uint64_t num_values = count();
  if (num_values == 1) return 0.5;
  if (num_values == 0) {
    const double u =
        is_log ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return std::clamp(u, 0.0, 1.0);
  }
  if (has_unequal_cells(*this)) {
    const auto [low_edge, high_edge] = log_edges(*this);
    return (std::log(clip(value)) - low_edge) / (high_edge - low_edge);
  }
  const double inside = std::clamp(value, low, high);
  return (nearest_index(*this, inside, num_values) + 0.5) / static_cast<double>(num_values);
}

double Dimension::from_unit(double u) const {
  const double inside = std::isnan(u) ? 0.5 : std::clamp(u, 0.0, 1.0);
  const std::uint64_t num_values = count();
  if (num_values == 0) {
    if (inside == 0.0) return low;
    if (inside == 1.0) return high;
    const double value =
        is_log ? low * std::exp(inside * std::log(high / low)) : low + inside * (high - low);
    return std::clamp(value, low, high);
  }
  if (num_values > 1 && has_unequal_cells(*this)) {
    const auto [low_edge, high_edge] = log_edges(*this);
    return clip(std::exp(low_edge + inside * (high_edge - low_edge)));
  }
  const auto index = static_cast<std::uint64_t>(inside * static_cast<double>(num_values));
  return value_at(std::min(index, num_values - 1));
}

}  // namespace trimtab
