#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/statistics/correlation.hpp"
#include "trimtab/science/effective_rank/effective_rank.hpp"

namespace trimtab {
namespace {

std::string caution(const RankedEmbedding& run) {
  if (run.is_collapsed) return ", collapsed";
  return run.is_small_sample ? ", too few items: at least 10 per coordinate are needed" : "";
}

std::string single_verdict(const RankedEmbedding& run) {
  return fmt::format("effective rank {} of {} coordinates ({} items{})", format_short(run.rank),
                     run.num_columns, run.num_items, caution(run));
}

// What choosing by rank costs, where scores by labels are known.
std::string choice_text(const std::vector<RankedEmbedding>& runs, const RankedEmbedding& chosen) {
  std::vector<double> ranks, scores;
  for (const RankedEmbedding& run : runs) {
    if (std::isnan(run.score)) return "no scores by labels are given, so nothing checks the choice";
    ranks.push_back(run.rank);
    scores.push_back(run.score);
  }
  const double best = *std::max_element(scores.begin(), scores.end());
  std::string text =
      fmt::format("its score is {}, the best {}, the mean {}", format_short(chosen.score),
                  format_short(best), format_short(mean(scores)));
  if (runs.size() >= 3) {
    const Correlation rho = spearman_correlation(ranks, scores);
    text += fmt::format(", Spearman {} (p = {})", format_short(rho.coefficient, 2),
                        format_short(rho.p, 2));
  }
  return text;
}

constexpr std::size_t kMaxSpectra = 6;

// The chosen run first, then the others as they come.
Figure spectra_figure(const std::vector<RankedEmbedding>& runs, const RankedEmbedding& chosen) {
  std::vector<const RankedEmbedding*> shown = {&chosen};
  for (const RankedEmbedding& run : runs) {
    if (&run != &chosen && shown.size() < kMaxSpectra) shown.push_back(&run);
  }
  Figure figure = {.title = "Singular values",
                   .caption =
                       "Each direction's share, largest first. A slow fall is a rich "
                       "embedding; a cliff is one that uses few of its coordinates.",
                   .x = {.name = "direction"},
                   .y = {.name = "share of the singular values", .is_log = true}};
  for (const RankedEmbedding* run : shown) {
    FigureSeries series = {.name = fmt::format("{} ({})", run->name, format_short(run->rank, 3))};
    const double sum = std::accumulate(run->sigma.begin(), run->sigma.end(), 0.0);
    for (std::size_t j = 0; j < run->sigma.size(); ++j) {
      series.x.push_back(static_cast<double>(j + 1));
      series.y.push_back(run->sigma[j] / sum);
    }
    figure.series.push_back(std::move(series));
  }
  if (runs.size() > shown.size()) {
    figure.caption += fmt::format(" {} of {} runs are shown.", shown.size(), runs.size());
  }
  return figure;
}

Figure choice_figure(const std::vector<RankedEmbedding>& runs, const RankedEmbedding& chosen) {
  FigureSeries others = {.name = "runs", .mark = Mark::Points};
  FigureSeries best = {.name = "chosen by rank", .mark = Mark::Points};
  best.emphasis = Emphasis::Strong;
  for (const RankedEmbedding& run : runs) {
    FigureSeries& series = &run == &chosen ? best : others;
    series.x.push_back(run.rank);
    series.y.push_back(run.score);
    series.labels.push_back(fmt::format("{}, rank {}, score {}", run.name, format_short(run.rank),
                                        format_short(run.score)));
  }
  return {.title = "Does the rank find the good run?",
          .caption = "Where dots rise to the right, choosing by rank is choosing by score.",
          .x = {.name = "effective rank"},
          .y = {.name = "score by labels"},
          .series = {std::move(others), std::move(best)}};
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const std::vector<RankedEmbedding> runs =
      measure_embeddings(table, options.text("run"), options.text("score"));
  const RankedEmbedding& chosen = *std::max_element(
      runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
  AnalysisResult result;
  result.verdict =
      runs.size() == 1
          ? single_verdict(chosen)
          : fmt::format("{} has the largest effective rank, {} of {} coordinates{}; {}",
                        chosen.name, format_short(chosen.rank), chosen.num_columns, caution(chosen),
                        choice_text(runs, chosen));
  Json list = Json::array();
  for (const RankedEmbedding& each : runs) {
    if (runs.size() > 1) {
      result.lines.push_back(
          fmt::format("{}: {}{}", each.name, format_short(each.rank), caution(each)));
    }
    list.push_back({{"run", each.name},
                    {"effective_rank", each.rank},
                    {"items", each.num_items},
                    {"coordinates", each.num_columns},
                    {"score", each.score},
                    {"is_small_sample", each.is_small_sample},
                    {"is_collapsed", each.is_collapsed}});
  }
  result.data = Json({{"chosen", chosen.name}, {"runs", std::move(list)}}).dump();
  result.figures = {spectra_figure(runs, chosen)};
  if (runs.size() > 1) result.figures.insert(result.figures.begin(), choice_figure(runs, chosen));
  return result;
}

}  // namespace

AnalysisEntry effective_rank_entry() {
  return {
      .info = {.name = "effective_rank",
               .purpose = "which run of one method learned the richest embedding, without labels?",
               .source = "Garrido et al. 2023, RankMe; Roy and Vetterli 2007",
               .options = {{.name = "run",
                            .default_value = std::string(),
                            .purpose = "column that tells runs apart; none = one run"},
                           {.name = "score",
                            .default_value = std::string(),
                            .purpose = "column with the run's score by labels, to check the "
                                       "choice"}}},
      .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(effective_rank, effective_rank_entry())
