#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "trimtab/base/rng.hpp"

namespace trimtab {

/// Results of candidates by what they compute (FunctionalHasher): a candidate that computes what an
/// earlier one did takes its result instead of being paid for again.
///
/// A value that was lucky once must not be believed for ever: with `num_evaluations` > 1 a
/// candidate is paid for that often and its mean counts; with `forget` > 0 a hit drops the entry
/// with that probability, so that the next one pays again. Source: Gillard et al. 2023, "Unified
/// functional hashing in automatic machine learning": FEC,
///   repeated and forgetful.
/// Differs: none. One cache per data set and study; O(1) a call. Not thread-safe.
class FunctionalCache {
 public:
  struct Options {
    std::int64_t num_evaluations = 1;  ///< M >= 1
    double forget = 0.0;               ///< F in [0, 1]
  };
  explicit FunctionalCache(const Options& options) : options_(options) {}

  /// The mean result, when the candidate was paid for often enough; counts as a hit.
  std::optional<double> find(std::uint64_t hash, Rng& rng);
  /// Adds a paid result. Returns the mean of those so far. NaN (a failure) is not kept.
  double add(std::uint64_t hash, double value);

  std::int64_t num_hits() const { return num_hits_; }
  std::int64_t num_misses() const { return num_misses_; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    double mean = 0.0;
    std::int64_t count = 0;
  };
  Options options_;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::int64_t num_hits_ = 0, num_misses_ = 0;
};

}  // namespace trimtab
