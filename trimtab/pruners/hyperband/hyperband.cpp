#include "trimtab/pruners/hyperband/hyperband.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"

TRIMTAB_PRUNER(hyperband, Hyperband)

namespace trimtab {

Info Hyperband::info() {
  Info info;
  info.name = "hyperband";
  info.purpose = "successive halving from several first rungs at once";
  info.source = "Li et al. 2017, algorithm 1";
  info.options = {
      {"min_step", 0.0, "first rung of the strictest bracket; 0 = the fidelity's, or 1", 0.0},
      {"max_step", 0.0,
       "where a trial ends by itself; 0 = the fidelity's, or that of the first complete trial",
       0.0},
      {"eta", 3.0, "one in eta goes on; rungs are eta times apart", 1.001}};
  return info;
}

PrunerCapabilities Hyperband::capabilities() { return {}; }

Hyperband::Hyperband(const OptionValues& options, const PrunerSetting& setting)
    : min_step_(options.number("min_step")),
      eta_(options.number("eta")),
      seed_(setting.seed),
      num_objectives_(setting.objectives.size()) {
  if (min_step_ == 0.0) min_step_ = setting.min_step > 0.0 ? setting.min_step : 1.0;
  const double given = options.number("max_step");
  const double max_step = given > 0.0 ? given : setting.max_step;
  if (max_step > 0.0 && max_step < min_step_) {
    throw UserError(
        {.code = "pruner.bounds",
         .what = "pruner \"hyperband\" has min_step above max_step",
         .where = "pruner",
         .got = "min_step = " + format_short(min_step_) + ", max_step = " + format_short(max_step),
         .expected = "min_step <= max_step",
         .hint = ""});
  }
  if (max_step > 0.0) build(max_step);
}

void Hyperband::build(double max_step) {
  constexpr double kMaxBrackets = 32.0;
  const double ratio = std::max(1.0, max_step / min_step_);
  const double s_max = std::min(kMaxBrackets, std::floor(std::log(ratio) / std::log(eta_) + 1e-9));
  double sum = 0.0;
  for (double s = 0.0; s <= s_max; ++s) {
    brackets_.emplace_back(max_step * std::pow(eta_, -s), eta_, num_objectives_);
    sum += std::ceil((s_max + 1.0) * std::pow(eta_, s) / (s + 1.0));
    share_up_to_.push_back(sum);
  }
  for (double& share : share_up_to_) share /= sum;
}

std::optional<std::size_t> Hyperband::bracket_of(std::int64_t trial) const {
  if (brackets_.empty()) return std::nullopt;
  const double u = Rng(seed_, static_cast<std::uint64_t>(trial), "bracket").uniform01();
  const auto at = std::upper_bound(share_up_to_.begin(), share_up_to_.end() - 1, u);
  return static_cast<std::size_t>(at - share_up_to_.begin());
}

// The rung at the very end decides nothing: who is there has finished.
void Hyperband::enter(std::int64_t trial, double step, std::span<const double> losses) {
  const std::size_t s = *bracket_of(trial);
  if (s > 0) brackets_[s].report(trial, step, losses);
}

void Hyperband::tell(std::span<const Progress> progress) {
  for (const Progress& event : progress) {
    const bool is_report = event.kind == Progress::Kind::Report;
    if (is_report && !std::isfinite(event.step)) continue;
    if (is_report && !brackets_.empty()) {
      enter(event.trial, event.step, event.losses);
    } else if (is_report) {
      early_reports_.push_back(
          {event.trial, event.step, {event.losses.begin(), event.losses.end()}});
    } else if (brackets_.empty() && event.state == TrialState::Complete) {
      double last = 0.0;
      for (const Report& report : early_reports_) {
        if (report.trial == event.trial) last = std::max(last, report.step);
      }
      if (last < min_step_) continue;
      build(last);
      for (const Report& report : early_reports_) {
        enter(report.trial, report.step, report.losses);
      }
      early_reports_.clear();
    }
  }
}

bool Hyperband::should_prune(std::int64_t trial, double step) const {
  const std::optional<std::size_t> s = bracket_of(trial);
  return s && brackets_[*s].should_stop(trial, step);
}

std::string Hyperband::explain(std::int64_t trial, double step) const {
  const std::optional<std::size_t> s = bracket_of(trial);
  if (!s) return "";
  return "bracket " + std::to_string(*s) + ": " + brackets_[*s].explain(trial, step);
}

}  // namespace trimtab
