#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "trimtab/core/rank.hpp"
#include "trimtab/samplers/cmaes/search_distribution.hpp"

namespace trimtab::cmaes {

/// Trials of an earlier study, from which the first distribution is made: the Gaussian that is
/// nearest to a mixture of N(x_i, 0.1^2 I) over its best tenth,
///   m = mean of x_i,  S = 0.1^2 I + mean of (x_i - m)(x_i - m)^T,  sigma = det(S)^(1/2n),  C = S /
///   sigma^2
/// Source: Nomura, Watanabe, Akimoto, Ozaki and Onishi 2021, "Warm starting CMA-ES for
///   hyperparameter optimization", equations 7 to 10.
/// Differs: categories begin as without it.
class WarmStart {
 public:
  /// @param position  in the unit cube, (n). Trials beyond constraints and failed ones are left
  /// out.
  void add(std::vector<double> position, const Rank& rank);
  bool empty() const { return trials_.empty(); }
  /// Nothing without a trial or for n = 0. O(trials n + best n^2).
  std::optional<SearchDistribution> distribution(bool is_diagonal) const;

 private:
  struct Trial {
    std::vector<double> position;
    Rank rank;
  };
  std::vector<Trial> trials_;
};

}  // namespace trimtab::cmaes
