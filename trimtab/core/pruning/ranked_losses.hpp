#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace trimtab {

// Notation in this file
//   n   members        m   objectives        c(x)   members that are better than x
//   better: smaller (m = 1); no worse in any objective and smaller in one, "dominates" (m > 1)

/// The losses of many trials at one step, in order, ready for "how good is this one among them?".
///
/// Several objectives are ranked by the count of dominating members, which is the rank when there
/// is one objective.
/// Source: Fonseca and Fleming 1993, "Genetic algorithms for multiobjective optimization", section
///   3 (rank = 1 + number of dominating individuals).
/// Differs: none. NaN is taken as +infinity.
/// Memory: 8 m bytes a member, and 4 more when m > 1.
class RankedLosses {
 public:
  explicit RankedLosses(std::size_t num_objectives) : num_objectives_(num_objectives) {}

  /// m = 1: O(log n), and moving at most 8 n bytes; m > 1: O(n m).
  void insert(std::span<const double> losses);
  /// Removes one member equal to `losses`; nothing happens when there is none. Cost as `insert`.
  void erase(std::span<const double> losses);
  std::size_t size() const { return num_objectives_ == 1 ? sorted_.size() : counts_.size(); }

  /// c(losses); ranks({1, 2, 2, 5}) of 2 is 1 [tested]. m = 1: O(log n); m > 1: O(n m).
  std::size_t num_better(std::span<const double> losses) const;

  /// Whether `losses` lie beyond the q-quantile of the members (m = 1), or are dominated by more
  /// members than the q-quantile of the members' own counts (m > 1). False without members.
  /// @param q  in [0, 1]; quantiles interpolate linearly (Hyndman and Fan 1996, definition 7).
  /// m = 1: O(1); m > 1: O(n m).
  bool is_beyond_quantile(std::span<const double> losses, double q) const;
  /// The q-quantile of the losses (m = 1) or of the counts (m > 1); NaN without members.
  double quantile(double q) const;

  /// Whether a member with these losses is among the k best; ties at the border are all among them.
  /// @param k  >= 1. m = 1: O(log n); m > 1: O(n m).
  bool is_among_best(std::span<const double> losses, std::size_t k) const;

 private:
  bool dominates(std::size_t member, std::span<const double> losses) const;
  bool is_dominated(std::size_t member, std::span<const double> losses) const;
  void change_count(std::size_t member, int by);
  double count_at(std::size_t rank) const;

  std::size_t num_objectives_;
  std::vector<double> sorted_;             // m = 1
  std::vector<double> members_;            // m > 1: (n, m)
  std::vector<std::uint32_t> counts_;      // m > 1: c of each member
  std::vector<std::uint32_t> with_count_;  // m > 1: how many members have c = 0, 1, 2, ...
};

}  // namespace trimtab
