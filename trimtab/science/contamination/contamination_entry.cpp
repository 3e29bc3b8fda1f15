#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/science/contamination/contamination.hpp"

namespace trimtab {
namespace {

double Overlap::* metric_of(const std::string& name) {
  if (name == "ngram_match") return &Overlap::ngram_match;
  if (name == "token_match") return &Overlap::token_match;
  if (name == "token_extend") return &Overlap::token_extend;
  return &Overlap::longest_match;
}

std::vector<double> score_samples(const DataTable& table, const OptionValues& options) {
  if (options.text("text").empty() || options.text("corpus").empty()) {
    throw UserError({.code = "contamination.options",
                     .what = "which samples, against which corpus?",
                     .where = "trimtab analyse contamination",
                     .got = "",
                     .expected = "--option text=COLUMN --option corpus=FILE",
                     .hint = "the table has " + one_of(table.names)});
  }
  Vocabulary vocabulary(options.text("tokeniser") == "characters" ? Tokeniser::Characters
                                                                  : Tokeniser::Words);
  const TokenIndex corpus(
      vocabulary.learn(read_file(options.text("corpus"), std::size_t{1} << 30)));
  const OverlapOptions setting = {
      .length = static_cast<std::size_t>(options.integer("length")),
      .min_count = static_cast<std::size_t>(options.integer("min_count")),
      .skip_budget = static_cast<std::size_t>(options.integer("skip_budget"))};
  double Overlap::* const metric = metric_of(options.text("metric"));
  std::vector<double> scores;
  for (const std::string& text : table.texts(options.text("text"))) {
    scores.push_back(measure_overlap(vocabulary.read(text), corpus, setting).*metric);
  }
  if (scores.empty()) {
    throw UserError({.code = "contamination.samples",
                     .what = "there are no samples",
                     .where = table.source,
                     .got = "0 rows",
                     .expected = "at least one",
                     .hint = ""});
  }
  return scores;
}

Json curve_json(const std::vector<ContaminationPoint>& curve) {
  Json json = Json::array();
  for (const ContaminationPoint& point : curve) {
    json.push_back({{"threshold", point.threshold},
                    {"contaminated", point.num_contaminated},
                    {"accuracy_clean", point.accuracy_clean},
                    {"gain", point.gain},
                    {"z", point.z}});
  }
  return json;
}

// The band is where 95 % of random choices of as many samples lie.
Figure curve_figure(const std::vector<ContaminationPoint>& curve,
                    const std::optional<JudgedThreshold>& judged) {
  FigureSeries gain = {.name = "gain"};
  FigureSeries chance = {.name = "by chance (95 %)", .emphasis = Emphasis::Quiet};
  for (const ContaminationPoint& point : curve) {
    const double deviation = point.z != 0.0 ? std::abs(point.gain / point.z) : std::nan("");
    for (FigureSeries* series : {&gain, &chance}) series->x.push_back(point.threshold);
    gain.y.push_back(point.gain);
    chance.y.push_back(0.0);
    chance.low.push_back(-1.96 * deviation);
    chance.high.push_back(1.96 * deviation);
  }
  Figure figure = {.title = "What the model gains from contaminated samples",
                   .caption =
                       "Accuracy on all samples less accuracy on those below the threshold. "
                       "Above the band the contaminated ones are easier than others.",
                   .x = {.name = "overlap from which a sample counts as contaminated"},
                   .y = {.name = "gain"},
                   .series = {std::move(chance), std::move(gain)}};
  if (judged) {
    figure.series.push_back(
        {.name = "threshold judged", .mark = Mark::Rules, .x = {judged->threshold}});
    figure.series.back().emphasis = Emphasis::Strong;
  }
  return figure;
}

std::string gain_text(const std::optional<JudgedThreshold>& judged) {
  if (!judged) return "no threshold separates the samples";
  return fmt::format(
      "on held-out samples the model gains {} from samples that score {} or more (z = {}, p = {})",
      format_short(judged->held_out.gain, 2), format_short(judged->threshold, 3),
      format_short(judged->held_out.z, 3), format_short(judged->p, 2));
}

// The gain of a model that has never seen the corpus is difficulty, not contamination.
std::string control_text(const std::vector<double>& scores, const std::vector<double>& control,
                         const JudgedThreshold& judged, Json& data) {
  std::vector<double> of_clean;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] < judged.threshold) of_clean.push_back(control[i]);
  }
  if (of_clean.empty()) return "";
  const double gain = mean(control) - mean(of_clean);
  data["control_gain"] = gain;
  return fmt::format("a model that never saw the corpus gains {} there: that much is difficulty",
                     format_short(gain, 2));
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const std::vector<double> scores = score_samples(table, options);
  const auto num_touched =
      std::count_if(scores.begin(), scores.end(), [](double score) { return score > 0.0; });
  AnalysisResult result;
  Json data = {{"samples", scores.size()},
               {"touched", num_touched},
               {"mean_score", mean(scores)},
               {"scores", scores}};
  result.verdict = fmt::format("{} of {} samples share {} tokens in a row with the corpus",
                               num_touched, scores.size(), options.integer("length"));
  if (!options.text("correct").empty()) {
    const std::vector<double> correct = table.numbers(options.text("correct"));
    Rng rng(static_cast<std::uint64_t>(options.integer("seed")), 0, "contamination");
    const std::optional<JudgedThreshold> judged = judge_threshold(scores, correct, rng);
    result.verdict += "; " + gain_text(judged);
    const std::vector<ContaminationPoint> curve = contamination_curve(scores, correct);
    data["curve"] = curve_json(curve);
    result.figures = {curve_figure(curve, judged)};
    if (judged) {
      data["threshold"] = judged->threshold;
      data["held_out_gain"] = judged->held_out.gain;
      data["held_out_z"] = judged->held_out.z;
      if (!options.text("control").empty()) {
        result.lines.push_back(
            control_text(scores, table.numbers(options.text("control")), *judged, data));
      }
    }
  }
  result.data = data.dump();
  return result;
}

OptionInfo text_option(const char* name, const char* purpose) {
  return {.name = name, .default_value = std::string(), .purpose = purpose};
}

OptionInfo count_option(const char* name, std::int64_t value, const char* purpose, double low,
                        double high) {
  return {.name = name, .default_value = value, .purpose = purpose, .low = low, .high = high};
}

}  // namespace

AnalysisEntry contamination_entry() {
  return {
      .info = {.name = "contamination",
               .purpose = "how much of an evaluation set stood in the training corpus, and did the "
                          "model gain by it?",
               .source = "Singh et al. 2024, ConTAM",
               .options = {text_option("text", "column with the samples' text"),
                           text_option("corpus", "text file of the training corpus"),
                           text_option("correct", "column: was the model right, 0 to 1"),
                           text_option("control", "the same of a model that never saw the corpus"),
                           {.name = "metric",
                            .default_value = std::string("longest_match"),
                            .purpose = "how overlap becomes a score",
                            .choices = {"ngram_match", "token_match", "token_extend",
                                        "longest_match"}},
                           {.name = "tokeniser",
                            .default_value = std::string("words"),
                            .purpose = "what a token is",
                            .choices = {"words", "characters"}},
                           count_option("length", 8, "tokens of an n-gram", 1, 32),
                           count_option("min_count", 1, "rarer n-grams do not count", 1, 1e9),
                           count_option("skip_budget", 0, "mismatches a match may cross", 0, 64),
                           count_option("seed", 1, "of the split into halves", 0, 9e15)}},
      .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(contamination, contamination_entry())
