#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "bench/problems/problem.hpp"
#include "trimtab/base/hash.hpp"

namespace trimtab::bench {

// Integers, categories and logarithmic scales, as they occur in training programs.

inline double square(double value) { return value * value; }

inline Problem mixed_sphere() {
  SpaceBuilder builder;
  for (std::size_t j = 0; j < 4; ++j) builder.real("x" + std::to_string(j), -5.0, 5.0);
  builder.integer("n0", 1, 20).integer("n1", 1, 20);
  builder.categorical("a", {"p", "q", "r", "s"}).categorical("b", {"p", "q", "r"});
  return {"mixed_sphere_8", builder.build(), [place = shift(4, 11, 4.0)](PointView x) {
            double sum = 0.0;
            for (std::size_t j = 0; j < 4; ++j) sum += square(x[j] - place[j]);
            sum += 0.25 * square(x[4] - 13.0) + 0.25 * square(x[5] - 4.0);
            const double a[] = {4.0, 0.0, 9.0, 2.0};
            return sum + a[static_cast<std::size_t>(x[6])] + (x[7] == 2.0 ? 0.0 : 3.0);
          }};
}

inline Problem mixed_rastrigin() {
  SpaceBuilder builder;
  for (std::size_t j = 0; j < 5; ++j) builder.integer("n" + std::to_string(j), -4, 4 + 2 * j);
  for (std::size_t j = 0; j < 5; ++j) builder.real("x" + std::to_string(j), -5.0, 5.0);
  return {"mixed_rastrigin_10", builder.build(), [place = shift(5, 12, 4.0)](PointView x) {
            double sum = 0.0;
            for (std::size_t j = 0; j < 5; ++j) sum += square(x[j] - static_cast<double>(j) + 1.0);
            for (std::size_t j = 0; j < 5; ++j) {
              const double z = x[5 + j] - place[j];
              sum += z * z + 3.0 * (1.0 - std::cos(2.0 * std::numbers::pi * z));
            }
            return sum;
          }};
}

/// Eight categories of four choices; neighbours work together.
inline Problem category_pairs() {
  SpaceBuilder builder;
  for (std::size_t j = 0; j < 8; ++j) {
    builder.categorical("c" + std::to_string(j), {"w", "x", "y", "z"});
  }
  const auto target = [](std::size_t j) { return static_cast<double>((j * 7 + 3) % 4); };
  return {"category_pairs_8", builder.build(), [target](PointView x) {
            double sum = 0.0;
            for (std::size_t j = 0; j < 8; ++j) {
              const std::size_t next = (j + 1) % 8;
              const bool is_right = x[j] == target(j);
              const bool is_next_right = x[next] == target(next);
              sum += is_right ? 0.0 : 1.0;
              sum += is_right == is_next_right ? 0.0 : 0.5;
            }
            return sum;
          }};
}

/// A table over a grid of ordered levels: a bowl plus fixed noise.
inline Problem table() {
  SpaceBuilder builder;
  for (std::size_t j = 0; j < 5; ++j) {
    builder.ordinal("t" + std::to_string(j), {1, 2, 4, 8, 16, 32, 64, 128});
  }
  const auto loss = [](PointView x) {
    const double place[] = {5.0, 2.0, 6.0, 3.0, 1.0};
    const double weight[] = {1.0, 0.5, 0.25, 0.1, 0.05};
    double sum = 0.0;
    std::uint64_t cell = 20;
    for (std::size_t j = 0; j < 5; ++j) {
      sum += weight[j] * square(x[j] - place[j]) / 10.0;
      cell = mix64(cell, static_cast<std::uint64_t>(x[j]));
    }
    return sum + 0.1 * static_cast<double>(cell >> 11) * 0x1p-53;
  };
  return {"table_5", builder.build(), loss, 0.0, true};
}

/// The shape of a validation loss over the usual settings of a training run.
inline Problem training() {
  SpaceBuilder builder;
  builder.real("learning_rate", 1e-5, 1.0, {.is_log = true})
      .integer("batch_size", 8, 1024, {.is_log = true})
      .real("weight_decay", 1e-7, 1e-1, {.is_log = true})
      .real("dropout", 0.0, 0.7)
      .integer("depth", 1, 8)
      .integer("width", 16, 512, {.is_log = true})
      .categorical("activation", {"relu", "gelu", "tanh", "sigmoid"});
  const auto loss = [](PointView x) {
    const double rate = std::log10(x[0]);
    const double batch = std::log2(x[1]);
    const double best_rate = -2.5 + 0.15 * (batch - 6.0) - 0.05 * (x[4] - 3.0);
    double sum = 0.3 * square(rate - best_rate);
    if (rate > best_rate + 1.0) sum += 2.0 * (rate - best_rate - 1.0);  // divergence
    sum += 0.02 * square(batch - 5.5) + 0.03 * square(std::log10(x[2]) + 4.0);
    const double capacity = x[4] * 0.4 + std::log2(x[5]) * 0.5;
    sum += 0.08 * square(capacity - 5.5) + 0.8 * square(x[3] - 0.05 * capacity);
    const double activation[] = {0.02, 0.0, 0.08, 0.25};
    return sum + activation[static_cast<std::size_t>(x[6])] * x[4] / 3.0;
  };
  return {"training_7", builder.build(), loss, 0.0, true};
}

}  // namespace trimtab::bench
