#include "trimtab/engine/detail/holdout_guard.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "trimtab/base/rng.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/numerics/thresholdout.hpp"

namespace trimtab {
namespace {

Rng unpredictable() {
  std::random_device device;
  const auto word = [&] { return std::uint64_t{device()} << 32 | device(); };
  return Rng(word(), word(), "holdout");
}

void fail(Outcome& outcome, FailureReason reason, std::string detail) {
  outcome.state = TrialState::Failed;
  outcome.values.clear();
  outcome.failure = {reason, 0, std::move(detail)};
}

bool is_share(double value) { return value >= 0.0 && value <= 1.0; }

std::string outside(const std::string& name, double value) {
  return name + " = " + format_short(value) + " is not in [0, 1], which a guarded holdout needs";
}

ThresholdoutOptions options_of(const Holdout& holdout) {
  return {.threshold = holdout.threshold,
          .noise = holdout.noise,
          .budget = holdout.budget,
          .family = holdout.is_gaussian ? HoldoutNoise::Gaussian : HoldoutNoise::Laplace};
}

}  // namespace

bool is_holdout_exhausted(const StudySpec& spec, const History& history) {
  const std::optional<Holdout>& holdout = spec.validity.holdout;
  return holdout && history.holdout().num_overruns >= holdout->budget;
}

void guard_holdout(const StudySpec& spec, const History& history, std::int64_t number,
                   Outcome& outcome, std::vector<EventBody>& events) {
  const std::optional<Holdout>& holdout = spec.validity.holdout;
  if (!holdout) return;
  const auto said = outcome.metrics.extract(holdout->metric);
  if (outcome.state != TrialState::Complete || history.purpose(number) == Purpose::Confirm) return;
  if (said.empty()) {
    return fail(outcome, FailureReason::NoResult, "the program never reported " + holdout->metric);
  }
  const std::string& name = spec.objectives.front().name;
  const double own = outcome.values.front();
  if (!is_share(own)) return fail(outcome, FailureReason::NotANumber, outside(name, own));
  if (!is_share(said.mapped())) {
    return fail(outcome, FailureReason::NotANumber, holdout->metric + " is not in [0, 1]");
  }
  if (is_holdout_exhausted(spec, history)) {
    return fail(outcome, FailureReason::Interrupted,
                "the holdout has spoken " + std::to_string(holdout->budget) +
                    " times, which is all it may");
  }
  Thresholdout mechanism(options_of(*holdout), unpredictable(), history.holdout());
  const HoldoutAnswer answer = mechanism.ask(own, said.mapped());
  outcome.values.front() = answer.value;
  events.push_back(
      HoldoutAsked{number, answer.is_from_holdout,
                   mechanism.ledger().offset.value_or(std::numeric_limits<double>::quiet_NaN())});
}

}  // namespace trimtab
