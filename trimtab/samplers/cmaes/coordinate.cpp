#include "trimtab/samplers/cmaes/coordinate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/samplers/cmaes/normal.hpp"

namespace trimtab::cmaes {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// From N(0, 1) restricted to [low, high]; the smaller tail is used, for its digits.
double draw_between(double low, double high, Rng& rng) {
  if (low + high > 0.0) return -draw_between(-high, -low, rng);
  const double mass_low = normal_below(low);
  const double mass = mass_low + rng.uniform01() * (normal_below(high) - mass_low);
  // Far in the tail nothing is left to draw from: the nearer end.
  if (!(mass > std::numeric_limits<double>::min())) return high;
  return std::clamp(normal_quantile(mass), low, high);
}

}  // namespace

Coordinate::Coordinate(std::size_t index, const Dimension& dimension)
    : index_(index),
      dimension_(dimension),
      count_(static_cast<double>(dimension.count())),
      has_unequal_cells_(dimension.is_log && dimension.step > 0.0) {
  if (!has_unequal_cells_) return;
  const double first = dimension.low - 0.5 * std::min(dimension.step, dimension.low);
  log_low_ = std::log(first);
  log_span_ = std::log(dimension.high + 0.5 * dimension.step) - log_low_;
}

double Coordinate::value_of(double x) const {
  return dimension_.from_unit(std::clamp(x, 0.0, 1.0));
}

double Coordinate::index_of(double value) const {
  if (has_unequal_cells_) return std::round((value - dimension_.low) / dimension_.step);
  return std::floor(dimension_.to_unit(value) * count_);
}

double Coordinate::border(double index) const {
  if (!has_unequal_cells_) return index / count_;
  const double value = dimension_.low + (index - 0.5) * dimension_.step;
  return (std::log(value) - log_low_) / log_span_;
}

Cell Coordinate::cell_of(double index) const {
  const double value = dimension_.value_at(static_cast<std::uint64_t>(index));
  return {.low = index == 0.0 ? -kInfinity : border(index),
          .high = index == count_ - 1.0 ? kInfinity : border(index + 1.0),
          .centre = dimension_.to_unit(value)};
}

Cell Coordinate::cell_at(double x) const { return cell_of(index_of(value_of(x))); }

double Coordinate::position_of(double value, double mean, double deviation, Rng& rng) const {
  if (std::isnan(value)) return mean + deviation * rng.normal();
  Cell cell;
  if (is_discrete()) {
    cell = cell_of(index_of(value));
  } else {
    const double u = dimension_.to_unit(value);
    if (u > 0.0 && u < 1.0) return u;
    cell = u <= 0.0 ? Cell{-kInfinity, 0.0, 0.0} : Cell{1.0, kInfinity, 1.0};
  }
  const double z = draw_between((cell.low - mean) / deviation, (cell.high - mean) / deviation, rng);
  return std::clamp(mean + deviation * z, cell.low, cell.high);
}

}  // namespace trimtab::cmaes
