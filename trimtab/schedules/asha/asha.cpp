#include "trimtab/schedules/asha/asha.hpp"

#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(asha, Asha)

namespace trimtab {

Info Asha::info() {
  Info info;
  info.name = "asha";
  info.purpose = "promotes whoever is among the best 1/eta of a rung so far";
  info.source = "Li et al. 2020, algorithm 2";
  return info;
}

Asha::Asha(const OptionValues&, const ScheduleSetting& setting) : ladder_(setting) {}

std::optional<std::int64_t> Asha::promotion(bool is_growing) const {
  const bool is_closing = !is_growing && ladder_.is_idle();
  if (const auto trial = ladder_.next_at_once(ladder_.top(), is_closing)) return trial;
  return is_closing ? ladder_.last_resort() : std::nullopt;
}

}  // namespace trimtab
