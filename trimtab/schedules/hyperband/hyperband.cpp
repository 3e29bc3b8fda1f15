#include "trimtab/schedules/hyperband/hyperband.hpp"

#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(hyperband, HyperbandSchedule)

namespace trimtab {

Info HyperbandSchedule::info() {
  Info info;
  info.name = "hyperband";
  info.purpose = "successive halving in brackets that begin at different rungs";
  info.source = "Li et al. 2017, algorithm 1";
  info.options = {
      {"synchronous", false, "each bracket waits for the last of its trials at a rung"}};
  return info;
}

HyperbandSchedule::HyperbandSchedule(const OptionValues& options, const ScheduleSetting& setting)
    : brackets_(setting, options.flag("synchronous")) {}

}  // namespace trimtab
