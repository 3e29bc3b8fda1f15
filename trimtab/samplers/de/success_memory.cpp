#include "trimtab/samplers/de/success_memory.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace trimtab::de {
namespace {

constexpr double kSpread = 0.1;
constexpr double kTerminal = -1.0;

}  // namespace

SuccessMemory::SuccessMemory(std::size_t num_entries) : entries_(num_entries) {}

Rates SuccessMemory::draw(Rng& rng) const {
  const Rates& centre = entries_[rng.below(entries_.size())];
  Rates rates;
  do {
    rates.f = centre.f + kSpread * std::tan(std::numbers::pi * (rng.uniform01() - 0.5));
  } while (rates.f <= 0.0);
  rates.f = std::min(rates.f, 1.0);
  rates.cr = centre.cr < 0.0 ? 0.0 : std::clamp(centre.cr + kSpread * rng.normal(), 0.0, 1.0);
  return rates;
}

void SuccessMemory::add(const Rates& rates, double improvement) {
  successes_.push_back({rates, improvement});
}

void SuccessMemory::finish_generation() {
  if (successes_.empty()) return;
  double largest = 0.0;
  for (const Success& success : successes_) {
    if (std::isfinite(success.improvement)) largest = std::max(largest, success.improvement);
  }
  if (largest == 0.0) largest = 1.0;
  double f = 0.0, f_squares = 0.0, cr = 0.0, cr_squares = 0.0;
  for (const Success& success : successes_) {
    const double gain = std::isfinite(success.improvement) ? success.improvement : largest;
    const double weight = gain / largest;
    f += weight * success.rates.f;
    f_squares += weight * success.rates.f * success.rates.f;
    cr += weight * success.rates.cr;
    cr_squares += weight * success.rates.cr * success.rates.cr;
  }
  successes_.clear();
  Rates& entry = entries_[next_];
  next_ = (next_ + 1) % entries_.size();
  entry.f = f_squares / f;
  const bool is_terminal = entry.cr < 0.0 || cr == 0.0;
  entry.cr = is_terminal ? kTerminal : cr_squares / cr;
}

}  // namespace trimtab::de
