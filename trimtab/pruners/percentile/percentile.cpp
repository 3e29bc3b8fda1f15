#include "trimtab/pruners/percentile/percentile.hpp"

#include "trimtab/core/registry.hpp"

TRIMTAB_PRUNER(percentile, Percentile)

namespace trimtab {

Info Percentile::info() {
  Info info;
  info.name = "percentile";
  info.purpose = "stops a trial whose best so far is not among the best part at the step";
  info.source = "Golovin et al. 2017, section 3.2.2, with another percentile than 50";
  info.options = PercentileRule::options();
  info.options.insert(info.options.begin(),
                      {"percentile", 25.0, "the part that may go on, percent", 0.0, 100.0});
  return info;
}

PrunerCapabilities Percentile::capabilities() { return {}; }

Percentile::Percentile(const OptionValues& options, const PrunerSetting& setting)
    : PercentileRule(options.number("percentile"), options, setting) {}

}  // namespace trimtab
