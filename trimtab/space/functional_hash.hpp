#pragma once

#include <cstdint>
#include <span>

namespace trimtab {

/// Hashes what a candidate computes: the numbers that it puts out on a fixed small input with all
/// randomness reset. Candidates that compute the same have the same hash, however they are written.
///
/// Each number counts by its sign, its exponent and the leading `mantissa_bits` of its mantissa, so
/// that sums taken in another order agree. -0 and subnormal numbers count as 0, every NaN as one.
/// Source: Unified functional hashing in AutoML, Gillard et al. 2023, section 3.
/// Differs: rounded to the nearest instead of cut off, because round results lie on cuts; 64-bit
///   multiplicative mixing instead of SHA-256: not for inputs made to collide.
/// Cost: O(1) a number.
class FunctionalHasher {
 public:
  /// @param mantissa_bits  1..52; few merge more.
  explicit FunctionalHasher(int mantissa_bits = 24);

  /// The order of the numbers counts.
  void add(double value);
  void add(std::span<const double> values);
  std::uint64_t value() const { return state_; }

 private:
  int dropped_bits_;
  std::uint64_t state_;
};

}  // namespace trimtab
