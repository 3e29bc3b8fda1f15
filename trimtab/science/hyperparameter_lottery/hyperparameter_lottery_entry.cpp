#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/hyperparameter_lottery/hyperparameter_lottery.hpp"
#include "trimtab/science/hyperparameter_lottery/lottery_figures.hpp"
#include "trimtab/science/hyperparameter_lottery/lottery_runs.hpp"

namespace trimtab {
namespace {

constexpr double kAlpha = 0.05;
constexpr std::size_t kFewSettings = 10;
constexpr double kLevel = 0.95;

std::string chance_text(double chance, const Interval& interval) {
  return fmt::format("{} [{}, {}]", format_short(chance, 2), format_short(interval.low, 2),
                     format_short(interval.high, 2));
}

std::string p_text(double p) { return p < 1e-4 ? "p < 0.0001" : "p = " + format_short(p, 2); }

std::string order_text(const Lottery& lottery, const LotteryOrder& order) {
  std::string text;
  for (const std::size_t a : order.order) {
    text += (text.empty() ? "" : " > ") + lottery.algorithms[a].name;
  }
  return text;
}

double blind_chance(std::size_t k) { return 1.0 / std::tgamma(static_cast<double>(k) + 1.0); }

const SettingSpread& favourite(const Lottery& lottery) {
  return *std::max_element(lottery.algorithms.begin(), lottery.algorithms.end(),
                           [](const SettingSpread& a, const SettingSpread& b) {
                             return a.first_chance < b.first_chance;
                           });
}

bool is_decided(const Lottery& lottery) { return favourite(lottery).first_interval.low > 0.9; }

std::string outcome_text(const Lottery& lottery) {
  const SettingSpread& first = favourite(lottery);
  const std::string chance = chance_text(first.first_chance, first.first_interval);
  if (is_decided(lottery)) {
    return fmt::format(
        "no lottery: {} is first with chance {} when each algorithm draws one "
        "setting",
        first.name, chance);
  }
  const std::string test = "Kruskal-Wallis " + p_text(lottery.kruskal.p);
  if (lottery.kruskal.p > kAlpha) {
    return fmt::format(
        "a lottery: the settings do not tell the {} algorithms apart ({}); {} is "
        "first with chance {} when each draws one",
        lottery.algorithms.size(), test, first.name, chance);
  }
  return fmt::format(
      "a lottery with {}: the algorithms differ ({}), and {} is first with chance "
      "{} when each draws one setting",
      first.first_interval.low > 0.5 ? "a favourite" : "unequal tickets", test, first.name, chance);
}

std::string stability_text(const Lottery& lottery) {
  const std::string best = order_text(lottery, lottery.by_best);
  if (lottery.is_order_stable) {
    return fmt::format("the order by the best, the median and a random setting is the same ({})",
                       best);
  }
  return fmt::format(
      "the order is {} by the best of {} settings, {} by the median and {} by a "
      "random one",
      best, lottery.equal_settings, order_text(lottery, lottery.by_median),
      order_text(lottery, lottery.by_mean));
}

// What the repeats say: are the tickets settings, or seeds?
std::string share_text(const std::map<std::string, Lottery>& lotteries) {
  std::size_t num_repeated = 0, num_apart = 0;
  double largest = 0.0;
  for (const auto& [task, lottery] : lotteries) {
    for (const SettingSpread& each : lottery.algorithms) {
      if (std::isnan(each.setting_p)) continue;
      ++num_repeated;
      if (each.setting_p <= kAlpha) ++num_apart;
      if (each.setting_share > largest) largest = each.setting_share;
    }
  }
  if (num_repeated == 0) {
    return "; without repeats, settings are not told from the luck of one seed";
  }
  return fmt::format(
      "; settings are told from the luck of the seed {} times of {} (algorithm by task) and make "
      "{:.0f} % of the variance of single runs at most",
      num_apart, num_repeated, 100.0 * largest);
}

std::string verdict_of(const Lottery& lottery) {
  std::string text = outcome_text(lottery) + "; " + stability_text(lottery);
  text += fmt::format("; one setting each shows the order by the best with chance {} (blind: {})",
                      chance_text(lottery.by_best.chance, lottery.by_best.interval),
                      format_short(blind_chance(lottery.algorithms.size()), 2));
  if (lottery.equal_settings < kFewSettings) {
    text +=
        fmt::format("; with only {} settings the intervals are too narrow", lottery.equal_settings);
  }
  return text;
}

void append_spreads(const Lottery& lottery, const Objective& objective,
                    std::vector<std::string>& lines) {
  lines.push_back(fmt::format("{:<12} {:>3} {:>9} {:>9} {:>9} {:>9} {:>9} {:>18} {:>6} {:>15}",
                              "algorithm", "n", "best", "quartile", "median", "quartile", "worst",
                              "first by one", "tuned", "settings"));
  for (const SettingSpread& each : lottery.algorithms) {
    const auto show = [&](double loss) { return format_short(objective.value(loss), 5); };
    lines.push_back(fmt::format(
        "{:<12} {:>3} {:>9} {:>9} {:>9} {:>9} {:>9} {:>18} {:>6} {:>15}", each.name,
        each.losses.size(), show(each.best), show(each.lower), show(each.median), show(each.upper),
        show(each.worst), chance_text(each.first_chance, each.first_interval),
        format_short(each.tuned_first_chance, 2),
        std::isnan(each.setting_share)
            ? "-"
            : fmt::format("{:.0f} %, {}", 100.0 * each.setting_share, p_text(each.setting_p))));
  }
}

void append_rest(const Lottery& lottery, std::vector<std::string>& lines) {
  for (const DuelOfSettings& duel : lottery.duels) {
    lines.push_back(fmt::format("{} beats {} in {} of the pairs of settings, {} after Holm",
                                lottery.algorithms[duel.first].name,
                                lottery.algorithms[duel.second].name,
                                chance_text(duel.chance, duel.interval), p_text(duel.p_holm)));
  }
  lines.push_back(
      fmt::format("orders: tau {} best to median, {} best to random, {} median to random",
                  format_short(lottery.tau[0], 2), format_short(lottery.tau[1], 2),
                  format_short(lottery.tau[2], 2)));
  lines.push_back(
      fmt::format("of the variance of the settings' ranks, {:.0f} % is between "
                  "algorithms",
                  100.0 * lottery.algorithm_share));
  if (std::isnan(lottery.gap_of_bests)) return;
  lines.push_back(fmt::format(
      "best settings lie within {} % of the best value, every algorithm's settings over {} % or "
      "more (ArchGym: 5 and 20)",
      format_short(100.0 * lottery.gap_of_bests, 2), format_short(100.0 * lottery.least_range, 2)));
}

Json interval_json(const Interval& interval) { return Json::array({interval.low, interval.high}); }

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json order_json(const Lottery& lottery, const LotteryOrder& order) {
  Json names = Json::array();
  for (const std::size_t a : order.order) names.push_back(lottery.algorithms[a].name);
  return {{"order", std::move(names)},
          {"chance", order.chance},
          {"interval", interval_json(order.interval)}};
}

Json spread_json(const SettingSpread& each, const Objective& objective) {
  Json values = Json::array();
  for (const double loss : each.losses) values.push_back(objective.value(loss));
  return {{"algorithm", each.name},
          {"best_setting", each.best_setting},
          {"best", objective.value(each.best)},
          {"better_quartile", objective.value(each.lower)},
          {"median", objective.value(each.median)},
          {"worse_quartile", objective.value(each.upper)},
          {"worst", objective.value(each.worst)},
          {"mean", objective.value(each.mean)},
          {"best_of_equal", objective.value(each.best_of_equal)},
          {"first_chance", each.first_chance},
          {"first_interval", interval_json(each.first_interval)},
          {"tuned_first_chance", each.tuned_first_chance},
          {"setting_share", number_json(each.setting_share)},
          {"setting_p", number_json(each.setting_p)},
          {"values", std::move(values)}};
}

Json lottery_json(const Lottery& lottery, const Objective& objective) {
  Json algorithms = Json::array(), duels = Json::array();
  for (const SettingSpread& each : lottery.algorithms) {
    algorithms.push_back(spread_json(each, objective));
  }
  for (const DuelOfSettings& duel : lottery.duels) {
    duels.push_back({{"first", lottery.algorithms[duel.first].name},
                     {"second", lottery.algorithms[duel.second].name},
                     {"chance", duel.chance},
                     {"interval", interval_json(duel.interval)},
                     {"p_holm", duel.p_holm}});
  }
  return {{"equal_settings", lottery.equal_settings},
          {"algorithms", std::move(algorithms)},
          {"pairs", std::move(duels)},
          {"kruskal_wallis", {{"h", lottery.kruskal.statistic}, {"p", lottery.kruskal.p}}},
          {"algorithm_share", lottery.algorithm_share},
          {"by_best", order_json(lottery, lottery.by_best)},
          {"by_median", order_json(lottery, lottery.by_median)},
          {"by_random", order_json(lottery, lottery.by_mean)},
          {"tau",
           {{"best_median", number_json(lottery.tau[0])},
            {"best_random", number_json(lottery.tau[1])},
            {"median_random", number_json(lottery.tau[2])}}},
          {"is_order_stable", lottery.is_order_stable},
          {"is_decided", is_decided(lottery)},
          {"gap_of_bests", number_json(lottery.gap_of_bests)},
          {"least_range", number_json(lottery.least_range)}};
}

// "ga 2, tpe 1": on how many tasks each comes first.
std::string firsts_text(const std::map<std::string, Lottery>& lotteries,
                        LotteryOrder Lottery::* order) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [task, lottery] : lotteries) {
    ++counts[lottery.algorithms[(lottery.*order).order.front()].name];
  }
  std::string text;
  for (const auto& [name, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count);
  }
  return text;
}

