#include "trimtab/samplers/sobol/sobol.hpp"

#include <utility>

#include "trimtab/base/hash.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/sobol.hpp"

TRIMTAB_SAMPLER(sobol, SobolSampler)

namespace trimtab {
namespace {

constexpr int kConstraintAttempts = 1024;

}  // namespace

Info SobolSampler::info() {
  Info info;
  info.name = "sobol";
  info.purpose = "scrambled Sobol sequence: evenly spread points, best in blocks of 2^k trials";
  info.source = "Sobol 1967; Joe and Kuo 2008; Owen 1995";
  info.options = {
      {"scramble", true, "random bits keyed by the study's seed; false = the plain sequence"},
  };
  return info;
}

Capabilities SobolSampler::capabilities() { return {.multi_objective = true}; }

SobolSampler::SobolSampler(const Space& space, const OptionValues& options,
                           const SamplerSetting& setting)
    : space_(space),
      key_(mix64(setting.seed, hash64("sobol"))),
      is_scrambled_(options.flag("scramble")) {}

Point SobolSampler::point_at(std::uint32_t index) const {
  std::vector<double> unit(space_.num_dimensions());
  for (std::size_t j = 0; j < unit.size(); ++j) {
    unit[j] = is_scrambled_ ? scrambled_sobol(index, j, key_)
                            : sobol(index, j % kSobolDimensions) * 0x1.0p-32;
  }
  return space_.from_unit(unit);
}

// The next point that satisfies the constraints, or nothing after many that do not; moves on.
std::optional<Point> SobolSampler::take(std::uint32_t& index) const {
  for (int attempt = 0; attempt < kConstraintAttempts; ++attempt) {
    Point point = point_at(index++);
    if (space_.satisfies_constraints(point)) return point;
  }
  return std::nullopt;
}

void SobolSampler::skip(std::uint32_t& index, std::size_t count) const {
  if (!space_.has_constraints()) {
    index += static_cast<std::uint32_t>(count);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) take(index);
}

std::vector<Point> SobolSampler::ask(std::size_t count, Rng& rng) const {
  std::vector<Point> points;
  points.reserve(count);
  std::uint32_t index = next_;
  for (std::size_t i = 0; i < count; ++i) {
    std::optional<Point> point = take(index);
    points.push_back(point ? std::move(*point) : space_.sample(rng));
  }
  return points;
}

void SobolSampler::tell(std::span<const Observation> finished,
                        std::span<const Observation> active) {
  skip(after_finished_, finished.size());
  next_ = after_finished_;
  skip(next_, active.size());
}

}  // namespace trimtab
