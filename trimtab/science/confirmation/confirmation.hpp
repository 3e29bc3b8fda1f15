#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

// Notation in this folder
//   Differences are improvements: positive = better than the default, in the objective's unit,
//   whatever the goal. Values are in the user's own direction.

/// A finalist against the default configuration, over the fresh seeds on which both completed.
struct Comparison {
  std::int64_t num_pairs = 0;
  double improvement = std::numeric_limits<double>::quiet_NaN();  ///< mean over the pairs
  Interval interval = {};  ///< simultaneous over all finalists (Bonferroni)
  double p_t = std::numeric_limits<double>::quiet_NaN();
  double p_t_holm = std::numeric_limits<double>::quiet_NaN();
  double p_wilcoxon = std::numeric_limits<double>::quiet_NaN();
  double p_wilcoxon_holm = std::numeric_limits<double>::quiet_NaN();
  EffectSize effect = {.d_z = std::numeric_limits<double>::quiet_NaN(),
                       .hedges_g = std::numeric_limits<double>::quiet_NaN(),
                       .interval = {}};
};

/// A configuration that was run again on seeds which the search never saw.
struct Finalist {
  std::int64_t trial = -1;
  double search_value = 0.0;                           ///< what the search believed
  std::vector<std::pair<std::uint64_t, double>> runs;  ///< fresh seed and value, by seed
  std::int64_t num_failed = 0;                         ///< fresh runs without a finite value
  std::int64_t num_open = 0;                           ///< fresh runs that have not ended
  double fresh_mean = std::numeric_limits<double>::quiet_NaN();
  double fresh_deviation = std::numeric_limits<double>::quiet_NaN();  ///< NaN below two runs
  /// How much better the search value looked than the fresh mean: over-fitting to the validation.
  double optimism = std::numeric_limits<double>::quiet_NaN();
  double mean_wall_seconds = std::numeric_limits<double>::quiet_NaN();
  Comparison against_default = {};
};

enum class Conclusion : std::uint8_t {
  Absent,     ///< no fresh run was made
  TooFew,     ///< fewer than two pairs
  NoDefault,  ///< nothing to compare with
  Default,    ///< the default is itself the best finalist, or the only one
  Better,
  Worse,
  NotShown,
};

/// What the confirm stage says.
struct Confirmation {
  Conclusion conclusion = Conclusion::Absent;
  std::vector<Finalist> finalists;   ///< by search value, best first; without the default
  std::optional<Finalist> standard;  ///< the default configuration
  std::int64_t winner = -1;          ///< trial with the best fresh mean, -1 = none
  bool is_deterministic = false;     ///< every configuration gave one value on all of its seeds
  bool is_partial = false;           ///< fresh runs are missing or have not ended
  double alpha = 0.05;

  const Finalist* find(std::int64_t trial) const;
};

/// Compares the finalists with the default configuration on paired fresh seeds. First objective.
///
/// Source: paired t test (Student 1908) and Wilcoxon 1945 over common seeds, Holm 1979 over the
///   finalists; the winner by fresh mean, its interval simultaneous over all finalists, because it
///   was chosen on the same runs.
/// Differs: differences without any spread are judged by the exact signed rank test alone.
/// @param alpha  chance of a false "better", in (0, 1).
/// Cost: O(trials + runs log runs).
Confirmation confirm(const StudyView& study, double alpha);

/// One honest sentence.
std::string verdict(const Confirmation& confirmation, const StudySpec& spec);

/// The analysis "confirmation".
AnalysisEntry confirmation_entry();

}  // namespace trimtab
