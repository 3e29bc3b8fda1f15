#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/core/registry.hpp"
#include "trimtab/science/importance/importance.hpp"
#include "trimtab/science/importance/ranking.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMinTrials = 10;

std::vector<RankedTrial> ranked_trials(const History& history) {
  std::vector<RankedTrial> trials;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.state(number) != TrialState::Complete) continue;
    if (history.purpose(number) == Purpose::Confirm || std::isnan(history.loss(number))) continue;
    trials.push_back({history.point(number), history.loss(number)});
  }
  return trials;
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100.0 * share); }

std::string verdict_of(const Ranking& ranking, std::size_t num_trials) {
  if (!ranking.refusal.empty()) return ranking.refusal;
  std::vector<const ParameterShare*> clear;
  for (const ParameterShare& each : ranking.parameters) {
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
  return fmt::format("{}: {}", ranking.question, names);
}

constexpr std::size_t kMaxBars = 20;

Figure bars_of(const Ranking& ranking, std::size_t num_trials) {
  Figure figure = {.title = "Share of each parameter",
                   .caption = fmt::format("From {} trials: {}.", num_trials, ranking.question),
                   .x = {.name = "share"}};
  FigureSeries clear = {.name = "stands out from chance", .mark = Mark::Bars};
  FigureSeries pale = {.name = "does not", .mark = Mark::Bars, .emphasis = Emphasis::Quiet};
  const std::size_t num_bars = std::min(ranking.parameters.size(), kMaxBars);
  for (std::size_t i = 0; i < num_bars; ++i) {
    const ParameterShare& each = ranking.parameters[i];
    FigureSeries& series = each.is_above_noise ? clear : pale;
    figure.y.categories.push_back(each.name);
    series.x.push_back(each.share);
    series.y.push_back(static_cast<double>(i));
    series.labels.push_back(percent(each.share));
  }
  if (ranking.parameters.size() > kMaxBars) {
    figure.caption +=
        fmt::format(" {} smaller ones are not shown.", ranking.parameters.size() - kMaxBars);
  }
  for (FigureSeries* series : {&clear, &pale}) {
    if (!series->x.empty()) figure.series.push_back(std::move(*series));
  }
  return figure;
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
  const Ranking ranking = rank_parameters(study, trials, options);
  Json parameters = Json::array();
  std::vector<std::string> lines;
  std::size_t width = 0;
  for (const ParameterShare& each : ranking.parameters) width = std::max(width, each.name.size());
  for (const ParameterShare& each : ranking.parameters) {
    parameters.push_back(
        {{"name", each.name}, {"share", each.share}, {"is_above_noise", each.is_above_noise}});
    lines.push_back(fmt::format("{:<{}}  {:>5}{}", each.name, width, percent(each.share),
                                each.is_above_noise ? "" : "  (not above chance)"));
  }
  for (const auto& [name, value] : ranking.facts) {
    lines.push_back(fmt::format("({}: {:.2f})", name, value));
  }
  Json data = {{"parameters", std::move(parameters)},
               {"trials", trials.size()},
               {"method", options.text("method")},
               {"quantile", options.number("quantile")},
               {"facts", ranking.facts}};
  return {.verdict = verdict_of(ranking, trials.size()),
          .lines = std::move(lines),
          .data = data.dump(),
          .figures = {bars_of(ranking, trials.size())}};
}

}  // namespace

AnalysisEntry importance_entry() {
  return {
      .info = {.name = "importance",
               .purpose = "which parameters decide whether a trial is among the best?",
               .source = "Watanabe, Bansal and Hutter 2023, PED-ANOVA; Hutter, Hoos and "
                         "Leyton-Brown 2014, fANOVA; Jansen 1999, Sobol indices; Fawcett and "
                         "Hoos 2016, ablation; Strumbelj and Kononenko 2014, Shapley values",
               .options = {{.name = "method",
                            .default_value = std::string("fanova"),
                            .purpose = "ped_anova: what separates the best from the rest; "
                                       "fanova: share of the loss's variance, alone; sobol: "
                                       "with interactions; shapley: mean effect on a trial; "
                                       "ablation: the way from the default to the winner",
                            .choices = {"ped_anova", "fanova", "sobol", "shapley", "ablation"}},
                           {.name = "quantile",
                            .default_value = 0.1,
                            .purpose = "ped_anova: fraction of the trials that counts as the best",
                            .low = 0.001,
                            .high = 0.9}}},
      .run = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(importance, importance_entry())
