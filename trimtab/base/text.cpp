#include "trimtab/base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace trimtab {
namespace {

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

struct Unit {
  std::string_view suffix;
  double factor;
};

bool parse_with_unit(std::string_view text, std::span<const Unit> units, double& value) {
  text = trim(text);
  double number = 0.0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || !std::isfinite(number) || number < 0.0) return false;
  const std::string_view suffix = trim(text.substr(static_cast<std::size_t>(end - text.data())));
  for (const Unit& unit : units) {
    if (suffix.size() == unit.suffix.size() &&
        std::equal(suffix.begin(), suffix.end(), unit.suffix.begin(),
                   [](char a, char b) { return lower(a) == lower(b); })) {
      value = number * unit.factor;
      return true;
    }
  }
  return false;
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  std::string best;
  std::size_t best_distance = name.size() + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    const std::size_t longer = std::max(name.size(), candidate.size());
    const std::size_t allowed = std::max<std::size_t>(1, longer / 3);
    // Nothing in common is not near, however short: "y" is no misspelling of "x".
    if (distance <= allowed && distance < longer && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  const std::string near = nearest(name, candidates);
  return near.empty() ? "" : "did you mean " + quote(near) + "?";
}

std::string one_of(std::span<const std::string> candidates) {
  if (candidates.size() == 1) return candidates.front();
  constexpr std::size_t kShown = 12;
  std::string text = "one of ";
  for (std::size_t i = 0; i < std::min(candidates.size(), kShown); ++i) {
    if (i > 0) text += ", ";
    text += candidates[i];
  }
  if (candidates.size() > kShown) {
    text += ", ... (" + std::to_string(candidates.size() - kShown) + " more)";
  }
  return text;
}

std::string quote(std::string_view text, std::size_t max_length) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, max_length)) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
      quoted += escaped;
    } else {
      quoted += c;
    }
  }
  return quoted + (text.size() > max_length ? "\"..." : "\"");
}

std::string format_number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> buffer;
  const auto [end, code] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), end);
}

std::string format_short(double value, int digits) {
  if (!std::isfinite(value)) return format_number(value);
  char buffer[64];
  const double magnitude = std::abs(value);
  if (magnitude >= 1e4 && magnitude < 1e9) {
    std::snprintf(buffer, sizeof buffer, "%.0f", value);
  } else {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
  }
  return buffer;
}

std::string format_duration(double seconds) {
  char buffer[64];
  if (seconds < 1.0) {
    std::snprintf(buffer, sizeof buffer, "%.0f ms", seconds * 1e3);
  } else if (seconds < 60.0) {
    std::snprintf(buffer, sizeof buffer, "%.1f s", seconds);
  } else if (seconds < 3600.0) {
    const auto whole = static_cast<long>(seconds);
    std::snprintf(buffer, sizeof buffer, "%ld min %02ld s", whole / 60, whole % 60);
  } else {
    const auto minutes = static_cast<long>(seconds / 60.0);
    std::snprintf(buffer, sizeof buffer, "%ld h %02ld min", minutes / 60, minutes % 60);
  }
  return buffer;
}

bool parse_double(std::string_view text, double& value) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool parse_int(std::string_view text, long long& value) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool parse_duration(std::string_view text, double& seconds) {
  static constexpr Unit kUnits[] = {{"", 1},     {"s", 1},    {"ms", 1e-3}, {"m", 60},
                                    {"min", 60}, {"h", 3600}, {"d", 86400}};
  return parse_with_unit(text, kUnits, seconds);
}

bool parse_bytes(std::string_view text, double& bytes) {
  static constexpr double kKi = 1024.0;
  static constexpr Unit kUnits[] = {{"", 1},
                                    {"B", 1},
                                    {"K", kKi},
                                    {"KiB", kKi},
                                    {"M", kKi * kKi},
                                    {"MiB", kKi * kKi},
                                    {"G", kKi * kKi * kKi},
                                    {"GiB", kKi * kKi * kKi}};
  return parse_with_unit(text, kUnits, bytes);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

bool is_utf8(std::string_view bytes, std::size_t& bad_offset) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    std::size_t length = 1;
    std::uint32_t point = lead;
    if (lead >= 0xF0 && lead < 0xF5) {
      length = 4, point = lead & 0x07u;
    } else if (lead >= 0xE0 && lead < 0xF0) {
      length = 3, point = lead & 0x0Fu;
    } else if (lead >= 0xC2 && lead < 0xE0) {
      length = 2, point = lead & 0x1Fu;
    } else if (lead >= 0x80) {
      bad_offset = i;
      return false;
    }
    for (std::size_t k = 1; k < length; ++k) {
      const unsigned char next =
          i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0;
      if ((next & 0xC0u) != 0x80u) {
        bad_offset = i;
        return false;
      }
      point = point << 6 | (next & 0x3Fu);
    }
    const bool is_overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (is_overlong || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
      bad_offset = i;
      return false;
    }
    i += length;
  }
  return true;
}

}  // namespace trimtab
