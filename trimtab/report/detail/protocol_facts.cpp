#include "trimtab/report/detail/protocol_facts.hpp"

#include <fmt/core.h>

#include <cmath>

#include "trimtab/base/text.hpp"
#include "trimtab/core/confirm_rule.hpp"

namespace trimtab {
namespace {

std::string judge_of(const StudySpec& spec) {
  if (spec.validity.scenario) return quote(spec.validity.scenario->evaluate);
  if (!spec.data.split) return "the rows of [data] evaluate";
  return spec.data.split->is_by_class ? "the sealed classes" : "the sealed rows";
}

std::string result_text(const History& history, const FreshResult& result) {
  std::string text =
      fmt::format("{} {}", history.objectives().front().name, format_short(result.mean, 5));
  if (!std::isnan(result.deviation)) {
    text += fmt::format(" +- {}", format_short(result.deviation, 2));
  }
  return text;
}

std::string split_text(const SplitPlan& plan) {
  std::string text =
      fmt::format("{} folds of {}", plan.folds, plan.is_by_class ? "whole classes" : "rows");
  if (plan.is_reshuffled) text += ", new ones for each trial";
  if (plan.outer_folds > 0) {
    text += fmt::format("; outer fold {} of {} sealed", plan.outer_fold + 1, plan.outer_folds);
  } else if (!plan.sealed_classes.empty()) {
    text += "; sealed:";
    for (const std::string& name : plan.sealed_classes) text += " " + name;
  } else if (plan.sealed_share > 0.0) {
    text += fmt::format("; {} % sealed", format_short(100.0 * plan.sealed_share, 3));
  }
  return text;
}

std::string holdout_text(const Holdout& holdout, const HoldoutLedger& ledger) {
  return fmt::format(
      "asked {} times, spoke {} of {} times; threshold {}, {} noise {}, {} items; where it was "
      "silent, values are the program's own and off by at most about the threshold",
      ledger.num_queries, ledger.num_overruns, holdout.budget, format_short(holdout.threshold, 3),
      holdout.is_gaussian ? "Gaussian" : "Laplace", format_short(holdout.noise, 3), holdout.items);
}

std::string compute_text(const ComputeClass& given, const History& history,
                         const std::string& unit) {
  std::int64_t num_planned = 0, num_unsteady = 0;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    const auto& metrics = history.metrics(number);
    const auto found = metrics.find("throughput_deviation");
    if (found == metrics.end()) continue;
    ++num_planned;
    num_unsteady += found->second > 0.05 ? 1 : 0;
  }
  return fmt::format(
      "{} of {} time for each run, {} measured for each configuration; {} of {} "
      "throughputs varied by more than 5 %",
      format_duration(given.seconds), given.is_wall ? "wall" : "processor", unit, num_unsteady,
      num_planned);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> protocol_facts(const StudyView& view) {
  std::vector<std::pair<std::string, std::string>> facts;
  const Validity& validity = view.spec.validity;
  if (const auto& scenario = validity.scenario) {
    facts.emplace_back("scenarios", fmt::format("tuned on {}, evaluated on {}",
                                                quote(scenario->tune), quote(scenario->evaluate)));
  }
  if (view.spec.data.split) facts.emplace_back("split", split_text(*view.spec.data.split));
  if (validity.holdout) {
    facts.emplace_back("holdout", holdout_text(*validity.holdout, view.history.holdout()));
  }
  if (validity.compute_class && view.spec.fidelity) {
    facts.emplace_back(
        "compute", compute_text(*validity.compute_class, view.history, view.spec.fidelity->name));
  }
  for (const auto& [time, note] : view.history.notes()) {
    if (note.topic == "data") facts.emplace_back("data", note.text);
  }
  return facts;
}

std::int64_t answer_of(const StudyView& view) {
  const std::optional<FreshResult> winner =
      view.spec.has_sealed_data() ? best_fresh_result(view.history) : std::nullopt;
  return winner ? winner->trial : view.history.best();
}

std::optional<std::string> quotable_result(const StudyView& view) {
  if (!view.spec.has_sealed_data()) return std::nullopt;
  const History& history = view.history;
  const std::optional<FreshResult> best = best_fresh_result(history);
  const std::string judge = judge_of(view.spec);
  if (!best && view.spec.validity.confirm_top == 0) {
    return fmt::format("none: nothing is evaluated on {} without a confirm stage", judge);
  }
  if (!best) {
    return fmt::format("no result yet: nothing was evaluated on {}; values of the search are none",
                       judge);
  }
  std::string text = fmt::format("trial {}: {} over {} fresh runs on {}", best->trial,
                                 result_text(history, *best), best->num_runs, judge);
  const std::int64_t standard = default_trial(history);
  const auto given = standard == best->trial ? std::nullopt : fresh_result_of(history, standard);
  if (given) text += fmt::format(" (default: {})", result_text(history, *given));
  return text;
}

}  // namespace trimtab
