#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace trimtab {

/// A 128-bit digest; equal inputs give equal digests on every machine.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Hash128&) const = default;
  auto operator<=>(const Hash128&) const = default;
  /// 32 lower-case hexadecimal digits.
  std::string hex() const;
};

/// XXH3 64-bit hash of `bytes`. Cost: O(size), about 10 GB/s. Not cryptographic.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

/// XXH3 128-bit hash of `bytes`. Cost: O(size). Not cryptographic.
Hash128 hash128(std::string_view bytes);

/// Mixes two 64-bit words into one (order matters).
std::uint64_t mix64(std::uint64_t left, std::uint64_t right);

}  // namespace trimtab
