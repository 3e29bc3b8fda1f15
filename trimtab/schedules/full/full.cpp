#include "trimtab/schedules/full/full.hpp"

#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(full, Full)

namespace trimtab {

Info Full::info() {
  Info info;
  info.name = "full";
  info.purpose = "gives every trial its whole fidelity at once";
  return info;
}

Full::Full(const OptionValues&, const ScheduleSetting& setting) : max_(setting.fidelity.max) {}

}  // namespace trimtab
