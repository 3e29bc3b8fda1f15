#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "trimtab/base/clock.hpp"

namespace trimtab::optuna {

/// "2026-01-02 03:04:05.000006" in this machine's time zone (TZ), as Optuna's wire wants it.
std::string local_time_text(Timestamp time);

/// Inverse; nothing when the text is no such time. A time that a zone has twice is taken as its
/// first.
std::optional<Timestamp> parse_local_time(std::string_view text);

}  // namespace trimtab::optuna
