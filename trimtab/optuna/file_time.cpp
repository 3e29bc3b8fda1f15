#include "trimtab/optuna/file_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "trimtab/optuna/local_time.hpp"

namespace trimtab::optuna {
namespace {

constexpr Timestamp kSecond = 1'000'000;
constexpr std::size_t kUpToSeconds = 19;

// Takes digits from the front: `least` to `most` of them.
std::optional<int> take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  int value = 0;
  while (count < std::min(most, text.size()) && text[count] >= '0' && text[count] <= '9') {
    value = value * 10 + (text[count] - '0');
    ++count;
  }
  if (count < least) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  return true;
}

// Microseconds behind the seconds: ".5" is 500000. Nothing when there is a point without digits.
std::optional<int> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  const std::size_t before = text.size();
  std::optional<int> value = take_digits(text, 1, 6);
  if (!value) return std::nullopt;
  for (std::size_t digits = before - text.size(); digits < 6; ++digits) *value *= 10;
  return value;
}

// Seconds east of UTC, at the end of the text.
struct Offset {
  bool is_right = true;
  std::optional<Timestamp> seconds = {};
};
Offset take_offset(std::string_view text) {
  if (text.empty()) return {};
  if (text == "Z") return {.seconds = 0};
  const bool is_west = text[0] == '-';
  if (!take(text, '+') && !take(text, '-')) return {.is_right = false};
  const std::optional<int> hours = take_digits(text, 2, 2);
  take(text, ':');
  const std::optional<int> minutes = take_digits(text, 2, 2);
  if (!hours || !minutes || !text.empty()) return {.is_right = false};
  const Timestamp seconds = *hours * 3600 + *minutes * 60;
  return {.seconds = is_west ? -seconds : seconds};
}

// "2026-01-02 03:04:05" as if it were UTC, seconds.
std::optional<Timestamp> read_clock(std::string_view text) {
  const auto year = take_digits(text, 4, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2, 2);
  if (!day || (!take(text, ' ') && !take(text, 'T'))) return std::nullopt;
  const auto hour = take_digits(text, 2, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2, 2);
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!second || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return Timestamp{days} * 86400 + *hour * 3600 + *minute * 60 + *second;
}

}  // namespace

std::optional<Timestamp> parse_file_time(std::string_view text, ZoneRule rule) {
  if (text.size() < kUpToSeconds) return std::nullopt;
  const std::optional<Timestamp> clock = read_clock(text.substr(0, kUpToSeconds));
  std::string_view rest = text.substr(kUpToSeconds);
  const std::optional<int> microseconds = take_fraction(rest);
  if (!clock || !microseconds) return std::nullopt;
  const Offset offset = take_offset(rest);
  if (!offset.is_right) return std::nullopt;
  if (offset.seconds || rule == ZoneRule::Utc) {
    return (*clock - offset.seconds.value_or(0)) * kSecond + *microseconds;
  }
  std::string local = fmt::format("{}.{:06}", text.substr(0, kUpToSeconds), *microseconds);
  local[10] = ' ';
  return parse_local_time(local);
}

std::string file_time_text(Timestamp time, ZoneRule rule) {
  if (rule == ZoneRule::Local) return local_time_text(time);
  const std::chrono::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds(time)};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<std::chrono::microseconds> clock(moment - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace trimtab::optuna
