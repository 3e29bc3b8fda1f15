#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "trimtab/base/clock.hpp"

namespace trimtab::optuna {

/// What a time without a zone means: Optuna 5 writes UTC into its databases, 4.9 and before the
/// local time of whoever ran the trial.
enum class ZoneRule : std::uint8_t { Utc, Local };

/// Reads "2026-01-02 03:04:05.000006" and what ISO 8601 allows of it: "T", fewer digits of a second
/// (1 to 6, or none), and at its end "Z" or "+01:30", which then counts instead of `rule`. Nothing
/// when the text is no such time.
std::optional<Timestamp> parse_file_time(std::string_view text, ZoneRule rule);

/// As Optuna writes it into a database, with six digits.
std::string file_time_text(Timestamp time, ZoneRule rule);

}  // namespace trimtab::optuna
