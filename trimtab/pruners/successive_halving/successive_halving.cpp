#include "trimtab/pruners/successive_halving/successive_halving.hpp"

#include <cmath>

#include "trimtab/core/registry.hpp"

TRIMTAB_PRUNER(successive_halving, SuccessiveHalving)

namespace trimtab {
namespace {

double first_step(const OptionValues& options, const PrunerSetting& setting) {
  const double given = options.number("min_step");
  if (given > 0.0) return given;
  return setting.min_step > 0.0 ? setting.min_step : 1.0;
}

}  // namespace

Info SuccessiveHalving::info() {
  Info info;
  info.name = "successive_halving";
  info.purpose = "at each rung of steps only the best part goes on (ASHA, stopping form)";
  info.source = "Li et al. 2020, algorithm 2";
  info.options = {
      {"min_step", 0.0, "step of the first rung; 0 = that of the study's fidelity, or 1", 0.0},
      {"eta", 3.0, "one in eta goes on; rungs are eta times apart", 1.001}};
  return info;
}

PrunerCapabilities SuccessiveHalving::capabilities() { return {}; }

SuccessiveHalving::SuccessiveHalving(const OptionValues& options, const PrunerSetting& setting)
    : rungs_(first_step(options, setting), options.number("eta"), setting.objectives.size()) {}

void SuccessiveHalving::tell(std::span<const Progress> progress) {
  for (const Progress& event : progress) {
    if (event.kind == Progress::Kind::Report && std::isfinite(event.step)) {
      rungs_.report(event.trial, event.step, event.losses);
    }
  }
}

bool SuccessiveHalving::should_prune(std::int64_t trial, double step) const {
  return rungs_.should_stop(trial, step);
}

std::string SuccessiveHalving::explain(std::int64_t trial, double step) const {
  return rungs_.explain(trial, step);
}

}  // namespace trimtab
