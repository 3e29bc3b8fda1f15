#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "trimtab/base/text.hpp"
#include "trimtab/science/confirmation/confirmation.hpp"

namespace trimtab {
namespace {

std::string probability_text(double p) {
  return p < 1e-4 ? "p < 0.0001" : "p = " + format_short(p, 2);
}

std::string percent_text(double alpha) { return format_short(100.0 * (1.0 - alpha), 3) + " %"; }

// "95 % interval 0.006 to 0.018 for the best of 3, 10 paired fresh seeds, p = 0.002".
std::string evidence(const Confirmation& confirmation, const Comparison& comparison) {
  const std::size_t num_compared = confirmation.finalists.size();
  const Interval& interval = comparison.interval;
  const int digits = telling_digits(interval);
  return fmt::format("{} interval {} to {}{}, {} paired fresh seeds, {}{}",
                     percent_text(confirmation.alpha), format_short(interval.low, digits),
                     format_short(interval.high, digits),
                     num_compared > 1 ? fmt::format(" for the best of {}", num_compared) : "",
                     comparison.num_pairs, num_compared > 1 ? "adjusted " : "",
                     probability_text(comparison.p_t_holm));
}

// "auc higher by 0.012".
std::string change_text(const Comparison& comparison, const Objective& objective) {
  const bool is_higher = (comparison.improvement > 0.0) == (objective.goal == Goal::Maximise);
  const int digits = telling_digits(comparison.interval);
  return fmt::format("{} {} by {}", objective.name, is_higher ? "higher" : "lower",
                     format_short(std::abs(comparison.improvement), digits));
}

std::string compared(const Confirmation& confirmation, const Comparison& comparison,
                     const Objective& objective) {
  const std::string trial = fmt::format("trial {}", confirmation.winner);
  const std::string change = change_text(comparison, objective);
  if (confirmation.is_deterministic) {
    return fmt::format(
        "{} is better than the default: {}; every fresh seed gave the same value, so the program "
        "ignores its seed and the fresh runs only repeat the search ({} paired runs)",
        trial, change, comparison.num_pairs);
  }
  const std::string why = evidence(confirmation, comparison);
  if (confirmation.conclusion == Conclusion::Better) {
    return fmt::format("{} is better than the default: {} ({})", trial, change, why);
  }
  if (confirmation.conclusion == Conclusion::Worse) {
    return fmt::format("{} is worse than the default: {} ({})", trial, change, why);
  }
  return fmt::format("not shown to be better than the default: trial {} has {} ({})",
                     confirmation.winner, change, why);
}

std::string without_default(const Confirmation& confirmation, const std::string& unit) {
  const Finalist& winner = *confirmation.find(confirmation.winner);
  return fmt::format(
      "the default was not confirmed, so nothing says that tuning helped; trial {} has {} {} on "
      "{} fresh seeds",
      winner.trial, unit, format_short(winner.fresh_mean), winner.runs.size());
}

std::string default_wins(const Confirmation& confirmation, const std::string& unit) {
  const Finalist& standard = *confirmation.standard;
  const std::string seeds = confirmation.is_deterministic
                                ? "every fresh seed gave the same value"
                                : fmt::format("{} fresh seeds", standard.runs.size());
  return fmt::format(
      "not shown to be better: on fresh seeds nothing beat the default configuration, {} {} ({})",
      unit, format_short(standard.fresh_mean), seeds);
}

std::string too_few(const Confirmation& confirmation) {
  std::int64_t most = 0, failed = 0;
  for (const Finalist& finalist : confirmation.finalists) {
    most = std::max(most, finalist.against_default.num_pairs);
    failed += finalist.num_failed;
  }
  if (confirmation.standard) failed += confirmation.standard->num_failed;
  return fmt::format("too few paired fresh runs to say anything ({}, {} failed)", most, failed);
}

std::string absent(const StudySpec& spec) {
  if (spec.validity.confirm_top <= 0 || spec.validity.confirm_seeds <= 0) {
    return "not confirmed: the confirm stage is switched off, and the best value of a search "
           "flatters";
  }
  return "not confirmed yet: no finalist has run on a fresh seed";
}

}  // namespace

std::string verdict(const Confirmation& confirmation, const StudySpec& spec) {
  const std::string& unit = spec.objectives.front().name;
  std::string sentence;
  switch (confirmation.conclusion) {
    case Conclusion::Absent:
      return absent(spec);
    case Conclusion::TooFew:
      sentence = too_few(confirmation);
      break;
    case Conclusion::NoDefault:
      sentence = without_default(confirmation, unit);
      break;
    case Conclusion::Default:
      sentence = default_wins(confirmation, unit);
      break;
    default:
      sentence = compared(confirmation, confirmation.find(confirmation.winner)->against_default,
                          spec.objectives.front());
  }
  return confirmation.is_partial ? "so far, " + sentence : sentence;
}

}  // namespace trimtab
