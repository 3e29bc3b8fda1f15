#include "trimtab/samplers/gp/surrogate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace trimtab::gp {
namespace {

constexpr std::size_t kFitsPerStart = 8;  // of which the first is cold
constexpr std::size_t kMaxChosen = 100;   // losses that choose the warp
constexpr std::size_t kMaxLabels = 240;   // trials that the feasibility is conditioned on
constexpr std::size_t kMaxFittedLabels = 120;
constexpr std::size_t kNumRecent = 8;          // trials whose share of failures makes careful
constexpr std::size_t kLabelEvaluations = 20;  // of the feasibility's evidence

std::vector<double> gather(const Observations& observations, std::span<const std::size_t> rows) {
  std::vector<double> features;
  for (const std::size_t row : rows) {
    const std::span<const double> own = observations.features(row);
    features.insert(features.end(), own.begin(), own.end());
  }
  return features;
}

std::vector<std::size_t> rows_with_loss(const Observations& observations, std::size_t count) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < count; ++i) {
    if (observations.verdict(i) != Verdict::Failure) rows.push_back(i);
  }
  return rows;
}

// At most `limit` rows: the half with the smallest losses, and of the others the latest
// (`is_spread` false) or evenly spread ones. In ascending order.
std::vector<std::size_t> subset(const Observations& observations, std::vector<std::size_t> rows,
                                std::size_t limit, bool is_spread) {
  if (rows.size() <= limit) return rows;
  const auto key = [&](std::size_t row) {
    const double loss = observations.loss(row);
    return std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss;
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  const std::size_t num_best = limit / 2;
  std::vector<std::size_t> rest(rows.begin() + static_cast<std::ptrdiff_t>(num_best), rows.end());
  rows.resize(num_best);
  const std::size_t num_rest = limit - num_best;
  if (!is_spread) std::sort(rest.begin(), rest.end(), std::greater<>());
  for (std::size_t k = 0; k < num_rest; ++k) {
    rows.push_back(is_spread ? rest[k * rest.size() / num_rest] : rest[k]);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

// The loss that the model learns from.
double loss_of(const Observations& observations, std::size_t row, const OutputWarp& warp) {
  const double loss = observations.loss(row);
  if (observations.verdict(row) != Verdict::AtLeast) return loss;
  return std::isnan(loss) ? warp.median() : std::max(loss, warp.median());
}

OutputWarp make_warp(const Observations& observations, std::span<const std::size_t> rows,
                     double strength) {
  std::vector<double> losses;
  for (const std::size_t row : rows) {
    if (observations.verdict(row) == Verdict::Value) losses.push_back(observations.loss(row));
  }
  if (losses.empty()) {
    for (const std::size_t row : rows) losses.push_back(observations.loss(row));
  }
  return OutputWarp(losses, strength);
}

// The trials that teach where trials fail: the latest, and as many spread over the older ones.
struct Labels {
  std::vector<std::size_t> rows;
  std::vector<double> targets;
  bool has_failures = false;
};

Labels labels_of(const Observations& observations, std::size_t count, std::size_t limit) {
  Labels labels;
  const std::size_t num_latest = count <= limit ? count : limit / 2;
  const std::size_t num_older = count - num_latest;
  const std::size_t num_spread = std::min(num_older, limit - num_latest);
  for (std::size_t k = 0; k < num_spread; ++k) labels.rows.push_back(k * num_older / num_spread);
  for (std::size_t i = num_older; i < count; ++i) labels.rows.push_back(i);
  for (const std::size_t row : labels.rows) {
    const bool is_failure = observations.verdict(row) == Verdict::Failure;
    labels.targets.push_back(is_failure ? -1.0 : 1.0);
    labels.has_failures = labels.has_failures || is_failure;
  }
  return labels;
}

double recent_failures(const Observations& observations, std::size_t count) {
  const std::size_t num_recent = std::min(kNumRecent, count);
  double failed = 0.0;
  for (std::size_t i = count - num_recent; i < count; ++i) {
    if (observations.verdict(i) == Verdict::Failure) failed += 1.0;
  }
  return num_recent == 0 ? 0.0 : failed / static_cast<double>(num_recent);
}

// The cold starts: the mode of the prior, and a longer reach.
std::vector<Hyperparameters> cold_starts(std::size_t num_axes, const HyperPrior& prior) {
  std::vector<Hyperparameters> starts(2, prior_mode(num_axes, prior));
  for (double& length : starts[1].length_scales) length *= 4.0;
  starts[1].signal_variance = 4.0;
  return starts;
}

}  // namespace

SurrogateMemo::SurrogateMemo(Axes axes, SurrogateSettings settings)
    : axes_(std::move(axes)), settings_(settings) {}

std::size_t SurrogateMemo::step_after(std::size_t count) const {
  const std::size_t longest = std::max<std::size_t>(1, settings_.max_points / 20);
  return std::clamp<std::size_t>(count / 20, 1, longest);
}

SurrogateMemo::Due SurrogateMemo::due(std::size_t n) const {
  Due due{settings_.first_fit, 0};
  while (due.count + step_after(due.count) <= n) {
    due.count += step_after(due.count);
    ++due.index;
  }
  return due;
}

Surrogate SurrogateMemo::at(const Observations& observations) const {
  const std::lock_guard lock(mutex_);
  const std::size_t n = observations.size();
  const Due wanted = due(n);
  if (!state_.due || state_.due->index != wanted.index) {
    const std::size_t anchor = wanted.index - wanted.index % kFitsPerStart;
    Due next{settings_.first_fit, 0};
    while (next.index <= wanted.index) {
      const bool is_known = state_.due && state_.due->index >= next.index;
      if (next.index >= anchor && !is_known) refit(observations, next);
      next.count += step_after(next.count);
      ++next.index;
    }
    condition(observations, wanted.count);
  }
  advance(observations, n);
  return state_.surrogate;
}

void SurrogateMemo::refit(const Observations& observations, Due due) const {
  fit_objective(observations, due.count, due.index % kFitsPerStart == 0);
  fit_feasibility(observations, due.count);
  state_.constraint_thetas = ConstraintModels::fit(axes_, observations, due.count,
                                                   settings_.warm_evaluations, settings_.prior);
  state_.due = due;
}

void SurrogateMemo::fit_objective(const Observations& observations, std::size_t count,
                                  bool is_cold) const {
  const std::vector<std::size_t> all = rows_with_loss(observations, count);
  if (all.empty()) return;
  const auto fit_with = [&](double strength, std::size_t limit,
                            std::span<const Hyperparameters> starts, std::size_t evaluations,
                            FitState& state) {
    state.strength = strength;
    state.warp = make_warp(observations, all, strength);
    const std::vector<std::size_t> rows = subset(observations, all, limit, true);
    std::vector<double> losses;
    std::vector<double> targets;
    for (const std::size_t row : rows) {
      losses.push_back(loss_of(observations, row, state.warp));
      targets.push_back(state.warp.target(losses.back()));
    }
    const Fit fit = fit_hyperparameters(axes_, gather(observations, rows), targets, starts,
                                        evaluations, settings_.prior);
    state.theta = fit.theta;
    return fit.log_posterior + state.warp.log_jacobian(losses);
  };
  if (is_cold || state_.fit.theta.length_scales.empty()) {
    const std::vector<Hyperparameters> starts = cold_starts(axes_.count, settings_.prior);
    double best = -std::numeric_limits<double>::infinity();
    FitState chosen;
    for (const double strength : settings_.strengths) {
      FitState state;
      const double evidence =
          fit_with(strength, kMaxChosen, starts, settings_.cold_evaluations, state);
      if (chosen.theta.length_scales.empty() || evidence > best) {
        best = evidence;
        chosen = state;
      }
    }
    state_.fit = chosen;
    if (all.size() <= kMaxChosen) return;
  }
  const std::vector<Hyperparameters> start = {state_.fit.theta};
  fit_with(state_.fit.strength, settings_.max_fitted, start, settings_.warm_evaluations,
           state_.fit);
}

void SurrogateMemo::fit_feasibility(const Observations& observations, std::size_t count) const {
  const Labels labels = labels_of(observations, count, kMaxFittedLabels);
  state_.feasibility_theta = {};
  if (!labels.has_failures) return;
  // From the prior each time, so that it depends on nothing but the labels.
  state_.feasibility_theta =
      fit_classifier(axes_, gather(observations, labels.rows), labels.targets, kLabelEvaluations,
                     settings_.feasibility_prior);
}

void SurrogateMemo::condition(const Observations& observations, std::size_t count) const {
  Surrogate& surrogate = state_.surrogate;
  surrogate = Surrogate();
  surrogate.points =
      subset(observations, rows_with_loss(observations, count), settings_.max_points, false);
  if (!surrogate.points.empty()) {
    surrogate.objective.emplace(axes_, state_.fit.theta, gather(observations, surrogate.points));
  }
  state_.count = count;
}

void SurrogateMemo::advance(const Observations& observations, std::size_t count) const {
  Surrogate& surrogate = state_.surrogate;
  for (; state_.count < count; ++state_.count) {
    if (observations.verdict(state_.count) == Verdict::Failure) continue;
    if (!surrogate.objective) {  // the first loss after a fit without any
      const bool is_fitted = !state_.fit.theta.length_scales.empty();
      surrogate.objective.emplace(
          axes_, is_fitted ? state_.fit.theta : prior_mode(axes_.count, settings_.prior));
    }
    surrogate.objective->append(observations.features(state_.count));
    surrogate.points.push_back(state_.count);
  }
  set_targets(observations);
}

void SurrogateMemo::set_targets(const Observations& observations) const {
  Surrogate& surrogate = state_.surrogate;
  surrogate.best = 0.0;
  surrogate.has_best = false;
  surrogate.fitted.clear();
  if (surrogate.objective) {
    std::vector<double> targets;
    for (const std::size_t row : surrogate.points) {
      targets.push_back(state_.fit.warp.target(loss_of(observations, row, state_.fit.warp)));
    }
    surrogate.objective->set_targets(targets);
    surrogate.fitted = surrogate.objective->fitted_means();
    for (std::size_t i = 0; i < surrogate.points.size(); ++i) {
      if (!observations.is_feasible(surrogate.points[i])) continue;
      const double mean = surrogate.fitted[i];
      surrogate.best = surrogate.has_best ? std::min(surrogate.best, mean) : mean;
      surrogate.has_best = true;
    }
  }
  surrogate.constraints = ConstraintModels(axes_, observations, state_.count,
                                           state_.constraint_thetas, settings_.prior);
  surrogate.feasibility.reset();
  surrogate.recent_failures = recent_failures(observations, state_.count);
  const Labels labels = labels_of(observations, state_.count, kMaxLabels);
  if (!labels.has_failures) return;
  const bool is_fitted = !state_.feasibility_theta.length_scales.empty();
  surrogate.feasibility.emplace(
      axes_,
      is_fitted ? state_.feasibility_theta
                : middle_of_prior(axes_.count, settings_.feasibility_prior),
      gather(observations, labels.rows), labels.targets, settings_.feasibility_prior);
}

}  // namespace trimtab::gp
