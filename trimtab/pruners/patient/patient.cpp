#include "trimtab/pruners/patient/patient.hpp"

#include <algorithm>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"

TRIMTAB_PRUNER(patient, Patient)

namespace trimtab {

Info Patient::info() {
  Info info;
  info.name = "patient";
  info.purpose = "stops a trial that no longer improves";
  info.source = "Prechelt 1998, section 2";
  info.options = {
      {"patience", std::int64_t{5}, "reports in which the trial must improve", 1.0},
      {"min_delta", 0.0, "smallest fall of the loss that counts, its unit", 0.0},
      {"agree", std::string("none"),
       "another pruner, with its default options, that must want to stop the trial as well"}};
  return info;
}

PrunerCapabilities Patient::capabilities() { return {.compares = false}; }

Patient::Patient(const OptionValues& options, const PrunerSetting& setting)
    : patience_(static_cast<std::size_t>(options.integer("patience"))),
      min_delta_(options.number("min_delta")),
      num_objectives_(setting.objectives.size()),
      curves_(setting.objectives.size()) {
  const std::string& agree = options.text("agree");
  if (agree == "none") return;
  if (agree == "patient") {
    throw UserError({.code = "pruner.agree",
                     .what = "pruner \"patient\" cannot ask itself",
                     .where = "pruner",
                     .got = "agree = \"patient\"",
                     .expected = "another pruner",
                     .hint = "see `trimtab list pruners`"});
  }
  other_ = setting.make_other(agree);
}

void Patient::tell(std::span<const Progress> progress) {
  for (const Progress& event : progress) curves_.tell(event);
  if (other_) other_.tell(progress);
}

bool Patient::has_improved(const LearningCurve& curve, std::size_t last) const {
  const std::size_t first = last + 1 - patience_;  // of the reports that must improve
  for (std::size_t k = 0; k < num_objectives_; ++k) {
    double before = std::numeric_limits<double>::infinity();
    double since = before;
    for (std::size_t i = 0; i <= last; ++i) {
      double& best = i < first ? before : since;
      if (curve.losses(i)[k] < best) best = curve.losses(i)[k];
    }
    if (since < before - min_delta_ || (since < before && min_delta_ == 0.0)) return true;
  }
  return false;
}

bool Patient::should_prune(std::int64_t trial, double step) const {
  const LearningCurve* curve = curves_.find(trial);
  const auto index = curve == nullptr ? std::nullopt : curve->find(step);
  if (!index || *index < patience_ || has_improved(*curve, *index)) return false;
  return !other_ || other_.should_prune(trial, step);
}

std::string Patient::explain(std::int64_t trial, double step) const {
  std::string text = "no improvement in " + std::to_string(patience_) + " reports";
  if (other_) text += ", and " + other_.explain(trial, step);
  return text;
}

}  // namespace trimtab
