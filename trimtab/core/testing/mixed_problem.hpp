#pragma once

#include <cmath>

#include "trimtab/space/space.hpp"

namespace trimtab {

/// A conditional space with a parameter of every kind that samplers treat differently.
inline Space mixed_space() {
  return SpaceBuilder()
      .real("x", -3.0, 5.0)
      .real("rate", 1e-4, 1.0, {.is_log = true})
      .real("half", 0.0, 4.0, {.step = 0.5})
      .integer("depth", 1, 64, {.is_log = true})
      .categorical("kernel", {"linear", "rbf", "poly"})
      .integer("degree", 2, 5, {.when = {{"kernel", {"poly"}}}})
      .real("gamma", 1e-3, 1e3, {.is_log = true, .when = {{"kernel", {"rbf", "poly"}}}})
      .build();
}

/// Its optimum is 0: x = 1, rate = 0.01, half = 2.5, depth = 8, poly of degree 3 with gamma = 1.
inline double mixed_loss(PointView point) {
  double loss = std::pow(point[0] - 1.0, 2.0) / 4.0 + std::pow(std::log10(point[1]) + 2.0, 2.0);
  loss += std::pow(point[2] - 2.5, 2.0) + std::pow(std::log2(point[3]) - 3.0, 2.0) / 4.0;
  loss += 2.0 - point[4];
  if (is_active(point[5])) loss += std::abs(point[5] - 3.0) / 2.0;
  if (is_active(point[6])) loss += std::pow(std::log10(point[6]), 2.0) / 4.0;
  return loss;
}

}  // namespace trimtab
