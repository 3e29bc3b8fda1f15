#include "trimtab/samplers/tpe/bad_density.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "trimtab/base/hash.hpp"

namespace trimtab::tpe {
namespace {

constexpr std::size_t kCandidates = 8;  // evaluated together: eight independent sums

}  // namespace

// One group of candidates, scaled, transposed and repeated over the lanes.
struct BadDensity::Probe {
  std::vector<Lanes> columns;    // (d, kCandidates)
  std::vector<Lanes> penalties;  // (categorical axes, kCandidates): 2 log(hit / miss)
  Probe(std::size_t d, std::size_t num_numeric)
      : columns(d * kCandidates), penalties((d - num_numeric) * kCandidates) {}
};

namespace {

constexpr float kHidden = -1e30F;
constexpr std::size_t kFullWeights = 25;
constexpr std::uint64_t kSampleSalt = 0x7470652d73616d70;

double log_root_two_pi(double deviation) {
  return std::log(deviation * std::sqrt(2.0 * std::numbers::pi));
}

// Squared distances of every kernel to kCandidates candidates, as exponents:
// exponents[c * stride + slot] = log_coefficient - distance / 2.
void fill_exponents(const float* kernels, const float* log_coefficients, std::size_t num_blocks,
                    std::size_t num_numeric, std::size_t num_columns, const Lanes* columns,
                    const Lanes* penalties, std::size_t stride, float* exponents) {
  for (std::size_t block = 0; block < num_blocks; ++block) {
    Lanes distance[kCandidates] = {};
    const float* column = kernels + block * num_columns * kLanes;
    const Lanes* x = columns;
    for (std::size_t j = 0; j < num_numeric; ++j, column += kLanes, x += kCandidates) {
      Lanes kernel;
      std::memcpy(&kernel, column, sizeof kernel);
#pragma GCC unroll 8
      for (std::size_t c = 0; c < kCandidates; ++c) {
        const Lanes difference = kernel - x[c];
        distance[c] += difference * difference;
      }
    }
    const Lanes* penalty = penalties;
    for (std::size_t j = num_numeric; j < num_columns; ++j, column += kLanes) {
      Lanes kernel;
      std::memcpy(&kernel, column, sizeof kernel);
#pragma GCC unroll 8
      for (std::size_t c = 0; c < kCandidates; ++c) {
        distance[c] += kernel != x[c] ? penalty[c] : Lanes{};
      }
      x += kCandidates;
      penalty += kCandidates;
    }
    Lanes coefficient;
    std::memcpy(&coefficient, log_coefficients + block * kLanes, sizeof coefficient);
#pragma GCC unroll 8
    for (std::size_t c = 0; c < kCandidates; ++c) {
      const Lanes exponent = coefficient - 0.5F * distance[c];
      std::memcpy(exponents + c * stride + block * kLanes, &exponent, sizeof exponent);
    }
  }
}

// log sum exp of `count` exponents (a multiple of kLanes).
double log_sum_exp(const float* exponents, std::size_t count) {
  if (count == 0) return -1e300;
  Lanes maxima = Lanes{} + kHidden;
  for (std::size_t i = 0; i < count; i += kLanes) {
    Lanes term;
    std::memcpy(&term, exponents + i, sizeof term);
    maxima = term > maxima ? term : maxima;
  }
  float largest = kHidden;
  for (std::size_t lane = 0; lane < kLanes; ++lane) largest = std::max(largest, maxima[lane]);
  if (largest <= kHidden) return -1e300;
  Lanes sum = {};
  for (std::size_t i = 0; i < count; i += kLanes) {
    Lanes term;
    std::memcpy(&term, exponents + i, sizeof term);
    term -= largest;
    exp_not_positive(term);
    sum += term;
  }
  double total = 0.0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) total += static_cast<double>(sum[lane]);
  return static_cast<double>(largest) + std::log(total);
}

double log_add(double left, double right) {
  const double largest = std::max(left, right);
  return largest + std::log1p(std::exp(std::min(left, right) - largest));
}

}  // namespace

