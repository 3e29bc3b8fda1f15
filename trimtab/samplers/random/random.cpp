#include "trimtab/samplers/random/random.hpp"

#include "trimtab/core/registry.hpp"

TRIMTAB_SAMPLER(random, Random)

namespace trimtab {

Info Random::info() {
  Info info;
  info.name = "random";
  info.purpose = "independent draws from the priors: any space, any number of workers, a baseline";
  info.source = "Bergstra and Bengio 2012, section 2";
  return info;
}

Capabilities Random::capabilities() { return {.multi_objective = true, .uses_priors = true}; }

Random::Random(const Space& space, const OptionValues&, const SamplerSetting&) : space_(space) {}

std::vector<Point> Random::ask(std::size_t count, Rng& rng) const {
  std::vector<Point> points;
  for (std::size_t i = 0; i < count; ++i) points.push_back(space_.sample(rng));
  return points;
}

void Random::tell(std::span<const Observation>, std::span<const Observation>) {}

}  // namespace trimtab
