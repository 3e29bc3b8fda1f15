#include "trimtab/core/pruning/percentile_rule.hpp"

#include "trimtab/base/text.hpp"

namespace trimtab {

std::vector<OptionInfo> PercentileRule::options() {
  return {{"startup_trials", std::int64_t{5}, "complete trials before anything is stopped", 0.0},
          {"warmup", 0.0, "steps below this one are not judged"},
          {"interval", 1.0, "a trial is judged once in so many steps", 1e-9},
          {"min_trials", std::int64_t{1}, "others that a step needs before it is judged", 1.0},
          {"among",
           std::string("complete"),
           "who the others are: complete trials, or all that reported the step, stopped and "
           "running ones too",
           {},
           {},
           {"complete", "all"}}};
}

PercentileRule::PercentileRule(double percentile, const OptionValues& options,
                               const PrunerSetting& setting)
    : objective_(setting.objectives.front()),
      share_(percentile / 100.0),
      startup_trials_(options.integer("startup_trials")),
      warmup_(options.number("warmup")),
      interval_(options.number("interval")),
      min_trials_(options.integer("min_trials")),
      is_among_all_(options.text("among") == "all"),
      curves_(setting.objectives.size()) {}

RankedLosses& PercentileRule::at(double step) {
  return others_.try_emplace(step, curves_.num_objectives()).first->second;
}

void PercentileRule::tell(std::span<const Progress> progress) {
  for (const Progress& event : progress) {
    if (event.kind == Progress::Kind::Report) {
      take_report(event);
    } else if (event.state == TrialState::Complete) {
      ++num_complete_;
      if (!is_among_all_) take_complete(event.trial);
    }
  }
}

void PercentileRule::take_report(const Progress& report) {
  if (is_among_all_) {
    const LearningCurve* before = curves_.find(report.trial);
    if (before != nullptr) {
      if (const auto index = before->find(report.step)) {
        at(report.step).erase(before->losses(*index));
      }
    }
  }
  curves_.tell(report);
  if (is_among_all_) at(report.step).insert(report.losses);
}

void PercentileRule::take_complete(std::int64_t trial) {
  const LearningCurve* curve = curves_.find(trial);
  for (std::size_t i = 0; curve != nullptr && i < curve->size(); ++i) {
    at(curve->step(i)).insert(curve->losses(i));
  }
}

bool PercentileRule::should_prune(std::int64_t trial, double step) const {
  if (num_complete_ < startup_trials_) return false;
  const LearningCurve* curve = curves_.find(trial);
  if (curve == nullptr) return false;
  const auto index = curve->find(step);
  const auto others = others_.find(step);
  if (!index || others == others_.end()) return false;
  if (!curve->is_first_in_interval(*index, warmup_, interval_)) return false;
  if (static_cast<std::int64_t>(others->second.size()) < min_trials_) return false;
  if (curves_.num_objectives() > 1) {
    return others->second.is_beyond_quantile(curve->losses(*index), share_);
  }
  const double best = curve->best(*index);
  return others->second.is_beyond_quantile({&best, 1}, share_);
}

std::string PercentileRule::explain(std::int64_t, double step) const {
  const auto others = others_.find(step);
  if (others == others_.end()) return "";
  const std::string name =
      share_ == 0.5 ? "the median" : "percentile " + format_short(share_ * 100.0);
  const std::string count = " of " + std::to_string(others->second.size()) + " trials";
  if (curves_.num_objectives() > 1) return "dominated by more trials than " + name + count;
  return "best so far worse than " + name + count + ", " + objective_.name + " = " +
         format_short(objective_.value(others->second.quantile(share_)));
}

}  // namespace trimtab
