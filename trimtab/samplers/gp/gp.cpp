#include "trimtab/samplers/gp/gp.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_set>
#include <utility>

#include "trimtab/base/hash.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/sobol.hpp"
#include "trimtab/samplers/gp/acquisition.hpp"
#include "trimtab/samplers/gp/proposal_search.hpp"

TRIMTAB_SAMPLER(gp, Gp)

namespace trimtab {
namespace {

constexpr int kRepeatAttempts = 8;

std::size_t startup_of(const OptionValues& options, std::size_t num_axes) {
  const auto given = static_cast<std::size_t>(options.integer("num_startup"));
  return given > 0 ? given : std::clamp<std::size_t>(num_axes + 1, 4, 10);
}

double prior_decay_of(const OptionValues& options, const SamplerSetting& setting) {
  const double given = options.number("prior_decay");
  if (given > 0.0) return given;
  return setting.budget_trials > 0 ? 0.1 * static_cast<double>(setting.budget_trials) : 10.0;
}

gp::SurrogateSettings settings_of(const OptionValues& options, std::size_t num_startup) {
  gp::SurrogateSettings settings;
  settings.first_fit = num_startup;
  settings.max_points = static_cast<std::size_t>(options.integer("max_points"));
  settings.max_fitted = static_cast<std::size_t>(options.integer("max_fitted"));
  settings.prior.min_noise_variance = options.number("min_noise");
  return settings;
}

}  // namespace

Info Gp::info() {
  Info info;
  info.name = "gp";
  info.purpose = "Gaussian process with log-expected improvement: the fewest trials, for dear ones";
  info.source =
      "Jones et al. 1998; Ament et al. 2023, equation 9; Hvarfner et al. 2024, section 5; "
      "Levesque et al. 2017 (conditions); Hvarfner et al. 2022, equation 6 (priors)";
  info.options = {
      {"num_startup", std::int64_t{0},
       "Sobol trials before the model proposes; 0 = one more than the parameters, 4 to 10", 0.0,
       1e6},
      {"prior_decay", 0.0,
       "trials over which the parameters' priors fade; 0 = a tenth of the budget, or 10", 0.0, 1e6},
      {"max_points", std::int64_t{1000},
       "trials that the model is conditioned on: the better half and the latest", 20.0, 5000.0},
      {"max_fitted", std::int64_t{200}, "trials that the hyperparameters are fitted to", 10.0,
       2000.0},
      {"min_noise", 1e-6,
       "least variance of the noise, of standardised losses; raise it where repeats differ", 1e-10,
       1.0},
  };
  return info;
}

Capabilities Gp::capabilities() {
  return {.conditional = true,
          .parallel = true,
          .multi_objective = false,
          .needs_finite_space = false,
          .uses_priors = true};
}

Gp::Gp(const Space& space, const OptionValues& options, const SamplerSetting& setting)
    : space_(space),
      key_(mix64(setting.seed, hash64("gp"))),
      num_startup_(0),
      prior_decay_(prior_decay_of(options, setting)),
      encoding_(space),
      prior_(space, encoding_),
      observations_(space, encoding_, setting.num_constraints) {
  num_startup_ = startup_of(options, encoding_.axes().count);
  memo_ = std::make_unique<const gp::SurrogateMemo>(encoding_.axes(),
                                                    settings_of(options, num_startup_));
}

std::vector<double> Gp::encode(PointView point) const {
  std::vector<double> features(encoding_.num_features());
  encoding_.encode(point, features);
  return features;
}

void Gp::tell(std::span<const Observation> finished, std::span<const Observation> active) {
  for (const Observation& observation : finished) observations_.add(observation);
  running_.clear();
  for (const Observation& observation : active) {
    running_.emplace_back(observation.point.begin(), observation.point.end());
  }
}

Point Gp::initial_point(std::size_t index, Rng& rng) const {
  if (prior_.is_informed()) return space_.sample(rng);
  std::vector<double> unit(space_.num_dimensions());
  for (std::size_t j = 0; j < unit.size(); ++j) {
    unit[j] = scrambled_sobol(static_cast<std::uint32_t>(index), j, key_);
  }
  Point point = space_.from_unit(unit);
  return space_.satisfies_constraints(point) ? point : space_.sample(rng);
}

std::vector<Point> Gp::ask(std::size_t count, Rng& rng) const {
  std::unordered_set<std::uint64_t> pending;
  for (const Point& point : running_) pending.insert(space_.hash(point).low);
  const std::function<bool(PointView)> is_taken = [&](PointView point) {
    return observations_.has_seen(point) || pending.contains(space_.hash(point).low);
  };
  const bool has_model = observations_.size() >= num_startup_ && encoding_.num_features() > 0;
  std::optional<gp::Acquisition> acquisition;
  if (has_model) {
    const double weight = prior_decay_ / static_cast<double>(observations_.size());
    acquisition.emplace(memo_->at(observations_), observations_,
                        prior_.is_informed() ? &prior_ : nullptr, weight);
    for (const Point& point : running_) acquisition->believe(encode(point));
  }
  std::vector<Point> points;
  for (std::size_t i = 0; i < count; ++i) {
    Point point;
    if (has_model) {
      point = gp::ProposalSearch(space_, encoding_, observations_, *acquisition, is_taken).run(rng);
    } else {
      point = initial_point(observations_.size() + running_.size() + i, rng);
      for (int k = 0; k < kRepeatAttempts && is_taken(point); ++k) point = space_.sample(rng);
      if (is_taken(point)) {
        for (Point& other : gp::untried_points(space_, is_taken, 1)) point = std::move(other);
      }
    }
    pending.insert(space_.hash(point).low);
    if (acquisition && i + 1 < count) acquisition->believe(encode(point));
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace trimtab
