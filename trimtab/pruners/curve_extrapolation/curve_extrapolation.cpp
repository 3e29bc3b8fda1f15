#include "trimtab/pruners/curve_extrapolation/curve_extrapolation.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/pruners/curve_extrapolation/power_law.hpp"

TRIMTAB_PRUNER(curve_extrapolation, CurveExtrapolation)

namespace trimtab {
namespace {

constexpr std::size_t kMaxPoints = 24;

bool covers(const std::vector<double>& a, std::span<const double> b) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (!(a[k] <= b[k])) return false;
  }
  return true;
}

}  // namespace

Info CurveExtrapolation::info() {
  Info info;
  info.name = "curve_extrapolation";
  info.purpose = "stops a trial whose forecast cannot reach the best one any more";
  info.source = "Domhan et al. 2015, section 4, with one power law";
  info.options = {
      {"max_step", 0.0,
       "the last step of a trial; 0 = the fidelity's, or that of the longest complete trial", 0.0},
      {"min_points", std::int64_t{4}, "reports before a trial is judged", 4.0},
      {"confidence", 0.95, "of the forecast's lower bound, one-sided; larger stops later", 0.5,
       0.9999},
      {"slack", 0.2, "without a law, stop beyond the incumbent by this part of its size", 0.0}};
  return info;
}

PrunerCapabilities CurveExtrapolation::capabilities() { return {}; }

CurveExtrapolation::CurveExtrapolation(const OptionValues& options, const PrunerSetting& setting)
    : objectives_(setting.objectives),
      max_step_(options.number("max_step") > 0.0 ? options.number("max_step") : setting.max_step),
      min_points_(static_cast<std::size_t>(options.integer("min_points"))),
      slack_(options.number("slack")),
      curves_(setting.objectives.size()) {
  const std::size_t most = std::max(kMaxPoints, min_points_);
  for (std::size_t n = 4; n <= most; ++n) {
    const boost::math::students_t student(static_cast<double>(n - 3));
    t_.push_back(boost::math::quantile(student, options.number("confidence")));
  }
}

void CurveExtrapolation::tell(std::span<const Progress> progress) {
  for (const Progress& event : progress) {
    curves_.tell(event);
    if (event.kind != Progress::Kind::End || event.state != TrialState::Complete) continue;
    if (const LearningCurve* curve = curves_.find(event.trial)) {
      longest_ = std::max(longest_, curve->step(curve->size() - 1));
    }
    const auto is_better = [&](const std::vector<double>& other) {
      return covers(other, event.losses);
    };
    if (std::ranges::any_of(incumbents_, is_better)) continue;
    const std::vector<double> losses(event.losses.begin(), event.losses.end());
    std::erase_if(incumbents_,
                  [&](const std::vector<double>& other) { return covers(losses, other); });
    incumbents_.push_back(losses);
  }
}

CurveExtrapolation::Forecast CurveExtrapolation::forecast(const LearningCurve& curve,
                                                          std::size_t last,
                                                          std::size_t objective) const {
  const std::size_t most = std::max(kMaxPoints, min_points_);
  const std::size_t size = std::max(min_points_, (last + 1) / 2);
  const std::size_t stride = (size + most - 1) / most;
  const double shift = std::max(0.0, 1.0 - curve.step(0));  // steps may start at 0
  std::vector<double> k;
  std::vector<double> y;
  for (std::size_t back = 0; back < size && back <= last; back += stride) {
    const std::size_t i = last - back;
    const double loss = curve.losses(i)[objective];
    if (!std::isfinite(loss) && i != last) continue;
    k.push_back(curve.step(i) + shift);
    y.push_back(loss);
  }
  const double horizon = (max_step_ > 0.0 ? max_step_ : longest_) + shift;
  if (const auto law = fit_power_law(k, y, horizon)) {
    return {law->prediction - t_quantile(k.size()) * law->deviation, true};
  }
  const double loss = curve.losses(last)[objective];
  return {std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss, false};
}

bool CurveExtrapolation::is_hopeless(double loss, double incumbent) const {
  if (std::isinf(incumbent)) return loss > incumbent;
  return loss > incumbent + slack_ * std::abs(incumbent);
}

// The complete trial that the forecast cannot reach in any objective.
const std::vector<double>* CurveExtrapolation::winner(std::int64_t trial, double step) const {
  const LearningCurve* curve = curves_.find(trial);
  const auto index = curve == nullptr ? std::nullopt : curve->find(step);
  if (!index || *index + 1 < min_points_ || incumbents_.empty()) return nullptr;
  if (step >= (max_step_ > 0.0 ? max_step_ : longest_)) return nullptr;  // it is at its end
  std::vector<Forecast> forecasts;
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    forecasts.push_back(forecast(*curve, *index, k));
  }
  for (const std::vector<double>& incumbent : incumbents_) {
    bool is_beyond = true;
    for (std::size_t k = 0; k < objectives_.size(); ++k) {
      const Forecast& forecast = forecasts[k];
      is_beyond = is_beyond && (forecast.is_fitted ? forecast.bound > incumbent[k]
                                                   : is_hopeless(forecast.bound, incumbent[k]));
    }
    if (is_beyond) return &incumbent;
  }
  return nullptr;
}

bool CurveExtrapolation::should_prune(std::int64_t trial, double step) const {
  return winner(trial, step) != nullptr;
}

std::string CurveExtrapolation::explain(std::int64_t trial, double step) const {
  const std::vector<double>* incumbent = winner(trial, step);
  if (incumbent == nullptr) return "";
  const LearningCurve& curve = *curves_.find(trial);
  const Objective& objective = objectives_.front();
  const Forecast forecast = this->forecast(curve, *curve.find(step), 0);
  return (forecast.is_fitted ? "at best " : "no law fits, now at ") + objective.name + " = " +
         format_short(objective.value(forecast.bound)) + ", the best trial has " +
         format_short(objective.value(incumbent->front()));
}

}  // namespace trimtab