std::string verdict_over_tasks(const std::map<std::string, Lottery>& lotteries) {
  std::size_t num_decided = 0, num_apart = 0, num_stable = 0;
  for (const auto& [task, lottery] : lotteries) {
    if (is_decided(lottery)) ++num_decided;
    if (lottery.kruskal.p <= kAlpha) ++num_apart;
    if (lottery.is_order_stable) ++num_stable;
  }
  return fmt::format(
      "{} of {} tasks are a lottery; the algorithms are told apart on {}; the order by the best, "
      "the median and a random setting is the same on {}; first by the best setting: {}; by the "
      "median: {}",
      lotteries.size() - num_decided, lotteries.size(), num_apart, num_stable,
      firsts_text(lotteries, &Lottery::by_best), firsts_text(lotteries, &Lottery::by_median));
}

AnalysisResult run_on_table(const DataTable& table, const OptionValues& options) {
  const Objective objective = {
      .name = options.text("value"),
      .goal = options.text("goal") == "max" ? Goal::Maximise : Goal::Minimise,
      .target = {}};
  const LotteryRuns runs = read_lottery_runs(table, options, objective);
  AnalysisResult result;
  Json tasks = Json::object();
  std::map<std::string, Lottery> lotteries;
  for (const auto& [task, algorithms] : runs.tasks) {
    Rng rng(static_cast<std::uint64_t>(options.integer("resampling_seed")), lotteries.size(),
            "lottery");
    const Lottery lottery = judge_lottery(
        algorithms, static_cast<std::size_t>(options.integer("resamples")), kLevel, rng);
    if (runs.tasks.size() > 1) result.lines.push_back(task + ": " + verdict_of(lottery));
    append_spreads(lottery, objective, result.lines);
    append_rest(lottery, result.lines);
    tasks[task] = lottery_json(lottery, objective);
    lotteries[task] = lottery;
  }
  result.verdict =
      lotteries.size() == 1 ? verdict_of(lotteries.begin()->second) : verdict_over_tasks(lotteries);
  result.verdict += share_text(lotteries);
  if (runs.num_dropped > 0) {
    result.verdict += fmt::format(
        "; {} runs without a value are left out, which flatters those "
        "that fail",
        runs.num_dropped);
  }
  result.data = Json{{"tasks", std::move(tasks)}, {"dropped", runs.num_dropped}}.dump();
  result.figures = lottery_figures(lotteries, objective);
  return result;
}

