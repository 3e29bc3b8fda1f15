#include "trimtab/space/functional_hash.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "trimtab/base/hash.hpp"

namespace trimtab {
namespace {

constexpr int kMantissaBits = 52;
constexpr std::uint64_t kNaN = 0x7FF8'0000'0000'0000u;

}  // namespace

FunctionalHasher::FunctionalHasher(int mantissa_bits)
    : dropped_bits_(kMantissaBits - std::clamp(mantissa_bits, 1, kMantissaBits)),
      state_(hash64("functional hash", static_cast<std::uint64_t>(dropped_bits_))) {}

void FunctionalHasher::add(double value) {
  std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
  if (std::isnan(value)) {
    bits = kNaN;
  } else if (std::fpclassify(value) == FP_SUBNORMAL || value == 0.0) {
    bits = 0;
  } else if (dropped_bits_ > 0 && std::isfinite(value)) {
    bits += std::uint64_t{1} << (dropped_bits_ - 1);  // a carry into the exponent is right
    bits = bits >> dropped_bits_ << dropped_bits_;
  }
  state_ = mix64(state_, bits);
}

void FunctionalHasher::add(std::span<const double> values) {
  for (const double value : values) add(value);
}

}  // namespace trimtab
