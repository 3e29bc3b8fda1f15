#include "trimtab/report/detail/text_layout.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr std::array<const char*, 9> kEighthsAcross = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
constexpr std::array<const char*, 8> kEighthsUp = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The first `count` characters.
std::string_view head(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  while (end < text.size() && (is_continuation(text[end]) || count > 0)) {
    if (!is_continuation(text[end])) --count;
    ++end;
  }
  return text.substr(0, end);
}

std::string cut(std::string_view text, std::size_t width) {
  if (num_characters(text) <= width) return std::string(text);
  if (width < 6) return std::string(head(text, width));
  return std::string(head(text, width - 3)) + "...";
}

std::string padding(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, num_characters(text)), ' ');
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) ++i;
    result += byte < 0x20 || byte == 0x7F || is_c1 ? '?' : text[i];
  }
  return result;
}

std::size_t num_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string left(std::string_view text, std::size_t width) {
  std::string result = cut(text, width);
  return result + padding(result, width);
}

std::string right(std::string_view text, std::size_t width) {
  std::string result = cut(text, width);
  return padding(result, width) + result;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    const std::size_t length = num_characters(lines.back());
    if (length > 0 && length + 1 + num_characters(word) > width) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

std::string toned(const std::string& text, Tone tone, bool has_color) {
  if (!has_color || tone == Tone::Plain || text.empty()) return text;
  constexpr std::array<const char*, 6> kCodes = {"0", "1", "2", "32", "31", "33"};
  return std::string("\x1b[") + kCodes.at(static_cast<std::size_t>(tone)) + "m" + text + "\x1b[0m";
}

std::string bar(double share, std::size_t width) {
  const double eighths = std::clamp(share, 0.0, 1.0) * static_cast<double>(width) * 8.0;
  const auto whole = static_cast<std::size_t>(std::lround(eighths));
  std::string result;
  for (std::size_t i = 0; i < whole / 8; ++i) result += kEighthsAcross[8];
  return result + kEighthsAcross[whole % 8];
}

std::string sparkline(const std::vector<double>& values) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  std::string result;
  for (const double value : values) {
    if (!std::isfinite(value)) {
      result += ' ';
      continue;
    }
    const double height = high > low ? (value - low) / (high - low) : 0.5;
    result += kEighthsUp[static_cast<std::size_t>(std::lround(height * 7.0))];
  }
  return result;
}

}  // namespace trimtab
