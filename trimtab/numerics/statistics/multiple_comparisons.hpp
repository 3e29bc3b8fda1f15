#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/numerics/statistics.hpp"
#include "trimtab/numerics/statistics/rank_tests.hpp"

namespace trimtab {

// Notation in this file
//   k   groups or methods        n   blocks (problems, seeds)
//   Holm's adjustment stands in numerics/statistics.hpp.

/// Benjamini and Hochberg's step-up adjustment: reject where the result is <= q and the expected
/// share of false rejections among all rejections stays <= q (independent or positively dependent
/// tests).
/// Source: Benjamini and Hochberg 1995.  Differs: NaN (untested) stays NaN and does not count.
///   benjamini_hochberg({0.01, 0.04, 0.03}) = {0.03, 0.04, 0.04} [tested]
/// O(n log n).
std::vector<double> benjamini_hochberg(std::span<const double> p);

struct PairwiseComparison {
  std::size_t first = 0, second = 0;  ///< groups, first < second
  double difference = 0.0;            ///< of second less first
  Interval interval = {};             ///< simultaneous: all of them hold together with `level`
  double p = 1.0;                     ///< adjusted for all pairs
};

/// All pairs of means after an analysis of variance: Tukey's honestly significant differences.
/// Source: Tukey 1949; Kramer 1956 for unequal counts.  Differs: none.
///   R's `TukeyHSD(aov(weight ~ feed, chickwts))`, soybean-casein: p = 0.0083653087  [tested]
/// @param means, counts         (k), k >= 2, every count above 0.
/// @param residual_mean_square  of the analysis of variance, > 0, with `freedom` degrees.
/// @throws BugError otherwise. k (k - 1) / 2 pairs, 1 ms each, and 20 ms once.
std::vector<PairwiseComparison> tukey_hsd(std::span<const double> means,
                                          std::span<const double> counts,
                                          double residual_mean_square, double freedom,
                                          double level = 0.95);

struct NemenyiTest {
  double critical_difference = 0.0;  ///< of mean ranks, at alpha
  std::vector<PairwiseComparison> pairs;
  /// Maximal runs of methods, by mean rank, whose ends are not told apart; the bars of a
  /// critical-difference diagram. Single methods are left out.
  std::vector<std::vector<std::size_t>> cliques;
};

/// Which pairs of methods differ after Friedman's test, by their mean ranks.
/// Source: Nemenyi 1963; Demsar 2006, section 3.2.2.  Differs: none.
///   k = 4, n = 14, alpha = 0.05: the critical difference is 1.2536 (Demsar: 1.25)  [tested]
/// @param mean_ranks  (k), k >= 2. @param num_blocks  >= 1. @param alpha  in (0, 1).
NemenyiTest nemenyi_test(std::span<const double> mean_ranks, std::size_t num_blocks,
                         double alpha = 0.05);

}  // namespace trimtab
