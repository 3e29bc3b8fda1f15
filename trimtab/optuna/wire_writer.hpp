#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace trimtab::optuna {

/// Writes fields of Protocol Buffers at the end of a text.
/// Source: the encoding of protobuf 3 (varints, fixed64, length-delimited fields).
class WireWriter {
 public:
  explicit WireWriter(std::string& bytes) : bytes_(bytes) {}

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  /// An integer or enumeration; a zero is not written (proto3).
  void integer(int field, std::int64_t value) {
    if (value == 0) return;
    key(field, 0);
    varint(static_cast<std::uint64_t>(value));
  }
  /// A text; an empty one is not written.
  void text(int field, std::string_view value) {
    if (!value.empty()) always_text(field, value);
  }
  void always_text(int field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    bytes_.append(value);
  }
  void number(int field, double value) {
    key(field, 1);
    fixed(value);
  }
  void fixed(double value) {
    char raw[sizeof value];
    const auto bits = std::bit_cast<std::uint64_t>(value);
    std::memcpy(raw, &bits, sizeof value);
    bytes_.append(raw, sizeof raw);
  }
  void key(int field, int type) { varint(static_cast<std::uint64_t>(field << 3 | type)); }

  static std::size_t varint_size(std::uint64_t value) {
    return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
  }

 private:
  std::string& bytes_;
};

}  // namespace trimtab::optuna
