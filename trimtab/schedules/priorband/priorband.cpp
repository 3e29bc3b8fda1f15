#include "trimtab/schedules/priorband/priorband.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(priorband, PriorBand)

namespace trimtab {
namespace {

constexpr double kWidth = 0.25;        // of a neighbourhood, in units of the range
constexpr double kChangeRate = 0.5;    // of a parameter near the incumbent
constexpr double kKeptCategory = 0.5;  // probability of a default or incumbent category
constexpr int kAttempts = 100;

double log_normal_density(double x, double centre, double width) {
  const double z = (x - centre) / width;
  const double inside = 0.5 * (std::erf((1.0 - centre) / (width * std::numbers::sqrt2)) -
                               std::erf((0.0 - centre) / (width * std::numbers::sqrt2)));
  return -0.5 * z * z - std::log(width * std::sqrt(2.0 * std::numbers::pi) * inside);
}

double log_category(bool is_kept, double count) {
  if (count <= 1.0) return 0.0;
  return std::log(is_kept ? kKeptCategory : (1.0 - kKeptCategory) / (count - 1.0));
}

// Near a centre, of one coordinate.
double log_near(const Dimension& dimension, double value, double centre) {
  if (!is_active(value) || !is_active(centre)) return 0.0;
  if (dimension.kind == Kind::Categorical)
    return log_category(value == centre, dimension.high + 1.0);
  return log_normal_density(dimension.to_unit(value), dimension.to_unit(centre), kWidth);
}

double log_prior(const Dimension& dimension, double value) {
  if (!is_active(value)) return 0.0;
  const Prior& prior = dimension.prior;
  if (prior.shape == Prior::Shape::Weights) {
    double sum = 0.0;
    for (const double weight : prior.weights) sum += weight;
    return std::log(std::max(1e-12, prior.weights[static_cast<std::size_t>(value)] / sum));
  }
  if (prior.shape == Prior::Shape::Normal) {
    const auto scale = [&](double x) { return dimension.is_log ? std::log(x) : x; };
    const double range = scale(dimension.high) - scale(dimension.low);
    const double centre = (prior.mean - scale(dimension.low)) / range;
    return log_normal_density(dimension.to_unit(value), centre, prior.deviation / range);
  }
  if (dimension.default_value) return log_near(dimension, value, *dimension.default_value);
  return dimension.kind == Kind::Categorical ? -std::log(dimension.high + 1.0) : 0.0;
}

double near(const Dimension& dimension, double centre, Rng& rng) {
  if (dimension.kind == Kind::Categorical) {
    if (rng.bernoulli(kKeptCategory)) return centre;
    return static_cast<double>(rng.below(static_cast<std::uint64_t>(dimension.high) + 1));
  }
  const double u = dimension.to_unit(centre) + kWidth * rng.normal();
  return dimension.from_unit(std::clamp(u, 0.0, 1.0));
}

Point from_prior(const Space& space, Rng& rng) {
  Point point = space.sample(rng);
  for (std::size_t j = 0; j < point.size(); ++j) {
    const Dimension& dimension = space.dimensions()[j];
    const bool is_declared = dimension.prior.shape != Prior::Shape::Uniform;
    if (is_declared || !dimension.default_value || !is_active(point[j])) continue;
    point[j] = near(dimension, *dimension.default_value, rng);
  }
  return point;
}

Point near_incumbent(const Space& space, const Point& incumbent, Rng& rng) {
  Point point = incumbent;
  for (std::size_t j = 0; j < point.size(); ++j) {
    const bool is_changed = rng.bernoulli(kChangeRate);
    if (is_changed && is_active(point[j])) point[j] = near(space.dimensions()[j], point[j], rng);
  }
  return point;
}

Point uniform(const Space& space, Rng& rng) {
  std::vector<double> unit(space.num_dimensions());
  for (double& u : unit) u = rng.uniform01();
  return space.from_unit(unit);
}

}  // namespace

Info PriorBand::info() {
  Info info;
  info.name = "priorband";
  info.purpose = "hyperband that starts from an expert's beliefs and leaves them when they fail";
  info.source = "Mallik et al. 2023, section 5";
  info.options = {
      {"synchronous", false, "each bracket waits for the last of its trials at a rung"}};
  return info;
}

PriorBand::PriorBand(const OptionValues& options, const ScheduleSetting& setting)
    : brackets_(setting, options.flag("synchronous")), eta_(setting.fidelity.eta) {}

void PriorBand::tell(const LevelEvent& event) {
  brackets_.tell(event);
  if (event.kind != LevelEvent::Kind::Born) return;
  points_[event.trial].assign(event.point.begin(), event.point.end());
}

PriorBand::Shares PriorBand::shares(int level, const Space& space) const {
  Shares result;
  const double rest = 1.0 - 1.0 / (1.0 + std::pow(eta_, level));
  result.prior = rest;
  for (int r = top(); r >= 0; --r) {
    Ladder::Results results = brackets_.ladder().results(r);
    if (static_cast<double>(results.size()) < eta_) continue;
    std::ranges::stable_sort(results, {}, &std::pair<std::int64_t, double>::second);
    const auto num_best =
        static_cast<std::size_t>(std::max(1.0, static_cast<double>(results.size()) / eta_));
    result.best = results.front().first;
    const Point& incumbent = points_.at(result.best);
    double by_prior = 0.0, by_incumbent = 0.0;
    for (std::size_t i = 0; i < num_best; ++i) {
      const Point& point = points_.at(results[i].first);
      double log_p = 0.0, log_i = 0.0;
      for (std::size_t j = 0; j < point.size(); ++j) {
        log_p += log_prior(space.dimensions()[j], point[j]);
        log_i += log_near(space.dimensions()[j], point[j], incumbent[j]);
      }
      const double weight = static_cast<double>(num_best - i);
      by_prior += weight * std::exp(log_p);
      by_incumbent += weight * std::exp(log_i);
    }
    const double sum = by_prior + by_incumbent;
    result.incumbent = sum > 0.0 && std::isfinite(sum) ? rest * by_incumbent / sum : 0.0;
    result.prior = rest - result.incumbent;
    return result;
  }
  return result;
}

Birth PriorBand::birth(std::int64_t number, const Space& space, Rng& rng) const {
  const Shares share = shares(first_level(number), space);
  Birth birth;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double u = rng.uniform01();
    if (u < share.prior) {
      birth.point = from_prior(space, rng);
    } else if (u < share.prior + share.incumbent) {
      birth.point = near_incumbent(space, points_.at(share.best), rng);
    } else {
      birth.point = uniform(space, rng);
    }
    space.canonicalise(birth.point);
    if (space.satisfies_constraints(birth.point)) return birth;
  }
  birth.point = space.sample(rng);
  return birth;
}

}  // namespace trimtab
