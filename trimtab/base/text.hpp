#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trimtab {

/// The candidate with the smallest edit distance to `name`, or "" when none is near
/// (distance over a third of the longer name). Case-insensitive. Cost: O(total length * name
/// length).
std::string nearest(std::string_view name, std::span<const std::string> candidates);

/// `did you mean "x"?`, or "" when nothing is near.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// "one of a, b, c" ("one of a, b, ... (12 more)" past twelve entries); a single one stands alone.
std::string one_of(std::span<const std::string> candidates);

/// The text in double quotes; control characters escaped, cut after `max_length` bytes.
std::string quote(std::string_view text, std::size_t max_length = 80);

/// The shortest decimal text that reads back as the same double; "nan", "inf", "-inf" otherwise.
std::string format_number(double value);

/// At most `digits` significant digits, for people: 0.9884, 1.2e-05, 13200.
std::string format_short(double value, int digits = 4);

/// "350 ms", "12.3 s", "4 min 05 s", "2 h 10 min". @param seconds  >= 0.
std::string format_duration(double seconds);

/// Reads a whole text as one double. Returns false when any character is left over.
bool parse_double(std::string_view text, double& value);

/// Reads a whole text as one decimal integer.
bool parse_int(std::string_view text, long long& value);

/// Reads "90", "90s", "20m", "8h", "2d", "500ms" as seconds. Returns false otherwise.
bool parse_duration(std::string_view text, double& seconds);

/// Reads "1048576", "512K", "2G", "1.5GiB" (powers of 1024) as bytes. Returns false otherwise.
bool parse_bytes(std::string_view text, double& bytes);

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

/// True when `bytes` is valid UTF-8; otherwise `bad_offset` is the first offending byte.
bool is_utf8(std::string_view bytes, std::size_t& bad_offset);

}  // namespace trimtab
