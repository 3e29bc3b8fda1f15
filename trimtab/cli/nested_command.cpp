#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/cli/run_to_end.hpp"
#include "trimtab/core/confirm_rule.hpp"
#include "trimtab/core/fresh_result.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/numerics/statistics/resampled_t.hpp"
#include "trimtab/report/table.hpp"

namespace trimtab {
namespace {

// What an outer fold's study found, and what that is worth on the fold.
struct OuterFold {
  std::string study;
  std::int64_t trial = -1;
  double search = 0.0;    // mean over the inner folds
  double fresh = 0.0;     // on the outer fold
  double standard = 0.0;  // the default configuration there; NaN without one
  std::string parameters;
};

OuterFold judge(const Study& study) {
  OuterFold fold;
  study.view([&](const StudyView& view) {
    fold.study = view.spec.name;
    const std::optional<FreshResult> winner = best_fresh_result(view.history);
    if (!winner) {
      throw UserError({.code = "nested.no_result",
                       .what = "an outer fold has no result",
                       .where = "study " + view.spec.name,
                       .got = "no complete fresh run",
                       .expected = "a study with a confirm stage whose runs complete",
                       .hint = "trimtab trials '" + view.spec.name + "'"});
    }
    fold.trial = winner->trial;
    fold.search = view.history.value(winner->trial);
    fold.fresh = winner->mean;
    const auto given = fresh_result_of(view.history, default_trial(view.history));
    fold.standard = given ? given->mean : std::nan("");
    fold.parameters = view.space.to_json(view.history.point(winner->trial)).dump();
  });
  return fold;
}

// One study for each outer fold, each with rows of its own that its search never sees.
RunArguments arguments_of(const RunArguments& given, const std::string& name, std::int64_t folds,
                          std::int64_t fold) {
  RunArguments own = given;
  own.nested = 0;
  const std::string own_name = fmt::format("{} (outer fold {} of {})", name, fold + 1, folds);
  own.settings.push_back("study.name=" + Json(own_name).dump());  // a text, whatever it looks like
  own.settings.push_back(fmt::format("data.split.outer.folds={}", folds));
  own.settings.push_back(fmt::format("data.split.outer.fold={}", fold));
  if (!own.report.empty()) {
    const std::filesystem::path path = own.report;
    own.report = (path.parent_path() / path.stem()).string() + fmt::format("-{}", fold + 1) +
                 path.extension().string();
  }
  return own;
}

void require_table(const StudySpec& spec, const RunArguments& arguments) {
  if (!spec.data.table.empty() && spec.validity.confirm_top > 0) return;
  throw UserError({.code = "nested.no_table",
                   .what = "nested cross-validation needs a table that the engine deals, and a "
                           "confirm stage",
                   .where = arguments.file,
                   .got = spec.data.table.empty() ? "no [data] table" : "confirm = false",
                   .expected = "[data] with table = \"data.csv\" and no \"sealed\"",
                   .hint = "see docs/protocols.md"});
}

std::string text_of(const ResampledMean& mean) {
  const int digits = telling_digits(mean.interval);
  return fmt::format("{} [{}, {}]", format_short(mean.mean, std::max(digits, 3)),
                     format_short(mean.interval.low, digits),
                     format_short(mean.interval.high, digits));
}

// Differences are in the direction of the goal: positive = better than the default, or flattery.
struct Totals {
  ResampledMean fresh, optimism, gain;
  bool has_default = true;
};

Totals totals_of(const std::vector<OuterFold>& folds, const Objective& objective) {
  const double sign = objective.goal == Goal::Maximise ? 1.0 : -1.0;
  std::vector<double> fresh, optimism, gain;
  Totals totals;
  for (const OuterFold& fold : folds) {
    fresh.push_back(fold.fresh);
    optimism.push_back(sign * (fold.search - fold.fresh));
    gain.push_back(sign * (fold.fresh - fold.standard));
    totals.has_default = totals.has_default && !std::isnan(fold.standard);
  }
  const double rho = 1.0 / (static_cast<double>(folds.size()) - 1.0);
  totals.fresh = resampled_mean(fresh, rho);
  totals.optimism = resampled_mean(optimism, rho);
  if (totals.has_default) totals.gain = resampled_mean(gain, rho);
  return totals;
}

Json mean_json(const ResampledMean& mean) {
  return {
      {"mean", mean.mean}, {"interval", {mean.interval.low, mean.interval.high}}, {"p", mean.p}};
}

Json as_json(const std::vector<OuterFold>& folds, const Totals& totals) {
  Json list = Json::array();
  for (const OuterFold& fold : folds) {
    list.push_back({{"study", fold.study},
                    {"trial", fold.trial},
                    {"search_value", fold.search},
                    {"fresh_mean", fold.fresh},
                    {"default", fold.standard},
                    {"params", Json::parse(fold.parameters)}});
  }
  Json json = {{"folds", std::move(list)},
               {"fresh", mean_json(totals.fresh)},
               {"optimism", mean_json(totals.optimism)}};
  json["against_default"] = totals.has_default ? mean_json(totals.gain) : Json();
  return json;
}

void print(const std::vector<OuterFold>& folds, const Totals& totals, const Objective& objective,
           std::ostream& out) {
  out << fmt::format("{:<6} {:>6} {:>12} {:>12} {:>12}  {}\n", "fold", "trial", "inner", "outer",
                     "default", "parameters");
  for (std::size_t k = 0; k < folds.size(); ++k) {
    const OuterFold& fold = folds[k];
    out << fmt::format("{:<6} {:>6} {:>12} {:>12} {:>12}  {}\n", k + 1, fold.trial,
                       format_short(fold.search, 5), format_short(fold.fresh, 5),
                       std::isnan(fold.standard) ? "-" : format_short(fold.standard, 5),
                       fold.parameters);
  }
  out << fmt::format("\ntuned and judged on rows that it never saw: {} {}\n", objective.name,
                     text_of(totals.fresh));
  out << "the search flattered by " << text_of(totals.optimism) << '\n';
  if (!totals.has_default) return;
  const bool is_shown = totals.gain.p <= 0.05;
  out << fmt::format("better than the default by {}, p = {}: {}\n", text_of(totals.gain),
                     format_short(totals.gain.p, 2),
                     !is_shown               ? "not shown"
                     : totals.gain.mean > 0. ? "shown"
                                             : "it is worse");
}

}  // namespace

int run_nested(const RunArguments& arguments, CommandContext context) {
  const StudySpec spec = read_study_file(arguments.file, arguments.settings, context.registry);
  require_table(spec, arguments);
  std::vector<OuterFold> folds;
  for (std::int64_t fold = 0; fold < arguments.nested; ++fold) {
    const RunArguments own = arguments_of(arguments, spec.name, arguments.nested, fold);
    const std::optional<Study> study = run_to_end(own, context);
    if (!study) return kInterrupted;
    folds.push_back(judge(*study));
    if (arguments.is_json) continue;
    context.out << fmt::format("outer fold {} of {}: {} {} in the search, {} on the fold\n",
                               fold + 1, arguments.nested, spec.objectives.front().name,
                               format_short(folds.back().search, 5),
                               format_short(folds.back().fresh, 5));
  }
  const Totals totals = totals_of(folds, spec.objectives.front());
  if (arguments.is_json) {
    context.out << pretty_json(as_json(folds, totals)) << '\n';
  } else {
    context.out << '\n';
    print(folds, totals, spec.objectives.front(), context.out);
  }
  return kSuccess;
}

}  // namespace trimtab
