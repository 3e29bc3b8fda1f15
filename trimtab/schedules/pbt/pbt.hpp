#pragma once

#include "trimtab/core/fidelity/population.hpp"

namespace trimtab {

/// Population based training: a member that takes over another one's parameters multiplies or
/// divides each of them by a factor, or draws it anew. A schedule of parameters comes out.
///
/// Source: Jaderberg et al. 2017, "Population based training of neural networks", section 4.1
///   (perturb, resample).
/// Differs: see Population. Categories are drawn anew or stay where the source multiplies;
///   ordinals and whole numbers move by one at least.
class Pbt final : public Population {
 public:
  Pbt(const OptionValues& options, const ScheduleSetting& setting);
  static Info info();

 private:
  Point explore(const Segment& from, int level, const Space& space, Rng& rng) const override;

  double resample_rate_, factor_;
};

}  // namespace trimtab
