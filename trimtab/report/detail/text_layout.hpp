#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trimtab {

/// The text with control characters (also the 8-bit ones) replaced by '?', so that no study can
/// steer a terminal.
std::string printable(std::string_view text);

/// Characters of UTF-8 text; wide characters count as one.
std::size_t num_characters(std::string_view text);

/// Cut to `width` characters ("..." when there is room for it) or filled up with spaces.
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);

/// Lines of at most `width` characters, broken at spaces; longer words stay whole.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

enum class Tone : std::uint8_t { Plain, Strong, Faint, Good, Bad, Warning };
/// The text in ANSI colours; unchanged without `has_color`.
std::string toned(const std::string& text, Tone tone, bool has_color);

/// A bar of eighths of characters. @param share  in [0, 1]. @param width  characters of a full bar.
std::string bar(double share, std::size_t width);

/// One character per value, lowest to highest; values need not be finite (shown as a space).
std::string sparkline(const std::vector<double>& values);

}  // namespace trimtab
