#pragma once

#include "trimtab/core/fidelity/ladder.hpp"
#include "trimtab/core/schedule.hpp"

namespace trimtab {

/// Promotes a trial as soon as it is among the best 1 / eta of those that reached its rung so far.
///
/// Source: Li et al. 2020, "A system for massively parallel hyperparameter tuning", algorithm 2.
/// Differs: see Ladder.
class Asha final : public Schedule {
 public:
  Asha(const OptionValues& options, const ScheduleSetting& setting);
  static Info info();

  int top() const override { return ladder_.top(); }
  double fidelity(int level) const override { return ladder_.fidelity(level); }
  int first_level(std::int64_t) const override { return 0; }
  void tell(const LevelEvent& event) override { ladder_.tell(event); }
  std::optional<std::int64_t> promotion(bool is_growing) const override;

 private:
  Ladder ladder_;
};

}  // namespace trimtab
