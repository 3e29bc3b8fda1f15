#include "trimtab/science/hyperparameter_lottery/hyperparameter_lottery.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics/correlation.hpp"

namespace trimtab {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

void require(bool is_kept, const std::string& expected) {
  if (is_kept) return;
  throw BugError({.code = "hyperparameter_lottery.sizes",
                  .what = "the runs do not make a lottery",
                  .where = "judge_lottery",
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

// The same for the same repeats in any order, and for any number of equal ones: ties stay ties.
double mean_of_repeats(std::vector<double> repeats) {
  std::sort(repeats.begin(), repeats.end());
  return repeats.front() == repeats.back() ? repeats.front() : mean(repeats);
}

SettingSpread spread_of(const AlgorithmRuns& algorithm) {
  SettingSpread spread;
  spread.name = algorithm.name;
  for (const std::vector<double>& repeats : algorithm.runs) {
    spread.losses.push_back(mean_of_repeats(repeats));
  }
  const auto best = std::min_element(spread.losses.begin(), spread.losses.end());
  spread.best_setting = algorithm.settings[static_cast<std::size_t>(best - spread.losses.begin())];
  spread.best = *best;
  spread.lower = quantile(spread.losses, 0.25);
  spread.median = quantile(spread.losses, 0.5);
  spread.upper = quantile(spread.losses, 0.75);
  spread.worst = *std::max_element(spread.losses.begin(), spread.losses.end());
  spread.mean = mean(spread.losses);
  spread.setting_share = setting_share(algorithm.runs);
  const bool is_repeated =
      std::any_of(algorithm.runs.begin(), algorithm.runs.end(),
                  [](const std::vector<double>& repeats) { return repeats.size() >= 2; });
  spread.setting_p = is_repeated ? kruskal_wallis_test(algorithm.runs).p : kUnknown;
  return spread;
}

LotteryOrder order_by(const Lottery& lottery, double SettingSpread::* score) {
  LotteryOrder result;
  for (const SettingSpread& each : lottery.algorithms) result.scores.push_back(each.*score);
  result.order.resize(result.scores.size());
  std::iota(result.order.begin(), result.order.end(), std::size_t{0});
  std::stable_sort(result.order.begin(), result.order.end(), [&](std::size_t a, std::size_t b) {
    return result.scores[a] < result.scores[b];
  });
  return result;
}

// Every chance of a draw: what the bootstrap repeats.
std::vector<double> all_chances(const DrawChances& chances, const Lottery& lottery) {
  std::vector<double> values = win_chances(chances);
  for (const DuelOfSettings& duel : lottery.duels) {
    values.push_back(beat_chance(chances[duel.first], chances[duel.second]));
  }
  for (const LotteryOrder* each : {&lottery.by_best, &lottery.by_median, &lottery.by_mean}) {
    values.push_back(order_chance(chances, each->order));
  }
  return values;
}

std::vector<std::vector<std::size_t>> resampled(const std::vector<std::vector<std::size_t>>& places,
                                                Rng& rng) {
  std::vector<std::vector<std::size_t>> drawn = places;
  for (std::size_t a = 0; a < places.size(); ++a) {
    for (std::size_t& place : drawn[a]) place = places[a][rng.below(places[a].size())];
  }
  return drawn;
}

// (values) of all_chances, each with its percentile interval.
std::vector<Interval> bootstrap_chances(const PlacedSettings& placed, const Lottery& lottery,
                                        std::size_t resamples, double level, Rng& rng) {
  std::vector<std::vector<double>> values;
  for (std::size_t r = 0; r < resamples; ++r) {
    const DrawChances chances = draw_chances(resampled(placed.places, rng), placed.losses.size());
    const std::vector<double> drawn = all_chances(chances, lottery);
    values.resize(drawn.size());
    for (std::size_t i = 0; i < drawn.size(); ++i) values[i].push_back(drawn[i]);
  }
  std::vector<Interval> intervals;
  for (const std::vector<double>& each : values) {
    intervals.push_back({quantile(each, 0.5 - level / 2.0), quantile(each, 0.5 + level / 2.0)});
  }
  return intervals;
}

void set_chances(const PlacedSettings& placed, std::size_t resamples, double level, Rng& rng,
                 Lottery& lottery) {
  const std::vector<double> chances =
      all_chances(draw_chances(placed.places, placed.losses.size()), lottery);
  const std::vector<Interval> intervals = bootstrap_chances(placed, lottery, resamples, level, rng);
  std::size_t i = 0;
  for (SettingSpread& each : lottery.algorithms) {
    each.first_chance = chances[i];
    each.first_interval = intervals[i++];
  }
  for (DuelOfSettings& duel : lottery.duels) {
    duel.chance = chances[i];
    duel.interval = intervals[i++];
  }
  for (LotteryOrder* each : {&lottery.by_best, &lottery.by_median, &lottery.by_mean}) {
    each->chance = chances[i];
    each->interval = intervals[i++];
  }
}

void set_best_of_equal(const PlacedSettings& placed, Lottery& lottery) {
  const DrawChances tuned =
      draw_chances(placed.places, placed.losses.size(), lottery.equal_settings);
  const std::vector<double> wins = win_chances(tuned);
  for (std::size_t a = 0; a < tuned.size(); ++a) {
    SettingSpread& each = lottery.algorithms[a];
    each.tuned_first_chance = wins[a];
    each.best_of_equal =
        std::inner_product(tuned[a].begin(), tuned[a].end(), placed.losses.begin(), 0.0);
  }
}

void set_tests(const std::vector<std::vector<double>>& losses, Lottery& lottery) {
  lottery.kruskal = kruskal_wallis_test(losses);
  std::size_t num_settings = 0;
  for (const std::vector<double>& each : losses) num_settings += each.size();
  lottery.algorithm_share = lottery.kruskal.statistic / static_cast<double>(num_settings - 1);
  std::vector<double> p, of_settings;
  for (const SettingSpread& each : lottery.algorithms) of_settings.push_back(each.setting_p);
  of_settings = holm(of_settings);
  for (std::size_t a = 0; a < losses.size(); ++a) lottery.algorithms[a].setting_p = of_settings[a];
  for (std::size_t a = 0; a < losses.size(); ++a) {
    for (std::size_t b = a + 1; b < losses.size(); ++b) {
      lottery.duels.push_back({.first = a, .second = b});
      p.push_back(mann_whitney_test(losses[a], losses[b]).p);
    }
  }
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) lottery.duels[i].p_holm = adjusted[i];
}

void set_orders(Lottery& lottery) {
  lottery.by_best = order_by(lottery, &SettingSpread::best_of_equal);
  lottery.by_median = order_by(lottery, &SettingSpread::median);
  lottery.by_mean = order_by(lottery, &SettingSpread::mean);
  const auto tau = [](const LotteryOrder& a, const LotteryOrder& b) {
    return kendall_correlation(a.scores, b.scores).coefficient;
  };
  lottery.tau = {tau(lottery.by_best, lottery.by_median), tau(lottery.by_best, lottery.by_mean),
                 tau(lottery.by_median, lottery.by_mean)};
  lottery.is_order_stable = lottery.by_best.order == lottery.by_median.order &&
                            lottery.by_best.order == lottery.by_mean.order;
}

void set_gaps(const PlacedSettings& placed, Lottery& lottery) {
  const double size = std::abs(placed.losses.front());
  const std::vector<double>& bests = lottery.by_best.scores;
  const auto [low, high] = std::minmax_element(bests.begin(), bests.end());
  double least = std::numeric_limits<double>::infinity();
  for (const SettingSpread& each : lottery.algorithms) {
    least = std::min(least, each.worst - each.best);
  }
  lottery.gap_of_bests = size > 0.0 ? (*high - *low) / size : kUnknown;
  lottery.least_range = size > 0.0 ? least / size : kUnknown;
}

}  // namespace

double setting_share(std::span<const std::vector<double>> runs) {
  double n = 0.0, sum = 0.0, squared_counts = 0.0;
  for (const std::vector<double>& each : runs) {
    n += static_cast<double>(each.size());
    squared_counts += static_cast<double>(each.size() * each.size());
    sum += std::accumulate(each.begin(), each.end(), 0.0);
  }
  const double k = static_cast<double>(runs.size());
  if (k < 2.0 || n <= k) return kUnknown;
  double between = 0.0, within = 0.0;
  for (const std::vector<double>& each : runs) {
    const double m = mean(each);
    between += static_cast<double>(each.size()) * (m - sum / n) * (m - sum / n);
    for (const double value : each) within += (value - m) * (value - m);
  }
  const double mean_count = (n - squared_counts / n) / (k - 1.0);
  const double noise = within / (n - k);
  const double signal = std::max(0.0, (between / (k - 1.0) - noise) / mean_count);
  return signal + noise > 0.0 ? signal / (signal + noise) : kUnknown;
}

Lottery judge_lottery(std::span<const AlgorithmRuns> algorithms, std::size_t resamples,
                      double level, Rng& rng) {
  require(algorithms.size() >= 2, "at least 2 algorithms");
  Lottery lottery;
  lottery.equal_settings = std::numeric_limits<std::size_t>::max();
  std::vector<std::vector<double>> losses;
  for (const AlgorithmRuns& each : algorithms) {
    require(each.runs.size() >= 2, "at least 2 settings of every algorithm");
    lottery.algorithms.push_back(spread_of(each));
    losses.push_back(lottery.algorithms.back().losses);
    lottery.equal_settings = std::min(lottery.equal_settings, each.runs.size());
  }
  const PlacedSettings placed = place_settings(losses);
  set_best_of_equal(placed, lottery);
  set_tests(losses, lottery);
  set_orders(lottery);
  set_chances(placed, resamples, level, rng, lottery);
  set_gaps(placed, lottery);
  return lottery;
}

}  // namespace trimtab
