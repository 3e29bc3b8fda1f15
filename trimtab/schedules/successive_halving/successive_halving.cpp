#include "trimtab/schedules/successive_halving/successive_halving.hpp"

#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(successive_halving, SuccessiveHalvingSchedule)

namespace trimtab {

Info SuccessiveHalvingSchedule::info() {
  Info info;
  info.name = "successive_halving";
  info.purpose = "promotes the best 1/eta of a rung when all have reached it";
  info.source = "Jamieson and Talwalkar 2016, figure 1";
  return info;
}

SuccessiveHalvingSchedule::SuccessiveHalvingSchedule(const OptionValues&,
                                                     const ScheduleSetting& setting)
    : ladder_(setting) {}

std::optional<std::int64_t> SuccessiveHalvingSchedule::promotion(bool is_growing) const {
  if (is_growing) return std::nullopt;
  if (const auto trial = ladder_.next_together(0)) return trial;
  return ladder_.last_resort();
}

}  // namespace trimtab
