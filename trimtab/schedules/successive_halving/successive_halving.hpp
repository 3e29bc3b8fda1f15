#pragma once

#include "trimtab/core/fidelity/ladder.hpp"
#include "trimtab/core/schedule.hpp"

namespace trimtab {

/// Waits until every trial of the study has reached a rung, then the best 1 / eta go on.
///
/// Source: Jamieson and Talwalkar 2016, "Non-stochastic best arm identification", figure 1.
/// Differs: see Ladder; the number of trials is the study's budget.
class SuccessiveHalvingSchedule final : public Schedule {
 public:
  SuccessiveHalvingSchedule(const OptionValues& options, const ScheduleSetting& setting);
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
