#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/time_to_result/performance_profile.hpp"

namespace trimtab {
namespace {

constexpr double kLevel = 0.95;
constexpr std::size_t kNumResamples = 4000;

std::vector<std::size_t> ranking(const std::vector<SubmissionScore>& scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a].score > scores[b].score; });
  return order;
}

std::string verdict_of(const TimesToTarget& data, const std::vector<SubmissionScore>& scores,
                       const std::vector<std::size_t>& order, const Interval& lead) {
  const std::size_t first = order[0], second = order[1];
  const double difference = scores[first].score - scores[second].score;
  const std::string numbers =
      fmt::format("score {} against {} of {}, lead {} [{}, {}] over {} resampled workloads",
                  format_short(scores[first].score), format_short(scores[second].score),
                  data.submissions[second], format_short(difference, 2), format_short(lead.low, 2),
                  format_short(lead.high, 2), data.workloads.size());
  if (scores[first].score == 0.0) return "nobody reached a target within the limit";
  if (lead.low > 0.0) {
    return fmt::format("{} reaches results soonest ({})", data.submissions[first], numbers);
  }
  return fmt::format("{} leads, but other workloads could turn it round ({})",
                     data.submissions[first], numbers);
}

constexpr std::size_t kMaxNamed = 8;

// Staircases: exact, not the grid of the published score.
Figure profiles_figure(const TimesToTarget& data, const std::vector<SubmissionScore>& scores,
                       const std::vector<std::size_t>& order, double ratio_limit) {
  Figure figure = {.title = "Performance profiles",
                   .caption =
                       "Share of the workloads that are done within a factor of the fastest "
                       "time: high on the left is fast, high on the right is reliable. The "
                       "score is the area.",
                   .x = {.name = "time over the fastest time"},
                   .y = {.name = "share of workloads", .covers = {0.0, 1.0}}};
  if (order.size() > kMaxNamed) {
    figure.caption +=
        fmt::format(" Grey: the {} behind the first {}.", order.size() - kMaxNamed, kMaxNamed);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::vector<double>& ratios = scores[order[i]].ratios;
    FigureSeries series = {.name = i < kMaxNamed ? data.submissions[order[i]] : "",
                           .mark = Mark::Steps};
    if (i >= kMaxNamed) series.emphasis = Emphasis::Quiet;
    series.x = {1.0};
    for (const double ratio : ratios) {
      if (std::isfinite(ratio) && ratio > 1.0) series.x.push_back(ratio);
    }
    series.x.push_back(ratio_limit);
    std::sort(series.x.begin(), series.x.end());
    for (const double tau : series.x) series.y.push_back(profile_at(ratios, tau));
    figure.series.push_back(std::move(series));
  }
  return figure;
}

// A workload that is never reached is the slowest there; two of them tie.
Figure ranks_figure(const TimesToTarget& data, const std::vector<SubmissionScore>& scores) {
  std::vector<double> losses;
  for (std::size_t w = 0; w < data.workloads.size(); ++w) {
    for (const SubmissionScore& each : scores) {
      losses.push_back(std::isfinite(each.ratios[w]) ? each.ratios[w]
                                                     : std::numeric_limits<double>::max());
    }
  }
  return rank_figure("Mean ranks over the workloads", data.submissions, losses);
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const TimesToTarget data = read_times(table);
  const ProfileOptions profile = {
      .ratio_limit = options.number("ratio_limit"),
      .num_points = static_cast<std::size_t>(options.integer("points"))};
  const std::vector<SubmissionScore> scores = score_submissions(data, profile);
  const std::vector<std::size_t> order = ranking(scores);
  Rng rng(1, 0, "time_to_result");
  const Interval lead =
      lead_interval(data, order[0], order[1], profile, kLevel, kNumResamples, rng);
  AnalysisResult result;
  result.verdict = verdict_of(data, scores, order, lead);
  std::size_t width = 10;
  for (const std::string& name : data.submissions) width = std::max(width, name.size());
  result.lines.push_back(
      fmt::format("{:<{}} {:>8} {:>8} {:>8}", "submission", width, "score", "reached", "fastest"));
  Json submissions = Json::array();
  for (const std::size_t s : order) {
    result.lines.push_back(fmt::format("{:<{}} {:>8} {:>8} {:>8}", data.submissions[s], width,
                                       fmt::format("{:.4f}", scores[s].score),
                                       scores[s].num_reached, scores[s].num_fastest));
    Json ratios = Json::object();
    for (std::size_t w = 0; w < data.workloads.size(); ++w) {
      const double ratio = scores[s].ratios[w];
      ratios[data.workloads[w]] = std::isfinite(ratio) ? Json(ratio) : Json();
    }
    submissions.push_back({{"submission", data.submissions[s]},
                           {"score", scores[s].score},
                           {"exact_score", scores[s].exact_score},
                           {"reached", scores[s].num_reached},
                           {"fastest", scores[s].num_fastest},
                           {"ratios", std::move(ratios)}});
  }
  const Json json = {{"ratio_limit", profile.ratio_limit},
                     {"points", profile.num_points},
                     {"workloads", data.workloads},
                     {"lead_interval", {lead.low, lead.high}},
                     {"submissions", std::move(submissions)}};
  result.data = json.dump();
  result.figures = {profiles_figure(data, scores, order, profile.ratio_limit),
                    ranks_figure(data, scores)};
  return result;
}

}  // namespace

AnalysisEntry time_to_result_entry() {
  return {.info = {.name = "time_to_result",
                   .purpose = "who reaches the targets soonest, over many workloads?",
                   .source = "Dolan and More 2002; Dahl et al. 2023, section 4.2",
                   .options = {{.name = "ratio_limit",
                                .default_value = 4.0,
                                .purpose = "slower than the fastest by more counts as never",
                                .low = 1.000001,
                                .high = 1e6},
                               {.name = "points",
                                .default_value = std::int64_t{100},
                                .purpose = "of the profile in the published score",
                                .low = 2,
                                .high = 1e6}}},
          .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(time_to_result, time_to_result_entry())
