#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "trimtab/core/fidelity/ladder.hpp"
#include "trimtab/core/schedule.hpp"

namespace trimtab {

/// Successive halving in brackets that begin at different rungs: what the schedules of the
/// Hyperband family have in common.
///
/// Asynchronous: a trial's bracket is drawn with the shares of algorithm 1, as a function of the
/// study's seed and its number, and promotions are those of ASHA. Synchronous: trials fill one
/// bracket after the other, each is halved when all of it has reached a rung, and a worker that
/// would wait begins the next bracket.
/// Source: Li et al. 2017, "Hyperband", algorithm 1: bracket s = top - b begins at rung b with
///   ceil((top + 1) eta^s / (s + 1)) trials; Li et al. 2020 (ASHA), section 3.2.
/// Differs: the default configuration runs at max at once and is one of its bracket's trials.
class Brackets {
 public:
  Brackets(const ScheduleSetting& setting, bool is_synchronous);

  const Ladder& ladder() const { return ladder_; }
  int first_level(std::int64_t trial) const;
  void tell(const LevelEvent& event);
  std::optional<std::int64_t> promotion(bool is_growing) const;

 private:
  int bracket_of(std::int64_t trial) const;

  Ladder ladder_;
  bool is_synchronous_;
  std::uint64_t seed_;
  std::vector<std::int64_t> sizes_;  // of the bracket that begins at rung b
  std::int64_t cycle_ = 0;           // their sum
};

}  // namespace trimtab
