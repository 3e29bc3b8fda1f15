// Notation: s = degree of a dimension's polynomial x^s + a_1 x^(s-1) + .. + 1; m_k = direction
// numbers; v_k = m_k 2^(32-k), k = 1..32, the directions; key = 64 random bits.
#include "trimtab/numerics/sobol.hpp"

#include <array>
#include <bit>
#include <iterator>

#include "trimtab/base/hash.hpp"
#include "trimtab/numerics/detail/sobol_numbers.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kBits = 32;
constexpr std::uint64_t kRoundSalt = 0x736f626f6c2d726f;
constexpr std::uint64_t kDigitSalt = 0x736f626f6c2d6469;
using Directions = std::array<std::array<std::uint32_t, kBits>, kSobolDimensions>;

static_assert(std::size(sobol_numbers::kPolynomials) + 1 == kSobolDimensions);

constexpr Directions make_directions() {
  Directions directions{};
  for (std::size_t k = 0; k < kBits; ++k) directions[0][k] = std::uint32_t{1} << (kBits - 1 - k);
  std::size_t next_number = 0;
  for (std::size_t j = 1; j < kSobolDimensions; ++j) {
    const std::uint32_t polynomial = sobol_numbers::kPolynomials[j - 1];
    const auto degree = static_cast<std::size_t>(std::bit_width(polynomial)) - 1;
    std::array<std::uint32_t, kBits>& v = directions[j];
    for (std::size_t k = 0; k < degree; ++k) {
      v[k] = std::uint32_t{sobol_numbers::kInitialNumbers[next_number++]} << (kBits - 1 - k);
    }
    for (std::size_t k = degree; k < kBits; ++k) {
      v[k] = v[k - degree] ^ (v[k - degree] >> degree);
      for (std::size_t i = 1; i < degree; ++i) {
        if ((polynomial >> (degree - i) & 1) != 0) v[k] ^= v[k - i];
      }
    }
  }
  return directions;
}

constexpr Directions kDirections = make_directions();

}  // namespace

std::uint32_t sobol(std::uint32_t index, std::size_t dimension) {
  const std::array<std::uint32_t, kBits>& v = kDirections[dimension];
  std::uint32_t x = 0;
  for (std::uint32_t rest = index ^ (index >> 1); rest != 0; rest &= rest - 1) {
    x ^= v[static_cast<std::size_t>(std::countr_zero(rest))];
  }
  return x;
}

std::uint32_t owen_scramble(std::uint32_t bits, std::uint64_t key) {
  std::uint32_t flips = 0;
  for (std::uint32_t depth = 0; depth < kBits; ++depth) {
    const std::uint64_t above = std::uint64_t{bits} >> (kBits - depth);
    const std::uint64_t place = std::uint64_t{depth} << 32 | above;
    flips = flips << 1 | static_cast<std::uint32_t>(mix64(key, place) >> 63);
  }
  return bits ^ flips;
}

double scrambled_sobol(std::uint32_t index, std::size_t dimension, std::uint64_t key) {
  const std::size_t round = dimension / kSobolDimensions;
  if (round > 0) index = owen_scramble(index, mix64(key ^ kRoundSalt, round));
  const std::uint64_t own_key = mix64(key, dimension);
  const std::uint32_t x = owen_scramble(sobol(index, dimension % kSobolDimensions), own_key);
  const std::uint64_t rest = mix64(own_key ^ kDigitSalt, x) >> 43;  // 21 more random digits
  return static_cast<double>(std::uint64_t{x} << 21 | rest) * 0x1.0p-53;
}

}  // namespace trimtab
