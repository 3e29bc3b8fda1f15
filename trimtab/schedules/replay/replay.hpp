#pragma once

#include <string>
#include <vector>

#include "trimtab/core/schedule.hpp"

namespace trimtab {

/// Runs one recorded schedule of parameters again: one member, whose parameters change at each
/// level as the list says. `trimtab replay-schedule` writes such studies.
///
/// Source: Jaderberg et al. 2017, "Population based training of neural networks", section 4
///   (discovered schedules). Differs: none.
class ReplaySchedule final : public Schedule {
 public:
  /// @throws UserError when `points` is not a JSON array of objects.
  ReplaySchedule(const OptionValues& options, const ScheduleSetting& setting);
  static Info info();

  int top() const override { return top_; }
  double fidelity(int level) const override;
  int first_level(std::int64_t) const override { return 0; }
  void tell(const LevelEvent& event) override;
  std::optional<std::int64_t> promotion(bool) const override { return std::nullopt; }
  Growth growth() const override;
  Birth birth(std::int64_t number, const Space& space, Rng& rng) const override;

 private:
  Fidelity fidelity_;
  int top_ = 0;
  std::vector<std::string> points_;  // JSON objects
  std::int64_t last_trial_ = -1;
  int next_level_ = 0;
  bool is_running_ = false;
  bool has_failed_ = false;
};

}  // namespace trimtab
