#include "trimtab/science/reusable_holdout/thresholdout.hpp"

#include <fmt/core.h>

#include <cmath>

#include "trimtab/base/error.hpp"

namespace trimtab {

double laplace(Rng& rng) {
  const double u = rng.uniform01() - 0.5;  // in [-0.5, 0.5)
  return std::copysign(-std::log1p(-2.0 * std::abs(u)), u);
}

Thresholdout::Thresholdout(const ThresholdoutOptions& options, Rng rng)
    : options_(options), rng_(rng) {
  if (!(options.threshold > 0.0) || !(options.noise > 0.0) || options.budget < 1) {
    throw UserError({.code = "holdout.options",
                     .what = "a reusable holdout cannot be set up so",
                     .where = "reusable_holdout",
                     .got = fmt::format("threshold {}, noise {}, budget {}", options.threshold,
                                        options.noise, options.budget),
                     .expected = "all above 0",
                     .hint = ""});
  }
  if (options_.family == HoldoutNoise::Laplace) offset_ = draw(2.0);
}

double Thresholdout::draw(double laplace_scale) {
  if (options_.family == HoldoutNoise::Gaussian) return options_.noise * rng_.normal();
  // log1p(-1) at the one value of 2^53 that gives it would be infinite: an overrun, no harm.
  return options_.noise * laplace_scale * laplace(rng_);
}

HoldoutAnswer Thresholdout::ask(double train, double holdout) {
  if (remaining() <= 0) {
    throw UserError({.code = "holdout.exhausted",
                     .what = "the holdout has answered as often as it may",
                     .where = "reusable_holdout",
                     .got = fmt::format("query {}, budget {}", num_queries_ + 1, options_.budget),
                     .expected = "no further queries",
                     .hint = "take fresh data, or raise the threshold before the study begins"});
  }
  ++num_queries_;
  if (std::abs(train - holdout) <= options_.threshold + offset_ + draw(4.0)) {
    return {train, false};
  }
  ++num_overruns_;
  const double value = holdout + draw(1.0);
  if (options_.family == HoldoutNoise::Laplace) offset_ = draw(2.0);
  return {value, true};
}

}  // namespace trimtab
