#include "trimtab/engine/functional_cache.hpp"

#include <cmath>

namespace trimtab {

std::optional<double> FunctionalCache::find(std::uint64_t hash, Rng& rng) {
  const auto found = entries_.find(hash);
  if (found == entries_.end() || found->second.count < options_.num_evaluations) {
    ++num_misses_;
    return std::nullopt;
  }
  ++num_hits_;
  const double mean = found->second.mean;
  if (options_.forget > 0.0 && rng.bernoulli(options_.forget)) entries_.erase(found);
  return mean;
}

double FunctionalCache::add(std::uint64_t hash, double value) {
  if (std::isnan(value)) return value;
  Entry& entry = entries_[hash];
  ++entry.count;
  entry.mean += (value - entry.mean) / static_cast<double>(entry.count);
  return entry.mean;
}

}  // namespace trimtab
