#include "trimtab/schedules/pbt/pbt.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(pbt, Pbt)

namespace trimtab {
namespace {

constexpr int kExploreAttempts = 100;

}  // namespace

Info Pbt::info() {
  Info info;
  info.name = "pbt";
  info.purpose = "population based training: poor members take over good ones, changed a little";
  info.source = "Jaderberg et al. 2017, algorithm 1";
  info.options = shared_options();
  info.options.push_back(
      {"factor", 1.2, "perturb: numbers are multiplied or divided by this", 1.0, 10.0});
  info.options.push_back(
      {"resample", 0.25, "probability that a parameter is drawn anew instead", 0.0, 1.0});
  return info;
}

Pbt::Pbt(const OptionValues& options, const ScheduleSetting& setting)
    : Population(options, setting),
      resample_rate_(options.number("resample")),
      factor_(options.number("factor")) {}

Point Pbt::explore(const Segment& from, int, const Space& space, Rng& rng) const {
  for (int attempt = 0; attempt < kExploreAttempts; ++attempt) {
    Point point = from.point;
    for (std::size_t i = 0; i < point.size(); ++i) {
      const Dimension& dimension = space.dimensions()[i];
      const bool is_resampled = rng.bernoulli(resample_rate_);
      const bool is_up = rng.bernoulli(0.5);
      if (!is_active(point[i])) continue;
      if (is_resampled || dimension.kind == Kind::Categorical) {
        if (is_resampled) point[i] = space.sample_dimension(i, rng);
      } else if (dimension.kind == Kind::Ordinal) {
        point[i] += is_up ? 1.0 : -1.0;
      } else {
        const double changed = is_up ? point[i] * factor_ : point[i] / factor_;
        const bool is_stuck = dimension.kind == Kind::Integer && std::round(changed) == point[i];
        point[i] =
            is_stuck ? point[i] + (is_up ? 1.0 : -1.0) * std::max(1.0, dimension.step) : changed;
      }
    }
    space.canonicalise(point);
    if (space.satisfies_constraints(point)) return point;
  }
  return from.point;
}

}  // namespace trimtab
