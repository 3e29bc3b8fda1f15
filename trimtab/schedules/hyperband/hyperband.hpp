#pragma once

#include "trimtab/core/fidelity/brackets.hpp"
#include "trimtab/core/schedule.hpp"

namespace trimtab {

/// Successive halving in brackets that begin at different rungs.
///
/// Source: Li et al. 2017, "Hyperband: a novel bandit-based approach to hyperparameter
///   optimization", algorithm 1.
/// Differs: see Brackets.
class HyperbandSchedule final : public Schedule {
 public:
  HyperbandSchedule(const OptionValues& options, const ScheduleSetting& setting);
  static Info info();

  int top() const override { return brackets_.ladder().top(); }
  double fidelity(int level) const override { return brackets_.ladder().fidelity(level); }
  int first_level(std::int64_t trial) const override { return brackets_.first_level(trial); }
  void tell(const LevelEvent& event) override { brackets_.tell(event); }
  std::optional<std::int64_t> promotion(bool is_growing) const override {
    return brackets_.promotion(is_growing);
  }

 private:
  Brackets brackets_;
};

}  // namespace trimtab
