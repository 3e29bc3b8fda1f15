#include "trimtab/optuna/local_time.hpp"

#include <fmt/format.h>

#include <charconv>
#include <ctime>

namespace trimtab::optuna {
namespace {

constexpr Timestamp kSecond = 1'000'000;
constexpr std::size_t kLength = 26;

// Reads the digits [from, from + count); false when there is another character.
bool read_digits(std::string_view text, std::size_t from, std::size_t count, int& value) {
  const char* begin = text.data() + from;
  const auto [end, error] = std::from_chars(begin, begin + count, value);
  return error == std::errc() && end == begin + count && *begin != '-';
}

}  // namespace

std::string local_time_text(Timestamp time) {
  Timestamp microseconds = time % kSecond;
  if (microseconds < 0) microseconds += kSecond;
  const auto seconds = static_cast<std::time_t>((time - microseconds) / kSecond);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     microseconds);
}

std::optional<Timestamp> parse_local_time(std::string_view text) {
  if (text.size() != kLength) return std::nullopt;
  constexpr std::string_view kForm = "    -  -     :  :  .      ";
  for (std::size_t i = 0; i < kLength; ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    const bool is_place = kForm[i] == ' ' && i != 10;
    if (is_place ? !is_digit : text[i] != kForm[i]) return std::nullopt;
  }
  std::tm parts{};
  int microseconds = 0;
  const bool is_read =
      read_digits(text, 0, 4, parts.tm_year) && read_digits(text, 5, 2, parts.tm_mon) &&
      read_digits(text, 8, 2, parts.tm_mday) && read_digits(text, 11, 2, parts.tm_hour) &&
      read_digits(text, 14, 2, parts.tm_min) && read_digits(text, 17, 2, parts.tm_sec) &&
      read_digits(text, 20, 6, microseconds);
  if (!is_read) return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  parts.tm_isdst = -1;
  const std::time_t seconds = std::mktime(&parts);
  return static_cast<Timestamp>(seconds) * kSecond + microseconds;
}

}  // namespace trimtab::optuna