OptionInfo column(const std::string& name, const std::string& standard,
                  const std::string& purpose) {
  return {.name = name, .default_value = standard, .purpose = "column of " + purpose};
}

}  // namespace

AnalysisEntry hyperparameter_lottery_entry() {
  return {.info = {.name = "hyperparameter_lottery",
                   .purpose = "does the algorithm decide, or the luck of its own hyperparameters?",
                   .source = "Krishnan et al. 2023, ArchGym; Kruskal and Wallis 1952",
                   .options = {column("algorithm", "algorithm", "the search algorithms' names"),
                               column("setting", "setting", "an algorithm's own hyperparameters"),
                               column("value", "best", "the best value that a run found"),
                               column("task", "", "tasks, judged apart; \"task\" if there is one"),
                               column("seed", "", "repeats, averaged; \"seed\" if there is one"),
                               {.name = "goal",
                                .default_value = std::string("min"),
                                .purpose = "direction of the values",
                                .choices = {"min", "max"}},
                               {.name = "resamples",
                                .default_value = std::int64_t{1000},
                                .purpose = "of the settings, for the intervals",
                                .low = 100,
                                .high = 100000},
                               {.name = "resampling_seed",
                                .default_value = std::int64_t{1},
                                .purpose = "decides the resamples",
                                .low = 0,
                                .high = 1e9}}},
          .run_on_table = run_on_table};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(hyperparameter_lottery, hyperparameter_lottery_entry())
