#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/core/sampler.hpp"

namespace trimtab {

/// Independent draws from the priors (uniform on each parameter's scale where there are none):
/// the baseline that every other sampler has to beat.
///
/// Source: Bergstra and Bengio 2012, "Random search for hyper-parameter optimization", section 2.
/// Differs: draws from priors where the space declares them.
/// Cost: tell O(1); ask O(d).
class Random {
 public:
  Random(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

 private:
  Space space_;
};

}  // namespace trimtab
