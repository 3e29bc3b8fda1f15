#include "trimtab/pruners/median/median.hpp"

#include "trimtab/core/registry.hpp"

TRIMTAB_PRUNER(median, Median)

namespace trimtab {

Info Median::info() {
  Info info;
  info.name = "median";
  info.purpose = "stops a trial whose best so far is worse than the median at the step";
  info.source = "Golovin et al. 2017, section 3.2.2";
  info.options = PercentileRule::options();
  return info;
}

PrunerCapabilities Median::capabilities() { return {}; }

Median::Median(const OptionValues& options, const PrunerSetting& setting)
    : PercentileRule(50.0, options, setting) {}

}  // namespace trimtab