BadDensity::BadDensity(std::span<const Axis> axes, const BadDensitySettings& settings)
    : axes_(axes.begin(), axes.end()), settings_(settings), deviations_(axes.size(), 1.0) {
  for (std::size_t j = 0; j < axes_.size(); ++j) {
    if (!axes_[j].is_categorical) order_.push_back(j);
  }
  num_numeric_ = order_.size();
  for (std::size_t j = 0; j < axes_.size(); ++j) {
    if (axes_[j].is_categorical) order_.push_back(j);
  }
  refresh();
}

double BadDensity::weight_of(std::size_t arrival) const {
  if (!settings_.has_old_decay) return 1.0;
  const std::size_t full = size_ > kFullWeights ? size_ - kFullWeights : 1;
  return static_cast<double>(std::min(arrival + 1, full));
}

bool BadDensity::is_hidden(std::size_t arrival) const {
  return std::binary_search(hidden_.begin(), hidden_.end(), arrival);
}

void BadDensity::rescale_slot(Store& store, std::size_t slot) const {
  const std::size_t d = axes_.size();
  const std::size_t base = slot / kLanes * d * kLanes + slot % kLanes;
  double normaliser = 0.0;
  for (std::size_t column = 0; column < d; ++column) {
    const std::size_t axis = order_[column];
    const float position = store.positions[base + column * kLanes];
    float scale = 1.0F;
    if (column < num_numeric_) {
      const double deviation = deviations_[axis];
      scale = static_cast<float>(1.0 / deviation);
      normaliser += axes_[axis].log_normaliser(static_cast<double>(position), deviation) -
                    log_root_two_pi(deviation);
    }
    store.scaled[base + column * kLanes] = position * scale;
  }
  store.normalisers[slot] = normaliser;
}

void BadDensity::set_weight(Store& store, std::size_t slot) const {
  const std::size_t arrival = store.arrivals[slot];
  store.log_coefficients[slot] =
      is_hidden(arrival)
          ? kHidden
          : static_cast<float>(std::log(weight_of(arrival)) - store.normalisers[slot]);
}

void BadDensity::put(Store& store, std::size_t slot, std::span<const double> position,
                     std::size_t arrival) const {
  const std::size_t d = axes_.size();
  if (slot >= store.count) {
    store.count = slot + 1;
    const std::size_t num_blocks = slot / kLanes + 1;
    store.positions.resize(num_blocks * d * kLanes);
    store.scaled.resize(num_blocks * d * kLanes);
    store.log_coefficients.resize(num_blocks * kLanes, kHidden);
    store.normalisers.resize(num_blocks * kLanes);
    store.arrivals.resize(num_blocks * kLanes);
  }
  const std::size_t base = slot / kLanes * d * kLanes + slot % kLanes;
  for (std::size_t column = 0; column < d; ++column) {
    store.positions[base + column * kLanes] = static_cast<float>(position[order_[column]]);
  }
  store.arrivals[slot] = arrival;
  rescale_slot(store, slot);
  set_weight(store, slot);
}

void BadDensity::retire(std::size_t slot) {
  const std::uint64_t rank = mix64(kSampleSalt, static_cast<std::uint64_t>(numbers_[slot]));
  std::size_t target = sampled_.count;
  if (target == settings_.num_sampled) {
    if (ranks_.empty() || rank >= ranks_.front().first) return;
    target = ranks_.front().second;
    std::pop_heap(ranks_.begin(), ranks_.end());
    ranks_.pop_back();
  }
  const std::size_t d = axes_.size();
  std::vector<double> position(d);
  const std::size_t base = slot / kLanes * d * kLanes + slot % kLanes;
  for (std::size_t column = 0; column < d; ++column) {
    position[order_[column]] = static_cast<double>(recent_.positions[base + column * kLanes]);
  }
  put(sampled_, target, position, recent_.arrivals[slot]);
  ranks_.emplace_back(rank, target);
  std::push_heap(ranks_.begin(), ranks_.end());
}

