#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/core/data_table.hpp"

namespace trimtab {

// Notation in this file
//   Z       embeddings, (n, k) row-major: items by coordinates      sigma   singular values of Z
//   p       sigma over their sum, plus eps

/// Added to every share, as the paper does for 32-bit embeddings.
inline constexpr double kRankEpsilon = 1e-7;

/// Singular values, descending, (min(n, k)).
/// @throws BugError when the sizes do not fit. O(n k^2).
std::vector<double> singular_values(std::span<const double> z, std::size_t num_columns);

/// exp(-sum p ln p): how many directions an embedding uses, smoothly; from 1 to k.
/// Source: Garrido, Balestriero, Najman and LeCun 2023, "RankMe", equation 1 (Roy and Vetterli
/// 2007). Differs: none; Z is not centred.
///   The unit matrix of 100: 100.00360523; diag(2^-j), j < 10: 3.96912037  [tested]
/// @return 0 when all values are 0.
double effective_rank(std::span<const double> sigma, double epsilon = kRankEpsilon);

/// One embedding, measured.
struct RankedEmbedding {
  std::string name;
  std::size_t num_items = 0;
  std::size_t num_columns = 0;
  double rank = 0.0;
  double score = 0.0;  ///< of the run by labels, if known; else NaN
  /// A finite sample has a smaller effective rank: n < 10 k.
  bool is_small_sample = false;
  bool is_collapsed = false;  ///< rank < k / 10
  std::vector<double> sigma;  ///< singular values, descending
};

/// Embeddings of one or several runs from a table: every numeric column but `run` and `score` is a
/// coordinate.
/// @param run    column that tells the runs apart; "" = one run.
/// @param score  column with the run's score by labels, one value per run; "" = unknown.
/// @throws UserError for unknown columns, "effective_rank.table" for holes or fewer than 2 rows.
std::vector<RankedEmbedding> measure_embeddings(const DataTable& table, const std::string& run,
                                                const std::string& score);

/// The analysis "effective_rank".
AnalysisEntry effective_rank_entry();

}  // namespace trimtab
