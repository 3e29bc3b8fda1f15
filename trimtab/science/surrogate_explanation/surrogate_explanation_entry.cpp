#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/surrogate_explanation/surrogate_explanation.hpp"
#include "trimtab/science/surrogate_explanation/task.hpp"

namespace trimtab {
namespace {

using explanation::Explanation;
using explanation::NamedTask;
using explanation::Rule;
using explanation::task_of_study;
using explanation::task_of_table;

constexpr std::size_t kMaxCells = 2'000'000;  // of features that are looked at: rows are thinned

std::string rule_text(const NamedTask& named, const Rule& rule) {
  std::string text;
  for (const explanation::Condition& each : rule.conditions) {
    text += (text.empty() ? "" : " and ") + condition_text(named, each);
  }
  return text.empty() ? "always" : text;
}

std::string answer_text(const NamedTask& named, const Eigen::RowVectorXd& scores) {
  if (!named.task.is_class) return format_short(scores(0));
  return named.task.classes[static_cast<std::size_t>(explanation::labels_of(scores).front())];
}

// What can be believed, the worst news first.
std::string verdict_of(const NamedTask& named, const Explanation& found, double enough) {
  const auto& unseen = found.unseen;
  const char* score = named.task.is_class ? "macro-F1" : "R^2";
  const std::string box = fmt::format("{} {} on rows that it did not see", score,
                                      format_short(unseen.black_box_score, 2));
  if (!named.task.is_class && !(unseen.black_box_score > 0.05)) {
    return fmt::format("there is nothing to explain: the forest knows no more than the mean ({})",
                       box);
  }
  const std::string features =
      fmt::format("{} of {} features", found.chosen.size(), named.task.names.size());
  const std::string numbers =
      fmt::format("{}; {} {}, {} with the rules", box, score,
                  format_short(unseen.features_score, 2), format_short(unseen.rules_score, 2));
  const std::string fidelity = format_short(unseen.rules_fidelity, 2);
  if (unseen.rules_fidelity >= enough) {
    return fmt::format("{} rules over {} repeat the forest (fidelity {}; {})", found.rules.size(),
                       features, fidelity, numbers);
  }
  if (unseen.features_fidelity >= enough) {
    return fmt::format(
        "{} suffice (fidelity {}), but a tree of {} rules does not repeat the "
        "forest: fidelity {}, not {} ({})",
        features, format_short(unseen.features_fidelity, 2), found.rules.size(), fidelity,
        format_short(enough, 2), numbers);
  }
  return fmt::format("{} do not explain the forest: fidelity {} at best, not {} ({})", features,
                     format_short(std::max(unseen.features_fidelity, unseen.rules_fidelity), 2),
                     format_short(enough, 2), numbers);
}

void append_lines(const NamedTask& named, const Explanation& found, double min_support,
                  std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < found.chosen.size(); ++i) {
    const auto& each = found.ranking[i];
    const std::string& choice = named.is_texts[each.feature];
    lines.push_back(
        fmt::format("{:>2}. {}{}: permutation {}, sensitivity {}", i + 1,
                    named.task.names[each.feature], choice.empty() ? "" : " is " + choice,
                    format_short(each.permutation, 2), format_short(each.sensitivity, 2)));
  }
  for (const Rule& rule : found.rules) {
    if (rule.support < min_support) continue;
    lines.push_back(fmt::format("if {} then {} (support {:.0f} %, confidence {})",
                                rule_text(named, rule), answer_text(named, rule.scores),
                                100.0 * rule.support, format_short(rule.confidence, 2)));
  }
  lines.push_back(fmt::format(
      "another answer of the forest: one rule suffices for {:.0f} % of {} rows, at most {} changes "
      "for {:.0f} %; median {} changes",
      100.0 * found.rule_share, found.explained.size(), found.chosen.size(),
      100.0 * found.short_share, format_short(found.median_changes)));
  lines.push_back(fmt::format("the folds chose the same features to {:.0f} % (Jaccard)",
                              100.0 * found.unseen.stability));
  if (named.num_thinned_from > 0) {
    lines.push_back(fmt::format("{} of {} rows were used, evenly chosen", named.task.x.rows(),
                                named.num_thinned_from));
  }
  if (named.num_left_out > 0) {
    lines.push_back(fmt::format("{} columns were left out: texts of many values, or of one",
                                named.num_left_out));
  }
}

Json local_json(const NamedTask& named, const Explanation& found) {
  Json list = Json::array();
  for (std::size_t i = 0; i < found.explained.size(); ++i) {
    Json changes = Json::array();
    for (const explanation::Change& each : found.counterfactuals[i].changes) {
      if (changes.size() == 20) break;
      changes.push_back(change_text(named, each));
    }
    list.push_back({{"row", found.explained[i]},
                    {"valid", found.counterfactuals[i].is_valid},
                    {"by_rule", found.counterfactuals[i].is_rule},
                    {"num_changes", found.counterfactuals[i].changes.size()},
                    {"first_changes", std::move(changes)}});
  }
  return list;
}

std::string data_of(const NamedTask& named, const Explanation& found) {
  Json features = Json::array(), rules = Json::array();
  for (std::size_t i = 0; i < found.chosen.size(); ++i) {
    const auto& each = found.ranking[i];
    features.push_back({{"name", named.task.names[each.feature]},
                        {"choice", named.is_texts[each.feature]},
                        {"permutation", each.permutation},
                        {"sensitivity", each.sensitivity},
                        {"mean_rank", each.mean_rank}});
  }
  for (const Rule& rule : found.rules) {
    rules.push_back({{"if", rule_text(named, rule)},
                     {"then", answer_text(named, rule.scores)},
                     {"support", rule.support},
                     {"confidence", rule.confidence}});
  }
  const auto& unseen = found.unseen;
  return Json({{"rows", named.task.x.rows()},
               {"features", std::move(features)},
               {"rules", std::move(rules)},
               {"black_box_score", unseen.black_box_score},
               {"features_score", unseen.features_score},
               {"rules_score", unseen.rules_score},
               {"features_fidelity", unseen.features_fidelity},
               {"rules_fidelity", unseen.rules_fidelity},
               {"stability", unseen.stability},
               {"valid_share", found.valid_share},
               {"short_share", found.short_share},
               {"rule_share", found.rule_share},
               {"median_changes", found.median_changes},
               {"counterfactuals", local_json(named, found)}})
      .dump();
}

constexpr std::size_t kMaxBars = 20;

Figure features_figure(const NamedTask& named, const Explanation& found) {
  FigureSeries series = {.name = "permutation", .mark = Mark::Bars};
  Figure figure = {.title = "The features that carry the answer",
                   .caption =
                       "How much the forest's squared error grows when a feature's values "
                       "are shuffled; in the order of both measures together.",
                   .x = {.name = "rise of the mean squared error"}};
  for (std::size_t i = 0; i < std::min(found.chosen.size(), kMaxBars); ++i) {
    const auto& each = found.ranking[i];
    const std::string& choice = named.is_texts[each.feature];
    figure.y.categories.push_back(named.task.names[each.feature] +
                                  (choice.empty() ? "" : " is " + choice));
    series.x.push_back(each.permutation);
    series.y.push_back(static_cast<double>(i));
    series.labels.push_back(format_short(each.permutation, 2));
  }
  figure.series = {std::move(series)};
  return figure;
}

Figure fidelity_figure(const NamedTask& named, const Explanation& found, double enough) {
  const char* score = named.task.is_class ? "macro-F1" : "R^2";
  const auto& unseen = found.unseen;
  FigureSeries scores = {.name = fmt::format("{} against the truth", score),
                         .mark = Mark::Bars,
                         .x = {unseen.black_box_score, unseen.features_score, unseen.rules_score},
                         .y = {0.0, 1.0, 2.0}};
  FigureSeries fidelity = {.name = "fidelity to the forest",
                           .mark = Mark::Bars,
                           .x = {unseen.features_fidelity, unseen.rules_fidelity},
                           .y = {1.0, 2.0}};
  for (FigureSeries* series : {&scores, &fidelity}) {
    for (const double value : series->x) series->labels.push_back(format_short(value, 2));
  }
  Figure figure = {.title = "What is lost on the way to rules",
                   .caption =
                       "All on rows that no step saw. Rules whose fidelity misses the line "
                       "do not explain the forest.",
                   .x = {.name = "score", .covers = {1.0}},
                   .y = {.categories = {"all features, forest", "chosen features", "rules"}},
                   .series = {std::move(scores),
                              std::move(fidelity),
                              {.name = "enough", .mark = Mark::Rules, .x = {enough}}}};
  figure.series.back().emphasis = Emphasis::Strong;
  return figure;
}

AnalysisResult explain_task(const NamedTask& named, const OptionValues& options) {
  explanation::ExplanationOptions given;
  given.num_features = static_cast<std::size_t>(options.integer("features"));
  given.num_trees = static_cast<std::size_t>(options.integer("trees"));
  given.surrogate.max_depth = static_cast<int>(options.integer("depth"));
  const Rng rng(static_cast<std::uint64_t>(options.integer("seed")), 0, "surrogate_explanation");
  const Explanation found = explain(named.task, given, rng);
  AnalysisResult result;
  result.verdict = verdict_of(named, found, options.number("fidelity"));
  append_lines(named, found, options.number("min_support"), result.lines);
  result.data = data_of(named, found);
  result.figures = {features_figure(named, found),
                    fidelity_figure(named, found, options.number("fidelity"))};
  return result;
}

std::size_t max_rows(std::size_t num_features, const OptionValues& options) {
  const auto limit = static_cast<std::size_t>(options.integer("rows"));
  return std::min(limit,
                  std::max<std::size_t>(20, kMaxCells / std::max<std::size_t>(1, num_features)));
}

// A study that is too young is an answer, not an error: reports ask early.
AnalysisResult run(const StudyView& study, const OptionValues& options) {
  try {
    return explain_task(task_of_study(study, max_rows(study.space.num_dimensions(), options)),
                        options);
  } catch (const UserError& error) {
    return {.verdict = fmt::format("{} (got {}, expected {})", error.info().what, error.info().got,
                                   error.info().expected),
            .lines = {},
            .data = "{}"};
  }
}

AnalysisResult run_on_table(const DataTable& table, const OptionValues& options) {
  if (options.text("target").empty()) {
    throw UserError({.code = "surrogate_explanation.options",
                     .what = "which column is to be explained?",
                     .where = "trimtab analyse surrogate_explanation",
                     .got = "",
                     .expected = "--option target=COLUMN (the truth, or what a model said)",
                     .hint = "the table has " + one_of(table.names)});
  }
  return explain_task(
      task_of_table(table, options.text("target"), max_rows(table.names.size(), options)), options);
}

OptionInfo count(const char* name, std::int64_t value, const char* purpose, double low,
                 double high) {
  return {.name = name, .default_value = value, .purpose = purpose, .low = low, .high = high};
}

}  // namespace

