#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/numerics/statistics/rank_tests.hpp"
#include "trimtab/science/hyperparameter_lottery/setting_draws.hpp"

namespace trimtab {

/// An algorithm's runs on one task; losses are the best values that searches found, minimised.
struct AlgorithmRuns {
  std::string name;
  std::vector<std::string> settings;      ///< (n) names
  std::vector<std::vector<double>> runs;  ///< (n) repeats of each setting, at least one; finite
};

/// What an algorithm's settings do to what it finds. Losses are means over a setting's repeats.
struct SettingSpread {
  std::string name;
  std::vector<double> losses;  ///< (n)
  std::string best_setting;
  double best = 0.0, lower = 0.0, median = 0.0, upper = 0.0, worst = 0.0;  ///< of the losses
  double mean = 0.0;           ///< what a setting drawn at random gives
  double best_of_equal = 0.0;  ///< expected smallest loss of m settings, m the same for all
  double first_chance = 0.0;   ///< of the best loss, when each algorithm draws one setting
  Interval first_interval = {};
  double tuned_first_chance = 0.0;  ///< the same when each keeps the best of m settings
  /// Of the variance of single runs, the part that the settings make, the rest being the repeats';
  /// NaN without repeats.
  double setting_share = 0.0;
  /// Kruskal and Wallis's test of the repeats by setting, after Holm over the algorithms: small
  /// when settings are told from the luck of their seeds; NaN without repeats.
  double setting_p = 1.0;
};

struct DuelOfSettings {
  std::size_t first = 0, second = 0;
  double chance = 0.5;     ///< that a setting of the first beats one of the second, ties half
  Interval interval = {};  ///< percentile, over resampled settings
  double p_holm = 1.0;     ///< Mann and Whitney's test, for all pairs
};

/// An order of the algorithms, best first, and how often one setting each shows it.
struct LotteryOrder {
  std::vector<double> scores;      ///< (k) what the order is by
  std::vector<std::size_t> order;  ///< (k)
  double chance = 0.0;             ///< that a draw of one setting each comes out in this order
  Interval interval = {};          ///< percentile; the order stays
};

struct Lottery {
  std::size_t equal_settings = 0;  ///< m: the smallest n
  std::vector<SettingSpread> algorithms;
  std::vector<DuelOfSettings> duels;  ///< k (k - 1) / 2
  RankVariance kruskal;               ///< of the settings' losses by algorithm
  /// Of the variance of the settings' ranks, the part between algorithms: H / (N - 1).
  double algorithm_share = 0.0;
  LotteryOrder by_best, by_median, by_mean;
  std::array<double, 3> tau = {};  ///< best to median, best to mean, median to mean; NaN: all tied
  bool is_order_stable = false;    ///< all three orders are one
  /// ArchGym's terms, relative to the size of the best loss of all (NaN when that is 0): how far
  /// the algorithms' best settings lie apart, and the smallest range of an algorithm's settings.
  double gap_of_bests = 0.0;
  double least_range = 0.0;
};

/// Does the algorithm decide, or the luck of its hyperparameters?
/// Source: Krishnan et al. 2023, ArchGym (the hyperparameter lottery: spreads over a grid of
///   settings at equal samples); Fisher 1925 (intraclass correlation); H / (N - 1) is the epsilon
///   squared of ranks.
/// Differs: chances are exact over all draws of settings, with bootstrap intervals, where the
///   source shows spreads; best settings are compared at equal numbers of them.
/// @param algorithms  (k >= 2) with at least 2 settings each.
/// @param resamples   >= 1, of the settings of each algorithm.
/// @throws BugError otherwise. O(resamples (k^3 + k^2) D) and the tests of k^2 / 2 pairs.
Lottery judge_lottery(std::span<const AlgorithmRuns> algorithms, std::size_t resamples,
                      double level, Rng& rng);

/// The part of the variance of single runs that is between settings, one-way random effects.
///   {{1, 3}, {5, 7}}: 7/9; equal settings that differ in their repeats alone: 0  [tested]
/// @return in [0, 1]; NaN without two settings, without a repeat, or when nothing varies. O(n).
double setting_share(std::span<const std::vector<double>> runs);

/// The analysis "hyperparameter_lottery".
AnalysisEntry hyperparameter_lottery_entry();

}  // namespace trimtab
