#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "trimtab/core/fidelity/ladder.hpp"
#include "trimtab/core/schedule.hpp"

namespace trimtab {

// Notation in this file
//   N_r   members of the subpopulation of level r, eta^(top - r), at least 4
//   F, CR mutation factor, crossover rate
//   x_t   target, the member that a child competes with

/// Differential evolution on every level of Hyperband: each level has a subpopulation; a child's
/// parents are the best of the level below, its target is a member of its own level, which it
/// replaces when it is no worse.
///
/// Trials visit the levels as the brackets of Hyperband do; nobody is promoted, so that no
/// checkpoint is needed. (When a budget ends before anybody was at the top, the best goes there.)
/// Source: Awad, Mallik and Hutter 2021, "DEHB: evolutionary hyperband for scalable, robust and
///   efficient hyperparameter optimization", section 4 (rand/1/bin, F = CR = 0.5, parent pool from
///   the lower budget, values beyond the border drawn anew).
/// Differs: a level's first members are children of the level below where that has four results,
///   not the very same configurations; several objectives: the first one decides.
/// Cost: a birth O(N + d).
class Dehb final : public Schedule {
 public:
  Dehb(const OptionValues& options, const ScheduleSetting& setting);
  static Info info();

  int top() const override { return ladder_.top(); }
  double fidelity(int level) const override { return ladder_.fidelity(level); }
  int first_level(std::int64_t trial) const override;
  void tell(const LevelEvent& event) override;
  std::optional<std::int64_t> promotion(bool is_growing) const override;
  Birth birth(std::int64_t number, const Space& space, Rng& rng) const override;

 private:
  struct Individual {
    Point point = {};
    double loss = 0.0;
  };
  struct Level {
    std::vector<Individual> members = {};
    std::size_t capacity = 0;
  };
  struct Child {
    Point point = {};
    int level = 0;
    std::size_t target = 0;
  };
  std::vector<const Individual*> parent_pool(int level) const;
  std::size_t target_of(std::int64_t trial, int level) const;

  Ladder ladder_;
  double factor_, crossover_;
  std::vector<Level> levels_;
  struct Visit {
    int level;
    std::int64_t num_trials;
  };
  std::vector<Visit> visits_;  // one cycle of brackets, rung by rung
  std::int64_t cycle_ = 0;     // trials of it
  std::map<std::int64_t, Child> children_;
};

}  // namespace trimtab