AnalysisEntry surrogate_explanation_entry() {
  return {
      .info = {.name = "surrogate_explanation",
               .purpose = "which few features and rules repeat what a model of the data says?",
               .source = "Breiman 2001 (permutation); Craven and Shavlik 1996, TREPAN; Wachter, "
                         "Mittelstadt and Russell 2018 (counterfactuals)",
               .options = {{.name = "target",
                            .default_value = std::string(),
                            .purpose = "column to explain, of a table"},
                           count("features", 10, "features that rules may use", 1, 1000),
                           count("depth", 5, "conditions of a rule at most", 1, 12),
                           count("trees", 50, "trees of the forest that is explained", 10, 1000),
                           count("rows", 1000, "rows used at most", 20, 100000),
                           {.name = "min_support",
                            .default_value = 0.02,
                            .purpose = "share of the rows that a rule that is shown holds for",
                            .low = 0.0,
                            .high = 1.0},
                           {.name = "fidelity",
                            .default_value = 0.85,
                            .purpose = "agreement (R^2 for numbers) that counts as repeating",
                            .low = 0.0,
                            .high = 1.0},
                           count("seed", 0, "of the forest, folds and drawn rows", 0, 1e15)}},
      .run = run,
      .run_on_table = run_on_table};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(surrogate_explanation, surrogate_explanation_entry())