void BadDensity::add(std::span<const double> position, std::int64_t number) {
  const std::size_t arrival = size_++;
  const std::size_t slot = arrival % settings_.num_recent;
  if (arrival >= settings_.num_recent) retire(slot);
  if (numbers_.size() <= slot) numbers_.resize(slot + 1);
  numbers_[slot] = number;
  put(recent_, slot, position, arrival);
  // What leaves the window of full weights keeps its weight from now on.
  if (arrival >= kFullWeights) {
    set_weight(recent_, (arrival - kFullWeights) % settings_.num_recent);
  }
}

std::pair<BadDensity::Store*, std::size_t> BadDensity::find(std::size_t arrival) {
  if (arrival + settings_.num_recent >= size_) return {&recent_, arrival % settings_.num_recent};
  for (std::size_t slot = 0; slot < sampled_.count; ++slot) {
    if (sampled_.arrivals[slot] == arrival) return {&sampled_, slot};
  }
  return {nullptr, 0};
}

void BadDensity::hide(std::span<const std::size_t> arrivals) {
  const std::vector<std::size_t> before = hidden_;
  hidden_.assign(arrivals.begin(), arrivals.end());
  std::vector<std::size_t> changed;
  std::set_symmetric_difference(before.begin(), before.end(), hidden_.begin(), hidden_.end(),
                                std::back_inserter(changed));
  for (const std::size_t arrival : changed) {
    const auto [store, slot] = find(arrival);
    if (store != nullptr) set_weight(*store, slot);
  }
}

void BadDensity::refresh() {
  const double inverse =
      std::min(settings_.largest_inverse_deviation, static_cast<double>(size_) + 2.0);
  bool has_changed = false;
  for (std::size_t j = 0; j < axes_.size(); ++j) {
    const double deviation = std::max(1.0 / inverse, settings_.smallest_cells * axes_[j].cell);
    has_changed |= deviation != deviations_[j];
    deviations_[j] = deviation;
  }
  for (Store* store : {&recent_, &sampled_}) {
    for (std::size_t slot = 0; has_changed && slot < store->count; ++slot) {
      rescale_slot(*store, slot);
      set_weight(*store, slot);
    }
  }
  const std::size_t first = size_ > kFullWeights ? size_ - kFullWeights : 0;
  for (std::size_t arrival = first; arrival < size_; ++arrival) {
    set_weight(recent_, arrival % settings_.num_recent);
  }
}

double BadDensity::log_prior(std::span<const double> position) const {
  double log_density = 0.0;
  for (std::size_t j = 0; j < axes_.size(); ++j) {
    const Axis& axis = axes_[j];
    if (axis.is_categorical) {
      log_density += std::log(axis.prior_weights[static_cast<std::size_t>(position[j])]);
      continue;
    }
    const double z = (position[j] - axis.prior_mean) / axis.prior_deviation;
    log_density -= 0.5 * z * z + axis.log_normaliser(axis.prior_mean, axis.prior_deviation);
  }
  return log_density;
}

BadDensity::Store BadDensity::running_store(std::span<const double> running) const {
  const std::size_t d = axes_.size();
  const double log_full = std::log(weight_of(size_));
  Store store;
  for (std::size_t e = 0; d > 0 && e < running.size() / d; ++e) {
    put(store, e, running.subspan(e * d, d), size_ + e);
    store.log_coefficients[e] = static_cast<float>(log_full - store.normalisers[e]);
  }
  return store;
}

double BadDensity::total_weight(std::size_t num_running) const {
  const double full = weight_of(size_);
  double total = (settings_.prior_weight + static_cast<double>(num_running)) * full;
  total += static_cast<double>(std::min(size_, kFullWeights)) * full;
  if (size_ > kFullWeights) {
    const auto old = static_cast<double>(size_ - kFullWeights);
    total += settings_.has_old_decay ? old * (old + 1.0) / 2.0 : old;
  }
  for (const std::size_t arrival : hidden_) total -= weight_of(arrival);
  return total;
}

