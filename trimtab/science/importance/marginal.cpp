#include "trimtab/science/importance/marginal.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace trimtab {
namespace {

constexpr std::size_t kMaxCells = 50;

// The cell in which the cumulative count reaches `fraction` of the total.
double quantile_cell(std::span<const double> counts, double total, double fraction) {
  double sum = 0.0;
  for (std::size_t cell = 0; cell < counts.size(); ++cell) {
    sum += counts[cell];
    if (sum >= fraction * total) return static_cast<double>(cell);
  }
  return static_cast<double>(counts.size() - 1);
}

// Scott's rule with the smaller of deviation and inter-quartile range, in cells; never narrower
// than a kernel that has 90 % of its mass in its own cell.
double bandwidth(std::span<const double> counts, double total) {
  double sum = 0.0, squares = 0.0;
  for (std::size_t cell = 0; cell < counts.size(); ++cell) {
    sum += counts[cell] * static_cast<double>(cell);
  }
  for (std::size_t cell = 0; cell < counts.size(); ++cell) {
    const double offset = static_cast<double>(cell) - sum / total;
    squares += counts[cell] * offset * offset;
  }
  double spread = std::sqrt(squares / std::max(1.0, total - 1.0));
  const double range = quantile_cell(counts, total, 0.75) - quantile_cell(counts, total, 0.25);
  if (range > 0.0) spread = std::min(spread, range / 1.34);
  return std::max(0.5 / 1.64, 1.059 * spread * std::pow(total, -0.2));
}

void add_kernel(std::size_t centre, double weight, double width, std::vector<double>& sums) {
  std::vector<double> kernel(sums.size());
  for (std::size_t cell = 0; cell < sums.size(); ++cell) {
    const double z = (static_cast<double>(cell) - static_cast<double>(centre)) / width;
    kernel[cell] = std::exp(-0.5 * z * z);
  }
  const double mass = std::accumulate(kernel.begin(), kernel.end(), 0.0);
  for (std::size_t cell = 0; cell < sums.size(); ++cell) sums[cell] += weight * kernel[cell] / mass;
}

}  // namespace

Cells::Cells(const Dimension& dimension)
    : dimension_(&dimension), is_ordered_(dimension.kind != Kind::Categorical) {
  const std::uint64_t count = dimension.count();
  const bool has_cell_per_value = count > 0 && (count <= kMaxCells || !is_ordered_);
  size_ = has_cell_per_value ? static_cast<std::size_t>(count) : kMaxCells;
}

std::size_t Cells::cell_of(double value) const {
  if (!dimension_->is_numeric()) return static_cast<std::size_t>(value);
  // On a logarithmic scale the few whole values have cells of different widths: count them instead.
  if (dimension_->step > 0.0 && dimension_->count() <= kMaxCells) {
    return static_cast<std::size_t>(std::lround((value - dimension_->low) / dimension_->step));
  }
  const double position = dimension_->to_unit(value) * static_cast<double>(size_);
  return std::min(size_ - 1, static_cast<std::size_t>(std::max(0.0, position)));
}

std::vector<double> density(std::span<const double> counts, bool is_ordered) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  std::vector<double> result(counts.size(), 1.0 / static_cast<double>(counts.size()));
  if (total > 0.0) {
    const double width = is_ordered ? bandwidth(counts, total) : 0.0;
    for (std::size_t cell = 0; cell < counts.size(); ++cell) {
      if (counts[cell] == 0.0) continue;
      if (is_ordered) {
        add_kernel(cell, counts[cell], width, result);
      } else {
        result[cell] += counts[cell];
      }
    }
  }
  for (double& value : result) value /= total + 1.0;
  return result;
}

double pearson_divergence(std::span<const double> p, std::span<const double> q) {
  double sum = 0.0;
  for (std::size_t cell = 0; cell < p.size(); ++cell) {
    const double excess = p[cell] / q[cell] - 1.0;
    sum += q[cell] * excess * excess;
  }
  return sum;
}

}  // namespace trimtab
