#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace trimtab::tpe {

// Four single-precision numbers side by side, in the compiler's portable vector form. Four is
// what every 64-bit processor has; every operation is element-wise, so the results are the same
// everywhere.
inline constexpr std::size_t kLanes = 4;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
using LaneMask = std::int32_t __attribute__((vector_size(kLanes * sizeof(float))));

/// exp(x) for x <= 0 with a relative error below 3e-7; 0 below -87. By reference, so that no vector
/// crosses a function border in a register.
/// Source: range reduction by multiples of ln 2 in two parts (Cody and Waite 1980) and the Taylor
///   polynomial of degree 7 on [-ln(2) / 2, ln(2) / 2].
inline void exp_not_positive(Lanes& x) {
  const LaneMask is_tiny = x < -87.0F;
  const LaneMask keep = ~is_tiny;
  Lanes clamped;
  LaneMask bits;
  std::memcpy(&bits, &x, sizeof bits);
  bits &= keep;
  std::memcpy(&clamped, &bits, sizeof clamped);
  // Rounding to the nearest integer by adding and subtracting 1.5 * 2^23.
  const Lanes shifted = clamped * 1.44269504F + 12582912.0F;
  const Lanes whole = shifted - 12582912.0F;
  const Lanes r = (clamped - whole * 0.693359375F) + whole * 2.12194440e-4F;
  Lanes series = r * (1.0F / 5040.0F) + 1.0F / 720.0F;
  series = series * r + 1.0F / 120.0F;
  series = series * r + 1.0F / 24.0F;
  series = series * r + 1.0F / 6.0F;
  series = series * r + 0.5F;
  series = series * r + 1.0F;
  series = series * r + 1.0F;
  LaneMask power;
  std::memcpy(&power, &shifted, sizeof power);
  power = (power - 0x4B400000 + 127) << 23;
  Lanes scale;
  std::memcpy(&scale, &power, sizeof scale);
  const Lanes result = series * scale;
  LaneMask masked;
  std::memcpy(&masked, &result, sizeof masked);
  masked &= keep;
  std::memcpy(&x, &masked, sizeof x);
}

}  // namespace trimtab::tpe
