#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "trimtab/core/fidelity/brackets.hpp"
#include "trimtab/core/schedule.hpp"

namespace trimtab {

// Notation in this file
//   r     level at which a trial begins
//   p_U, p_pi, p_inc   probabilities of a uniform point, one of the prior, one near the incumbent

/// Hyperband that uses what an expert believes: new trials are uniform, from the prior, or near the
/// best so far, in shares that follow the evidence.
///
/// p_U = 1 / (1 + eta^r); the rest is p_pi until eta trials have results at one level; then it is
/// divided as the likelihood of that level's best third under the prior and under the
/// neighbourhood of the incumbent, weighted by rank.
/// The prior is that of the space: declared priors, else a normal of width 0.25 (of the range)
/// around declared defaults, else uniform.
/// Source: Mallik et al. 2023, "PriorBand: practical hyperparameter optimization in the age of deep
///   learning", section 5, algorithms 1 and 2.
/// Differs: the shares change as soon as one level has eta results, not after a whole bracket;
///   categories near the incumbent stay or are drawn anew.
/// Cost: a birth O(n d) in the n results of a level.
class PriorBand final : public Schedule {
 public:
  PriorBand(const OptionValues& options, const ScheduleSetting& setting);
  static Info info();

  int top() const override { return brackets_.ladder().top(); }
  double fidelity(int level) const override { return brackets_.ladder().fidelity(level); }
  int first_level(std::int64_t trial) const override { return brackets_.first_level(trial); }
  void tell(const LevelEvent& event) override;
  std::optional<std::int64_t> promotion(bool is_growing) const override {
    return brackets_.promotion(is_growing);
  }
  Birth birth(std::int64_t number, const Space& space, Rng& rng) const override;

 private:
  struct Shares {
    double prior = 0.0, incumbent = 0.0;
    std::int64_t best = -1;
  };
  Shares shares(int level, const Space& space) const;

  Brackets brackets_;
  double eta_;
  std::map<std::int64_t, Point> points_;
};

}  // namespace trimtab
