#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/core/registry.hpp"
#include "trimtab/science/importance/importance.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMinTrials = 10;
constexpr std::size_t kNumShuffles = 100;

struct ParameterShare {
  std::string name;
  double share = 0.0;
  bool is_above_noise = false;
};

std::vector<RankedTrial> ranked_trials(const History& history) {
  std::vector<RankedTrial> trials;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.state(number) != TrialState::Complete) continue;
    if (history.purpose(number) == Purpose::Confirm || std::isnan(history.loss(number))) continue;
    trials.push_back({history.point(number), history.loss(number)});
  }
  return trials;
}

// A parameter's dimensions together; inside a many_of, the candidates' parameters speak for
// themselves, so a dimension counts for the narrowest parameter that holds it.
std::vector<ParameterShare> shares_of(const Space& space,
                                      const std::vector<DimensionImportance>& dimensions) {
  const std::span<const Parameter> parameters = space.parameters();
  std::vector<ParameterShare> shares;
  for (const Parameter& parameter : parameters) shares.push_back({parameter.name, 0.0, false});
  double total = 0.0;
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    std::size_t owner = parameters.size();
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      const Parameter& each = parameters[p];
      if (d < each.first || d >= each.first + each.count) continue;
      if (owner == parameters.size() || each.count < parameters[owner].count) owner = p;
    }
    if (owner == parameters.size()) continue;
    shares[owner].share += dimensions[d].excess();
    shares[owner].is_above_noise |= dimensions[d].is_above_noise;
    total += dimensions[d].excess();
  }
  for (ParameterShare& each : shares) each.share = total > 0.0 ? each.share / total : 0.0;
  std::stable_sort(shares.begin(), shares.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  return shares;
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100.0 * share); }

std::string verdict_of(const std::vector<ParameterShare>& shares, std::size_t num_trials) {
  std::vector<const ParameterShare*> clear;
  for (const ParameterShare& each : shares) {
    if (each.is_above_noise && each.share > 0.0) clear.push_back(&each);
  }
  if (clear.empty()) {
    return fmt::format("no parameter stands out from chance over {} trials", num_trials);
  }
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(clear.size(), 3); ++i) {
    names += fmt::format("{}{} ({})", i == 0 ? "" : ", ", clear[i]->name, percent(clear[i]->share));
  }
  if (clear.size() > 3) names += fmt::format(" and {} more", clear.size() - 3);
  return fmt::format("what separates the best from the rest of {} trials: {}", num_trials, names);
}

AnalysisResult too_few(std::size_t num_trials) {
  Json data = {{"parameters", Json::array()}, {"trials", num_trials}};
  return {.verdict = fmt::format("too few complete trials to tell parameters apart ({}, at least "
                                 "{} are needed)",
                                 num_trials, kMinTrials),
          .lines = {},
          .data = data.dump()};
}

AnalysisResult run(const StudyView& study, const OptionValues& options) {
  const std::vector<RankedTrial> trials = ranked_trials(study.history);
  if (trials.size() < kMinTrials) return too_few(trials.size());
  Rng rng(study.spec.seed, 0, "importance");
  const std::vector<ParameterShare> shares =
      shares_of(study.space, dimension_importance(study.space.dimensions(), trials,
                                                  options.number("quantile"), kNumShuffles, rng));
  Json parameters = Json::array();
  std::vector<std::string> lines;
  std::size_t width = 0;
  for (const ParameterShare& each : shares) width = std::max(width, each.name.size());
  for (const ParameterShare& each : shares) {
    parameters.push_back(
        {{"name", each.name}, {"share", each.share}, {"is_above_noise", each.is_above_noise}});
    lines.push_back(fmt::format("{:<{}}  {:>5}{}", each.name, width, percent(each.share),
                                each.is_above_noise ? "" : "  (not above chance)"));
  }
  Json data = {{"parameters", std::move(parameters)},
               {"trials", trials.size()},
               {"quantile", options.number("quantile")}};
  return {
      .verdict = verdict_of(shares, trials.size()), .lines = std::move(lines), .data = data.dump()};
}

}  // namespace

AnalysisEntry importance_entry() {
  return {.info = {.name = "importance",
                   .purpose = "which parameters decide whether a trial is among the best?",
                   .source = "Watanabe, Bansal and Hutter 2023, PED-ANOVA",
                   .options = {{.name = "quantile",
                                .default_value = 0.1,
                                .purpose = "fraction of the trials that counts as the best",
                                .low = 0.001,
                                .high = 0.9}}},
          .run = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(importance, importance_entry())
