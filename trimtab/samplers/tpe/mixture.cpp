#include "trimtab/samplers/tpe/mixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trimtab::tpe {

void ProductMixture::fit(std::span<const double> positions, std::span<const double> deviations,
                         std::span<const double> weights, double prior_weight) {
  const std::size_t d = axes_.size();
  const std::size_t n = weights.size();
  means_.assign(positions.begin(), positions.end());
  deviations_.assign(deviations.begin(), deviations.end());
  for (const Axis& axis : axes_) {
    means_.push_back(axis.prior_mean);
    deviations_.push_back(axis.prior_deviation);
  }
  inverse_deviations_.resize(means_.size());
  log_weights_.assign(n + 1, 0.0);
  cumulative_.assign(n + 1, 0.0);
  double total = prior_weight;
  for (const double weight : weights) total += weight;
  double sum = 0.0;
  for (std::size_t i = 0; i <= n; ++i) {
    const double weight = (i < n ? weights[i] : prior_weight) / total;
    sum += weight;
    cumulative_[i] = sum;
    log_weights_[i] = std::log(weight);
    for (std::size_t j = 0; j < d; ++j) {
      if (axes_[j].is_categorical) continue;
      inverse_deviations_[i * d + j] = 1.0 / deviations_[i * d + j];
      log_weights_[i] -= axes_[j].log_normaliser(means_[i * d + j], deviations_[i * d + j]);
    }
  }
}

double ProductMixture::log_kernel(std::size_t kernel, std::span<const double> position) const {
  const std::size_t d = axes_.size();
  const std::size_t n = num_kernels() - 1;
  const double m = static_cast<double>(num_kernels());
  double log_product = log_weights_[kernel];
  for (std::size_t j = 0; j < d; ++j) {
    const std::size_t at = kernel * d + j;
    if (axes_[j].is_categorical) {
      const double smoothing = static_cast<double>(axes_[j].num_values) / m;
      const double prior = axes_[j].prior_weights[static_cast<std::size_t>(position[j])];
      const double hit = position[j] == means_[at] ? 1.0 : 0.0;
      log_product += std::log(kernel == n ? prior : (hit + smoothing * prior) / (1.0 + smoothing));
    } else {
      const double z = (position[j] - means_[at]) * inverse_deviations_[at];
      log_product -= 0.5 * z * z;
    }
  }
  return log_product;
}

double ProductMixture::log_density(std::span<const double> position) const {
  std::vector<double> terms(num_kernels());
  for (std::size_t i = 0; i < terms.size(); ++i) terms[i] = log_kernel(i, position);
  const double largest = *std::max_element(terms.begin(), terms.end());
  if (std::isinf(largest)) return largest;
  double sum = 0.0;
  for (const double term : terms) sum += std::exp(term - largest);
  return largest + std::log(sum);
}

double ProductMixture::sample_axis(std::size_t kernel, std::size_t j, Rng& rng) const {
  const Axis& axis = axes_[j];
  const double mean = means_[kernel * axes_.size() + j];
  const double deviation = deviations_[kernel * axes_.size() + j];
  if (axis.is_categorical) {
    const std::size_t n = num_kernels() - 1;
    const double smoothing = static_cast<double>(axis.num_values) / static_cast<double>(n + 1);
    if (kernel < n && rng.uniform01() * (1.0 + smoothing) < 1.0) return mean;
    double rest = rng.uniform01();
    std::size_t choice = 0;
    while (choice + 1 < axis.num_values && rest >= axis.prior_weights[choice]) {
      rest -= axis.prior_weights[choice++];
    }
    return static_cast<double>(choice);
  }
  // Rejection: the mean lies inside unless a user's prior says otherwise, so a few draws suffice.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const double position = mean + deviation * rng.normal();
    if (position >= 0.0 && position <= 1.0) {
      return axis.cell > 0.0 ? axis.position_of(axis.value_of(position)) : position;
    }
  }
  return std::clamp(mean, 0.0, 1.0);
}

void ProductMixture::sample(Rng& rng, std::span<double> position) const {
  const double u = rng.uniform01();
  const auto chosen = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, u);
  const auto kernel = static_cast<std::size_t>(chosen - cumulative_.begin());
  for (std::size_t j = 0; j < axes_.size(); ++j) position[j] = sample_axis(kernel, j, rng);
}

std::vector<double> spread_deviations(std::span<const Axis> axes, std::span<const double> positions,
                                      double smallest, double smallest_cells,
                                      const SpreadRule& rule) {
  const std::size_t d = axes.size();
  const std::size_t n = positions.size() / d;
  const auto count = static_cast<double>(n);
  const double power = std::pow(count + 1.0, -1.0 / (static_cast<double>(d) + 4.0));
  std::vector<double> deviations(d, 1.0);
  for (std::size_t j = 0; j < d; ++j) {
    if (axes[j].is_categorical) continue;
    double mean = 0.0;
    for (std::size_t i = 0; i < n; ++i) mean += positions[i * d + j] / count;
    double squares = rule.strength / 12.0;
    for (std::size_t i = 0; i < n; ++i) {
      squares += (positions[i * d + j] - mean) * (positions[i * d + j] - mean);
    }
    const double spread = std::sqrt(squares / (count - 1.0 + rule.strength));
    const double floor = std::min(1.0, std::max(smallest, smallest_cells * axes[j].cell));
    deviations[j] = std::clamp(rule.shrink * spread * power, floor, 1.0);
  }
  return deviations;
}

}  // namespace trimtab::tpe
