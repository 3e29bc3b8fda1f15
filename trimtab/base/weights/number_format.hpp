#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace trimtab {

/// How numbers are stored in a file of weights, little-endian.
enum class NumberFormat : std::uint8_t {
  Bool,
  U8,
  I8,
  F8E5M2,
  F8E4M3,
  U16,
  I16,
  F16,
  BF16,
  U32,
  I32,
  F32,
  U64,
  I64,
  F64,
};

/// "F32", "BF16", "F8_E4M3", ...: the names in safetensors files.
std::string_view name_of(NumberFormat format);
/// Nothing for an unknown name.
std::optional<NumberFormat> number_format(std::string_view name);
std::size_t bytes_of(NumberFormat format);

/// F16, BF16, F32 and F64: what can be averaged.
bool is_averageable(NumberFormat format);

/// Adds the stored numbers to sums. Every value of the four formats is exact in double.
/// @param bytes  sums.size() numbers. @throws BugError for another format or size.
void add_numbers(NumberFormat format, std::span<const std::byte> bytes, std::span<double> sums);

/// Stores numbers, each rounded once, to the nearest, ties to even; too large ones are infinite.
/// @param bytes  of values.size() numbers. @throws BugError for another format or size.
///   1 / 3 in F16 is 0x3555, in BF16 0x3EAB  [tested]
void store_numbers(NumberFormat format, std::span<const double> values, std::span<std::byte> bytes);

}  // namespace trimtab
