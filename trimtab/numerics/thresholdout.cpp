#include "trimtab/numerics/thresholdout.hpp"

#include <fmt/core.h>

#include <cmath>

#include "trimtab/base/error.hpp"

namespace trimtab {

double laplace(Rng& rng) {
  const double u = rng.uniform01() - 0.5;  // in [-0.5, 0.5)
  return std::copysign(-std::log1p(-2.0 * std::abs(u)), u);
}

Thresholdout::Thresholdout(const ThresholdoutOptions& options, Rng rng, const HoldoutLedger& ledger)
    : options_(options), rng_(rng), ledger_(ledger) {
  if (!(options.threshold > 0.0) || !(options.noise > 0.0) || options.budget < 1) {
    throw UserError({.code = "holdout.options",
                     .what = "a reusable holdout cannot be set up so",
                     .where = "reusable_holdout",
                     .got = fmt::format("threshold {}, noise {}, budget {}", options.threshold,
                                        options.noise, options.budget),
                     .expected = "all above 0",
                     .hint = ""});
  }
}

double Thresholdout::draw(double laplace_scale) {
  if (options_.family == HoldoutNoise::Gaussian) return options_.noise * rng_.normal();
  // log1p(-1) at the one value of 2^53 that gives it would be infinite: an overrun, no harm.
  return options_.noise * laplace_scale * laplace(rng_);
}

HoldoutAnswer Thresholdout::ask(double train, double holdout) {
  if (remaining() <= 0) {
    throw UserError(
        {.code = "holdout.exhausted",
         .what = "the holdout has answered as often as it may",
         .where = "reusable_holdout",
         .got = fmt::format("query {}, budget {}", ledger_.num_queries + 1, options_.budget),
         .expected = "no further queries",
         .hint = "take fresh data, or raise the threshold before the study begins"});
  }
  ++ledger_.num_queries;
  const bool is_laplace = options_.family == HoldoutNoise::Laplace;
  if (!ledger_.offset) ledger_.offset = is_laplace ? 2.0 * laplace(rng_) : 0.0;
  const double limit = options_.threshold + *ledger_.offset * options_.noise + draw(4.0);
  if (std::abs(train - holdout) <= limit) return {train, false};
  ++ledger_.num_overruns;
  ledger_.offset.reset();
  return {holdout + draw(1.0), true};
}

}  // namespace trimtab
