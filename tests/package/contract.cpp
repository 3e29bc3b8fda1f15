// A stranger's sampler under the contract suite that is installed with the package.
#include "trimtab/core/contract/sampler_contract.hpp"

namespace {

class Blind {
 public:
  Blind(const trimtab::Space& space, const trimtab::OptionValues&, const trimtab::SamplerSetting&)
      : space_(space) {}
  static trimtab::Info info() {
    return {.name = "blind", .purpose = "looks at nothing", .source = "none"};
  }
  static trimtab::Capabilities capabilities() { return {.uses_priors = true}; }
  std::vector<trimtab::Point> ask(std::size_t count, trimtab::Rng& rng) const {
    std::vector<trimtab::Point> points;
    for (std::size_t i = 0; i < count; ++i) points.push_back(space_.sample(rng));
    return points;
  }
  void tell(std::span<const trimtab::Observation>, std::span<const trimtab::Observation>) {}

 private:
  trimtab::Space space_;
};

trimtab::Registry registry_of_mine() {
  trimtab::Registry registry;
  registry.add_sampler<Blind>();
  return registry;
}

}  // namespace

namespace trimtab::contract {
INSTANTIATE_TEST_SUITE_P(Mine, SamplerContract,
                         ::testing::ValuesIn(sampler_cases(registry_of_mine())), name_of_sampler);
}  // namespace trimtab::contract