double BadDensity::fill_probe(Probe& probe, std::size_t lane, std::span<const double> position,
                              double num_kernels) const {
  double log_hits = 0.0;
  for (std::size_t column = 0; column < axes_.size(); ++column) {
    const Axis& axis = axes_[order_[column]];
    Lanes& cell = probe.columns[column * kCandidates + lane];
    const double value = position[order_[column]];
    if (column < num_numeric_) {
      cell = Lanes{} +
             static_cast<float>(value) * static_cast<float>(1.0 / deviations_[order_[column]]);
      continue;
    }
    cell = Lanes{} + static_cast<float>(value);
    const double smoothing = static_cast<double>(axis.num_values) / num_kernels;
    const double miss =
        std::max(smoothing * axis.prior_weights[static_cast<std::size_t>(value)], 1e-30);
    log_hits += std::log((1.0 + miss) / (1.0 + smoothing));
    probe.penalties[(column - num_numeric_) * kCandidates + lane] =
        Lanes{} + static_cast<float>(2.0 * std::log((1.0 + miss) / miss));
  }
  return log_hits;
}

void BadDensity::log_densities(std::span<const double> candidates, std::span<const double> running,
                               std::span<double> result) const {
  const std::size_t d = axes_.size();
  const std::size_t m = result.size();
  const Store running_kernels = running_store(running);
  const double log_total = std::log(total_weight(running_kernels.count));
  const auto num_kernels = static_cast<double>(size_ - hidden_.size() + running_kernels.count + 1);
  double scale = 0.0;  // what `rescale_slot` left out of the normalisers
  for (std::size_t column = 0; column < num_numeric_; ++column) {
    scale += log_root_two_pi(deviations_[order_[column]]);
  }
  // Each older kernel kept stands for several.
  const auto num_old = static_cast<double>(size_ - std::min(size_, settings_.num_recent));
  const double boost =
      sampled_.count > 0 ? std::log(num_old / static_cast<double>(sampled_.count)) : 0.0;
  const std::pair<const Store*, double> stores[] = {
      {&recent_, 0.0}, {&sampled_, boost}, {&running_kernels, 0.0}};
  const std::size_t largest = std::max({recent_.count, sampled_.count, running_kernels.count});
  const std::size_t stride = (largest + kLanes - 1) / kLanes * kLanes;
  std::vector<float> exponents(stride * kCandidates);
  Probe probe(d, num_numeric_);
  for (std::size_t first = 0; first < m; first += kCandidates) {
    double log_hits[kCandidates];
    double sums[kCandidates];
    for (std::size_t c = 0; c < kCandidates; ++c) {
      const std::span<const double> x = candidates.subspan(std::min(first + c, m - 1) * d, d);
      log_hits[c] = fill_probe(probe, c, x, num_kernels);
      sums[c] =
          log_prior(x) + std::log(settings_.prior_weight * weight_of(size_)) - log_hits[c] + scale;
    }
    for (const auto& [store, log_factor] : stores) {
      const std::size_t num_blocks = (store->count + kLanes - 1) / kLanes;
      fill_exponents(store->scaled.data(), store->log_coefficients.data(), num_blocks, num_numeric_,
                     d, probe.columns.data(), probe.penalties.data(), stride, exponents.data());
      for (std::size_t c = 0; c < kCandidates; ++c) {
        const double part = log_sum_exp(exponents.data() + c * stride, num_blocks * kLanes);
        sums[c] = log_add(sums[c], part + log_factor);
      }
    }
    for (std::size_t c = 0; c < kCandidates && first + c < m; ++c) {
      result[first + c] = sums[c] + log_hits[c] - scale - log_total;
    }
  }
}

}  // namespace trimtab::tpe
