#include "trimtab/base/weights/number_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

static_assert(std::endian::native == std::endian::little, "files of weights are little-endian");
static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559);

struct Named {
  NumberFormat format;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array<Named, 15> kFormats = {{{NumberFormat::Bool, "BOOL", 1},
                                             {NumberFormat::U8, "U8", 1},
                                             {NumberFormat::I8, "I8", 1},
                                             {NumberFormat::F8E5M2, "F8_E5M2", 1},
                                             {NumberFormat::F8E4M3, "F8_E4M3", 1},
                                             {NumberFormat::U16, "U16", 2},
                                             {NumberFormat::I16, "I16", 2},
                                             {NumberFormat::F16, "F16", 2},
                                             {NumberFormat::BF16, "BF16", 2},
                                             {NumberFormat::U32, "U32", 4},
                                             {NumberFormat::I32, "I32", 4},
                                             {NumberFormat::F32, "F32", 4},
                                             {NumberFormat::U64, "U64", 8},
                                             {NumberFormat::I64, "I64", 8},
                                             {NumberFormat::F64, "F64", 8}}};

const Named& named(NumberFormat format) { return kFormats.at(static_cast<std::size_t>(format)); }

[[noreturn]] void refuse(const char* where, NumberFormat format) {
  throw BugError({.code = "number_format.arguments",
                  .what = "these numbers cannot be read or stored",
                  .where = where,
                  .got = std::string(name_of(format)),
                  .expected = "F16, BF16, F32 or F64, and a place for each number",
                  .hint = ""});
}

// 16 bits: a sign, exponent bits, mantissa bits.
struct Half {
  int exponent_bits = 0, mantissa_bits = 0;

  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  int top_exponent() const { return (1 << exponent_bits) - 1; }

  double decode(std::uint16_t bits) const {
    const double sign = (bits >> 15) != 0 ? -1.0 : 1.0;
    const int exponent = (bits >> mantissa_bits) & top_exponent();
    const int mantissa = bits & ((1 << mantissa_bits) - 1);
    if (exponent == top_exponent()) {
      return mantissa != 0 ? std::numeric_limits<double>::quiet_NaN() : sign * INFINITY;
    }
    if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias() - mantissa_bits);
    return sign * std::ldexp(mantissa + (1 << mantissa_bits), exponent - bias() - mantissa_bits);
  }

  std::uint16_t encode(double value) const {
    const auto sign = static_cast<unsigned>(std::signbit(value) ? 1U << 15 : 0U);
    const auto top = static_cast<unsigned>(top_exponent()) << mantissa_bits;
    if (std::isnan(value)) {
      return static_cast<std::uint16_t>(sign | top | (1U << (mantissa_bits - 1)));
    }
    // `leading` is the exponent of the leading bit, at least that of the smallest normal number. A
    // mantissa that rounds up to the next power of two carries into the exponent by itself.
    const double size = std::fabs(value);
    if (size == 0.0) return static_cast<std::uint16_t>(sign);
    int exponent = 0;
    std::frexp(size, &exponent);
    const int leading = std::max(exponent - 1, 1 - bias());
    if (std::isinf(size) || leading > bias()) return static_cast<std::uint16_t>(sign | top);
    const double units = std::nearbyint(std::ldexp(size, mantissa_bits - leading));
    const unsigned bits = (static_cast<unsigned>(leading + bias() - 1) << mantissa_bits) +
                          static_cast<unsigned>(units);
    return static_cast<std::uint16_t>(sign | bits);
  }
};

constexpr Half kF16 = {5, 10};
constexpr Half kBF16 = {8, 7};

template <typename Stored, typename Decode>
void add_each(std::span<const std::byte> bytes, std::span<double> sums, Decode decode) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    Stored stored{};
    std::memcpy(&stored, bytes.data() + i * sizeof stored, sizeof stored);
    sums[i] += decode(stored);
  }
}

template <typename Encode>
void store_each(std::span<const double> values, std::span<std::byte> bytes, Encode encode) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto stored = encode(values[i]);
    std::memcpy(bytes.data() + i * sizeof stored, &stored, sizeof stored);
  }
}

}  // namespace

std::string_view name_of(NumberFormat format) { return named(format).name; }

std::optional<NumberFormat> number_format(std::string_view name) {
  for (const Named& each : kFormats) {
    if (each.name == name) return each.format;
  }
  return std::nullopt;
}

std::size_t bytes_of(NumberFormat format) { return named(format).bytes; }

bool is_averageable(NumberFormat format) {
  return format == NumberFormat::F16 || format == NumberFormat::BF16 ||
         format == NumberFormat::F32 || format == NumberFormat::F64;
}

void add_numbers(NumberFormat format, std::span<const std::byte> bytes, std::span<double> sums) {
  if (!is_averageable(format) || bytes.size() != sums.size() * bytes_of(format)) {
    refuse("add_numbers", format);
  }
  switch (format) {
    case NumberFormat::F16:
      return add_each<std::uint16_t>(bytes, sums, [](auto bits) { return kF16.decode(bits); });
    case NumberFormat::BF16:
      return add_each<std::uint16_t>(bytes, sums, [](auto bits) { return kBF16.decode(bits); });
    case NumberFormat::F32:
      return add_each<float>(bytes, sums, [](float value) { return static_cast<double>(value); });
    default:
      return add_each<double>(bytes, sums, [](double value) { return value; });
  }
}

void store_numbers(NumberFormat format, std::span<const double> values,
                   std::span<std::byte> bytes) {
  if (!is_averageable(format) || bytes.size() != values.size() * bytes_of(format)) {
    refuse("store_numbers", format);
  }
  switch (format) {
    case NumberFormat::F16:
      return store_each(values, bytes, [](double value) { return kF16.encode(value); });
    case NumberFormat::BF16:
      return store_each(values, bytes, [](double value) { return kBF16.encode(value); });
    case NumberFormat::F32:
      // Beyond the largest float, from half a unit on, the conversion gives infinity (IEEE 754).
      return store_each(values, bytes, [](double value) { return static_cast<float>(value); });
    default:
      return store_each(values, bytes, [](double value) { return value; });
  }
}

}  // namespace trimtab
