#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "trimtab/core/fidelity/brackets.hpp"
#include "trimtab/core/schedule.hpp"
#include "trimtab/schedules/bohb/density.hpp"

namespace trimtab {

/// Hyperband whose new trials come from a model: the ratio of a density of good points to one of
/// bad points, at the highest level that has enough of them.
///
/// Source: Falkner et al. 2018, "BOHB: robust and efficient hyperparameter optimization at scale",
///   section 4: good = the best max(d + 1, 0.15 n), bad = the next max(d + 1, 0.85 n); 64
///   candidates from the good density widened by 3; a third of the trials at random.
/// Differs: inactive parameters take the value of a random observation where they are active, or
///   the middle; ordinals are numbers; several objectives: the first one guides the model.
/// Cost: a birth O((n + 64 n) d).
class Bohb final : public Schedule {
 public:
  Bohb(const OptionValues& options, const ScheduleSetting& setting);
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
  struct Model {
    bohb::Density good, bad;
  };
  std::optional<Model> fit(const Space& space, Rng& rng) const;
  std::vector<double> encode(const Space& space, Rng& rng,
                             const std::vector<std::int64_t>& trials) const;

  Brackets brackets_;
  double random_fraction_, good_share_, widening_;
  std::int64_t num_candidates_;
  bool is_product_;
  std::map<std::int64_t, Point> points_;
};

}  // namespace trimtab
