#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "bench/problems/mixed.hpp"
#include "bench/problems/problem.hpp"

namespace trimtab::bench {

// Parameters that exist only for some values of others.

/// Three learners with parameters of their own; the best one is good only when tuned.
inline Problem learner_choice() {
  SpaceBuilder builder;
  builder.categorical("learner", {"linear", "forest", "boosting"})
      .real("scale", 1e-2, 1e2, {.is_log = true})
      .real("penalty", 1e-6, 1e2, {.is_log = true, .when = {{"learner", {"linear"}}}})
      .real("mix", 0.0, 1.0, {.when = {{"learner", {"linear"}}}})
      .integer("trees", 10, 1000, {.is_log = true, .when = {{"learner", {"forest"}}}})
      .integer("leaf", 1, 50, {.when = {{"learner", {"forest"}}}})
      .real("features", 0.05, 1.0, {.when = {{"learner", {"forest"}}}})
      .real("rate", 1e-4, 1.0, {.is_log = true, .when = {{"learner", {"boosting"}}}})
      .integer("rounds", 10, 2000, {.is_log = true, .when = {{"learner", {"boosting"}}}})
      .integer("max_depth", 1, 12, {.when = {{"learner", {"boosting"}}}})
      .real("subsample", 0.1, 1.0, {.when = {{"learner", {"boosting"}}}});
  const auto loss = [](PointView x) {
    const double common = 0.02 * square(std::log10(x[1]) - 0.5);
    if (x[0] == 0.0) {
      return common + 0.25 + 0.02 * square(std::log10(x[2]) + 1.0) + 0.1 * square(x[3] - 0.3);
    }
    if (x[0] == 1.0) {
      return common + 0.12 + 0.1 / std::sqrt(x[4]) + 0.002 * (x[5] - 1.0) +
             0.2 * square(x[6] - 0.35);
    }
    const double budget = std::log10(x[7]) + std::log10(x[8]) - 1.2;
    return common + 0.1 * square(budget) + 0.03 * square(std::log10(x[7]) + 1.6) +
           0.008 * square(x[9] - 5.0) + 0.1 * square(x[10] - 0.7);
  };
  return {"learner_choice_11", builder.build(), loss, 0.0, true};
}

/// Switches inside switches.
inline Problem pipeline() {
  SpaceBuilder builder;
  builder.categorical("optimizer", {"sgd", "momentum", "adam"})
      .real("rate", 1e-5, 1.0, {.is_log = true})
      .real("momentum", 0.0, 0.99, {.when = {{"optimizer", {"momentum"}}}})
      .real("beta", 0.5, 0.999, {.when = {{"optimizer", {"adam"}}}})
      .categorical("schedule", {"constant", "cosine", "step"})
      .real("warmup", 0.0, 0.5, {.when = {{"schedule", {"cosine", "step"}}}})
      .real("decay", 0.01, 1.0, {.is_log = true, .when = {{"schedule", {"step"}}}})
      .categorical("augment", {"no", "flip", "mix"})
      .real("strength", 0.0, 1.0, {.when = {{"augment", {"mix"}}}});
  const auto loss = [](PointView x) {
    const double best_rate[] = {-0.8, -1.5, -3.0};
    const double offset[] = {0.15, 0.04, 0.0};
    const auto optimizer = static_cast<std::size_t>(x[0]);
    double sum = offset[optimizer] + 0.1 * square(std::log10(x[1]) - best_rate[optimizer]);
    if (optimizer == 1) sum += square(x[2] - 0.9);
    if (optimizer == 2) sum += 0.5 * square(x[3] - 0.9);
    if (x[4] == 0.0) sum += 0.1;
    if (x[4] > 0.0) sum += (x[4] == 2.0 ? 0.03 : 0.0) + square(x[5] - 0.1);
    if (x[4] == 2.0) sum += 0.05 * square(std::log10(x[6]) + 1.0);
    if (x[7] == 0.0) sum += 0.12;
    if (x[7] == 1.0) sum += 0.05;
    if (x[7] == 2.0) sum += 0.4 * square(x[8] - 0.3);
    return sum;
  };
  return {"pipeline_9", builder.build(), loss};
}

/// A kernel machine: a narrow ridge between its two scales, other parameters per kernel.
inline Problem kernel_machine() {
  SpaceBuilder builder;
  builder.categorical("kernel", {"linear", "rbf", "poly"})
      .real("C", 1e-4, 1e4, {.is_log = true})
      .real("gamma", 1e-5, 1e3, {.is_log = true, .when = {{"kernel", {"rbf", "poly"}}}})
      .integer("degree", 2, 6, {.when = {{"kernel", {"poly"}}}})
      .real("tolerance", 1e-6, 1e-1, {.is_log = true});
  const auto loss = [](PointView x) {
    const double c = std::log10(x[1]);
    const double tolerance = 0.002 * square(std::log10(x[4]) + 3.0);
    if (x[0] == 0.0) return tolerance + 0.2 + 0.01 * square(c + 1.0);
    const double g = std::log10(x[2]);
    const double ridge = 0.08 * square(c + g - 0.5) + 0.01 * square(c - 2.5);
    if (x[0] == 1.0) return tolerance + ridge;
    return tolerance + 0.05 + 1.5 * ridge + 0.03 * square(x[3] - 3.0);
  };
  return {"kernel_machine_5", builder.build(), loss};
}

}  // namespace trimtab::bench
