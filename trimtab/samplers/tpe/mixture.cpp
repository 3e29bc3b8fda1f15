#include "trimtab/samplers/tpe/mixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

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

void set_neighbour_deviations(std::span<const double> positions, std::size_t stride,
                              std::size_t axis, double smallest, std::span<double> deviations) {
  const std::size_t n = positions.size() / stride;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto at = [&](std::size_t rank) { return positions[order[rank] * stride + axis]; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return positions[left * stride + axis] < positions[right * stride + axis];
  });
  for (std::size_t rank = 0; rank < n; ++rank) {
    const double below = rank == 0 ? at(0) : at(rank) - at(rank - 1);
    const double above = rank + 1 == n ? 1.0 - at(rank) : at(rank + 1) - at(rank);
    double gap = std::max(below, above);
    if (n >= 2 && rank == 0) gap = above;
    if (n >= 2 && rank + 1 == n) gap = below;
    deviations[order[rank] * stride + axis] = std::clamp(gap, smallest, 1.0);
  }
}

}  // namespace trimtab::tpe
