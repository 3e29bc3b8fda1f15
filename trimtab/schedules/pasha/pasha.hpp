#pragma once

#include <cstdint>
#include <vector>

#include "trimtab/core/fidelity/ladder.hpp"
#include "trimtab/core/schedule.hpp"

namespace trimtab {

/// ASHA that raises the maximum rung only while the ranking of its trials still changes.
///
/// It begins with the two lowest rungs in use. Each result at the highest rung in use compares the
/// order of that rung's trials there with their order one rung below; losses below that differ by
/// at most epsilon count as equal ("soft"). When the orders disagree, one more rung is used.
/// Source: Bohdal et al. 2023, "PASHA: efficient HPO and NAS with progressive resource allocation",
///   algorithm 1 and section 4 (soft ranking).
/// Differs: epsilon is an option; without it, it is the median distance of neighbouring losses one
///   rung below, as results at rungs do not show the criss-crossing of curves that section 4.3
///   measures. At the end the best trial goes on to max, whose result alone is final.
/// Cost: a result at the highest rung O(k log k) for its k trials.
class Pasha final : public Schedule {
 public:
  Pasha(const OptionValues& options, const ScheduleSetting& setting);
  static Info info();

  int top() const override { return ladder_.top(); }
  double fidelity(int level) const override { return ladder_.fidelity(level); }
  int first_level(std::int64_t) const override { return 0; }
  void tell(const LevelEvent& event) override;
  std::optional<std::int64_t> promotion(bool is_growing) const override;
  /// The highest rung in use.
  int highest() const { return highest_; }

 private:
  bool agrees_with_rung_below() const;

  Ladder ladder_;
  double epsilon_;
  int highest_;
};

/// Whether two orders of the same trials agree: at each place of the order by `above`, the trial's
/// loss below is within epsilon of that of the trial that has this place in the order by `below`.
/// {1, 2, 3} and {1, 3, 2}: agree for epsilon = 1, disagree for 0.5 [tested]. O(k log k).
/// @param above, below  losses of trial i at a rung and one rung below it, (k)
bool is_same_soft_order(const std::vector<double>& above, const std::vector<double>& below,
                        double epsilon);

}  // namespace trimtab
