#include "trimtab/samplers/cmaes/restarts.hpp"

#include <algorithm>
#include <cmath>

namespace trimtab::cmaes {
namespace {

constexpr int kMaxDoublings = 9;
constexpr double kWider = 2.0;
constexpr double kSmallestDeviation = 1e-11;
constexpr double kLargestCondition = 1e14;
constexpr std::size_t kLookEvery = 16;
constexpr double kLongestWindow = 20000.0;

Rank median(std::vector<Rank> ranks) {
  const auto middle = ranks.begin() + static_cast<std::ptrdiff_t>(ranks.size() / 2);
  std::nth_element(ranks.begin(), middle, ranks.end());
  return *middle;
}

// Whether the last 30 % of a window are no better than its first 30 %.
bool has_not_improved(const std::vector<Rank>& values, std::size_t window) {
  const auto part = static_cast<std::ptrdiff_t>(3 * window / 10);
  const auto begin = values.end() - static_cast<std::ptrdiff_t>(window);
  return median({values.end() - part, values.end()}) >= median({begin, begin + part});
}

}  // namespace

Run Bipop::next(std::size_t num_trials, Rng& rng) {
  if (!is_first_) (is_large_ ? used_large_ : used_small_) += num_trials;
  if (is_first_ || is_large_) last_large_ = num_trials;
  is_large_ = is_first_ || used_large_ <= used_small_;
  is_first_ = false;
  const double sigma = std::min(1.0, kWider * sigma_);
  if (is_large_) {
    doublings_ = std::min(doublings_ + 1, kMaxDoublings);
    return {.lambda = lambda_ << doublings_, .sigma = sigma, .max_trials = 0};
  }
  const double exponent = std::pow(rng.uniform01(), 2.0);
  const double growth = std::pow(0.5 * std::pow(2.0, doublings_), exponent);
  const double shrink = std::pow(10.0, -2.0 * rng.uniform01());
  return {.lambda = static_cast<std::size_t>(static_cast<double>(lambda_) * growth),
          .sigma = sigma * shrink,
          .max_trials = std::max(last_large_ / 2, lambda_)};
}

Stagnation::Stagnation(std::size_t n, std::size_t lambda) {
  const double d = static_cast<double>(n);
  const double size = static_cast<double>(lambda);
  horizon_ = 10 + static_cast<std::size_t>(std::ceil(30.0 * d / size));
  shortest_ = 120 + static_cast<std::size_t>(std::ceil(30.0 * d / size));
  max_generations_ = 100 + static_cast<std::size_t>(50.0 * (d + 3.0) * (d + 3.0) / std::sqrt(size));
}

void Stagnation::add(std::vector<Rank> ranks) {
  bests_.push_back(*std::min_element(ranks.begin(), ranks.end()));
  medians_.push_back(median(std::move(ranks)));
}

bool Stagnation::is_flat() const {
  if (bests_.size() < horizon_) return false;
  return std::all_of(bests_.end() - static_cast<std::ptrdiff_t>(horizon_), bests_.end(),
                     [&](const Rank& rank) { return rank == bests_.back(); });
}

bool Stagnation::is_worn_out() const {
  if (bests_.size() % kLookEvery != 0) return false;
  const double share = std::min(0.2 * static_cast<double>(bests_.size()), kLongestWindow);
  const std::size_t window = std::max(shortest_, static_cast<std::size_t>(share));
  return bests_.size() >= window && has_not_improved(bests_, window) &&
         has_not_improved(medians_, window);
}

bool Stagnation::should_stop(const SearchDistribution& distribution,
                             const std::vector<double>& deviations) const {
  if (!deviations.empty() &&
      *std::max_element(deviations.begin(), deviations.end()) < kSmallestDeviation) {
    return true;
  }
  return bests_.size() >= max_generations_ || distribution.condition() > kLargestCondition ||
         is_flat() || is_worn_out();
}

}  // namespace trimtab::cmaes
