#include "trimtab/pruners/none/none.hpp"

#include "trimtab/core/registry.hpp"

TRIMTAB_PRUNER(none, None)

namespace trimtab {

Info None::info() {
  Info info;
  info.name = "none";
  info.purpose = "stops nothing; the default";
  info.source = "no source";
  return info;
}

PrunerCapabilities None::capabilities() { return {.compares = false}; }

None::None(const OptionValues&, const PrunerSetting&) {}
void None::tell(std::span<const Progress>) {}
bool None::should_prune(std::int64_t, double) const { return false; }
std::string None::explain(std::int64_t, double) const { return ""; }

}  // namespace trimtab
