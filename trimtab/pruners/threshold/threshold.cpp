#include "trimtab/pruners/threshold/threshold.hpp"

#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"

TRIMTAB_PRUNER(threshold, Threshold)

namespace trimtab {

Info Threshold::info() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Info info;
  info.name = "threshold";
  info.purpose = "stops a trial whose value leaves given bounds or is not a number";
  info.source = "no source";
  info.options = {{"lower", -kInfinity, "smallest value that may go on, user's direction"},
                  {"upper", kInfinity, "largest value that may go on, user's direction"},
                  {"warmup", 0.0, "steps below this one are not judged"},
                  {"interval", 1.0, "a trial is judged once in so many steps", 1e-9}};
  return info;
}

PrunerCapabilities Threshold::capabilities() { return {.compares = false}; }

Threshold::Threshold(const OptionValues& options, const PrunerSetting& setting)
    : objective_(setting.objectives.front()),
      lower_(options.number("lower")),
      upper_(options.number("upper")),
      warmup_(options.number("warmup")),
      interval_(options.number("interval")),
      curves_(setting.objectives.size()) {
  if (lower_ <= upper_) return;
  throw UserError({.code = "pruner.bounds",
                   .what = "the bounds of pruner \"threshold\" leave nothing between them",
                   .where = "pruner",
                   .got = "lower = " + format_short(lower_) + ", upper = " + format_short(upper_),
                   .expected = "lower <= upper",
                   .hint = ""});
}

void Threshold::tell(std::span<const Progress> progress) {
  for (const Progress& event : progress) curves_.tell(event);
}

double Threshold::value(const LearningCurve& curve, std::size_t i) const {
  return objective_.value(curve.losses(i)[0]);
}

bool Threshold::should_prune(std::int64_t trial, double step) const {
  const LearningCurve* curve = curves_.find(trial);
  const auto index = curve == nullptr ? std::nullopt : curve->find(step);
  if (!index || !curve->is_first_in_interval(*index, warmup_, interval_)) return false;
  const double here = value(*curve, *index);
  return !(here >= lower_ && here <= upper_);
}

std::string Threshold::explain(std::int64_t trial, double step) const {
  const LearningCurve* curve = curves_.find(trial);
  const auto index = curve == nullptr ? std::nullopt : curve->find(step);
  if (!index) return "";
  const double here = value(*curve, *index);
  if (std::isnan(here)) return objective_.name + " is not a number";
  return objective_.name + " = " + format_short(here) +
         (here < lower_ ? " is below " + format_short(lower_)
                        : " is above " + format_short(upper_));
}

}  // namespace trimtab
