#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/core/history.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// What "auto" stands for in a study, and why. Decisions are notes of topic "sampler" in the
/// study's log, so that every worker and every replay uses the sampler that was in force.
struct AutoDecision {
  Choice choice;
  std::string reason;
};

/// Limits of the rules. Evidence: bench/efficiency/auto_evidence.json, which a test holds them to.
struct AutoThresholds {
  std::int64_t gp_trials = 500;    ///< largest budget that the Gaussian process serves to its end
  std::size_t gp_dimensions = 50;  ///< most dimensions for it; its cost, not measured quality
  double cost_share = 0.1;         ///< of a trial's time that a suggestion may take
  double least_trial_seconds = 2e-3;  ///< shorter trials count as this: nobody waits for less
  std::size_t num_timed = 5;          ///< suggestions, and trials, before their times count
};

/// The choice before anything was measured; the first rule that matches:
///   1. a finite space not larger than the budget is enumerated without repeats (grid);
///   2. several objectives are searched by regularised evolution;
///   3. trials of several fidelities, or parameters that running programs find: TPE;
///   4. no time to learn (half of the budget runs at once, or fewer trials than parameters + 2):
///   sobol;
///   5. up to gp_trials trials and gp_dimensions dimensions: gp;
///   6. more dimensions: TPE; more trials: cmaes.
/// A pure function.
AutoDecision resolve_auto(const StudySpec& spec, const Space& space,
                          const AutoThresholds& thresholds = {});

/// The study's sampler with "auto" replaced by its first choice.
Choice resolve_sampler(const StudySpec& spec, const Space& space);

/// What has been measured so far.
struct AutoMeasurement {
  std::vector<double> ask_seconds = {};    ///< of the last suggestions of this process
  std::vector<double> trial_seconds = {};  ///< of the last trials that say how long they took
  std::int64_t num_trials = 0;             ///< created so far
};

/// The next choice when `current` has become too dear (the median suggestion takes more than
/// cost_share of the median trial), or when a study without a known budget has outgrown gp; nothing
/// while it may stay. Order: gp, tpe, cmaes, random.
std::optional<AutoDecision> reconsider(const Choice& current, const AutoMeasurement& measured,
                                       const AutoThresholds& thresholds = {});

/// A decision as the text of a note, and back; nothing when it is none.
std::string note_text(const AutoDecision& decision);
std::optional<AutoDecision> decision_of(std::string_view note);

/// Every decision of a study, in order. O(notes).
std::vector<AutoDecision> auto_decisions(const History& history);

}  // namespace trimtab
