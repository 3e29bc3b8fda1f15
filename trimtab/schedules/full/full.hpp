#pragma once

#include "trimtab/core/schedule.hpp"

namespace trimtab {

/// Gives every trial its whole fidelity at once.
/// Source: none needed. Differs: none.
class Full final : public Schedule {
 public:
  Full(const OptionValues& options, const ScheduleSetting& setting);
  static Info info();

  int top() const override { return 0; }
  double fidelity(int) const override { return max_; }
  int first_level(std::int64_t) const override { return 0; }
  void tell(const LevelEvent&) override {}
  std::optional<std::int64_t> promotion(bool) const override { return std::nullopt; }

 private:
  double max_;
};

}  // namespace trimtab
