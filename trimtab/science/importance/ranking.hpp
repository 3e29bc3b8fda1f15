#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/science/importance/ranked_trial.hpp"

namespace trimtab {

struct ParameterShare {
  std::string name;
  double share = 0.0;           ///< in [0, 1]
  bool is_above_noise = false;  ///< more than a parameter of pure chance would get
};

/// What one measure of importance says of a study's parameters.
struct Ranking {
  std::vector<ParameterShare> parameters = {};  ///< largest share first
  std::string question = {};                    ///< what the shares are shares of
  std::string refusal = {};                     ///< why nothing can be said; empty = it can
  std::map<std::string, double> facts = {};
};

/// Ranks by the option "method" of the analysis. @param trials  at least 10, in order of proposal.
Ranking rank_parameters(const StudyView& study, std::span<const RankedTrial> trials,
                        const OptionValues& options);

}  // namespace trimtab
