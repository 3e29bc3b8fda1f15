#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

// Notation in this folder
//   f(c, s)   mean score of configuration c in scenario s over its seeds, larger is better
//   T, E      the scenario that is tuned on, and the one that is evaluated
//   c*        argmax f(c, T)
//   two-phase score     f(c*, E)
//   single-phase score  max f(c, E): tuned where it is judged
//   optimism            single-phase less two-phase, >= 0

/// One algorithm's configurations in both scenarios of one division of the data.
struct PhaseScores {
  std::vector<double> tune, evaluate;  ///< (c) f(c, T), f(c, E); finite
};

struct PhaseResult {
  std::size_t chosen = 0;  ///< c*; the earliest of equal ones
  double two_phase = 0.0, single_phase = 0.0;
  double optimism() const { return single_phase - two_phase; }
};

/// Source: Cha and Cho 2024, "Hyperparameters in continual learning: a reality check", section 4
///   (generalisable two-phase evaluation protocol).  Differs: none.
/// @param scores  at least one configuration, as many in both. O(c).
PhaseResult judge_phases(const PhaseScores& scores);

/// An algorithm over all divisions.
struct PhaseSummary {
  std::string algorithm = {};
  std::vector<PhaseResult> divisions = {};
  double two_phase = 0.0, single_phase = 0.0;
  double optimism = 0.0;
  Interval optimism_interval = {};  ///< 95 %, t over the divisions; NaN below two
  double optimism_p = 1.0;          ///< one-sided, that it is 0; NaN below two
};

/// @param divisions  at least one.
PhaseSummary summarise_phases(std::string algorithm, std::vector<PhaseResult> divisions);

/// The analysis "two_phase_protocol".
AnalysisEntry two_phase_protocol_entry();

}  // namespace trimtab
