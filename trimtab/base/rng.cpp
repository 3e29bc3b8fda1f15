#include "trimtab/base/rng.hpp"

#include <cmath>
#include <numbers>
#include <string>

#include "trimtab/base/error.hpp"
#include "trimtab/base/hash.hpp"

namespace trimtab {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

Rng::Rng(std::uint64_t seed, std::uint64_t stream, std::string_view purpose) {
  const std::uint64_t key = purpose.empty() ? seed : mix64(seed, hash64(purpose));
  key_ = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)};
  counter_[2] = static_cast<std::uint32_t>(stream);
  counter_[3] = static_cast<std::uint32_t>(stream >> 32);
}

Rng Rng::derive(std::string_view purpose, std::uint64_t index) const {
  const std::uint64_t key = key_[0] | std::uint64_t{key_[1]} << 32;
  const std::uint64_t stream = counter_[2] | std::uint64_t{counter_[3]} << 32;
  const std::uint64_t position = (counter_[0] | std::uint64_t{counter_[1]} << 32) * 4 + used_;
  return Rng(mix64(mix64(key, stream), mix64(hash64(purpose), position)), index);
}

void Rng::refill() {
  block_ = philox4x32(counter_, key_);
  if (++counter_[0] == 0) ++counter_[1];
  used_ = 0;
}

std::uint32_t Rng::next_u32() {
  if (used_ == 4) refill();
  return block_[used_++];
}

std::uint64_t Rng::next_u64() {
  const std::uint64_t low = next_u32();
  return low | std::uint64_t{next_u32()} << 32;
}

double Rng::uniform01() { return static_cast<double>(next_u64() >> 11) * 0x1.0p-53; }

std::uint64_t Rng::below(std::uint64_t count) {
  if (count == 0) {
    throw BugError({.code = "rng.empty",
                    .what = "cannot draw from nothing",
                    .where = "Rng::below",
                    .got = "0",
                    .expected = "at least 1",
                    .hint = ""});
  }
  __extension__ using Product = unsigned __int128;  // not ISO C++, but in g++ and clang
  // Lemire's multiply-shift with rejection: unbiased, one multiplication in the usual case.
  Product product = static_cast<Product>(next_u64()) * count;
  auto low = static_cast<std::uint64_t>(product);
  if (low < count) {
    const std::uint64_t threshold = (0 - count) % count;
    while (low < threshold) {
      product = static_cast<Product>(next_u64()) * count;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

std::int64_t Rng::integer(std::int64_t low, std::int64_t high) {
  if (low > high) {
    throw BugError({.code = "rng.empty",
                    .what = "cannot draw from an empty range",
                    .where = "Rng::integer",
                    .got = std::to_string(low) + ".." + std::to_string(high),
                    .expected = "low <= high",
                    .hint = ""});
  }
  const std::uint64_t width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  if (width == ~std::uint64_t{0}) return static_cast<std::int64_t>(next_u64());
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + below(width + 1));
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform01()));
  const double angle = 2.0 * std::numbers::pi * uniform01();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

}  // namespace trimtab
