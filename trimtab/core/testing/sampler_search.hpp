#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "trimtab/core/sampler.hpp"

/// Searches for the tests and benchmarks of samplers.
namespace trimtab::sampler_testing {

using Loss = std::function<double(PointView)>;

inline Space cube(std::size_t d, double low = -5.0, double high = 5.0) {
  SpaceBuilder builder;
  for (std::size_t j = 0; j < d; ++j) builder.real("x" + std::to_string(j), low, high);
  return builder.build();
}

/// Three parameters per `size`: a logarithmic real, an integer, a category.
inline Space mixed_space(std::size_t size) {
  SpaceBuilder builder;
  for (std::size_t j = 0; j < size; ++j) {
    const std::string digit = std::to_string(j);
    builder.real("log" + digit, 1e-4, 1.0, {.is_log = true})
        .integer("integer" + digit, 1, 100)
        .categorical("choice" + digit, {0, 1, 2, 3});
  }
  return builder.build();
}

/// Optimum 0 at (1.3, 1.3, ...).
inline double sphere(PointView x) {
  double sum = 0.0;
  for (const double v : x) sum += (v - 1.3) * (v - 1.3);
  return sum;
}

/// Optimum 0 at (1, 1, ...).
inline double rosenbrock(PointView x) {
  double sum = 0.0;
  for (std::size_t j = 0; j + 1 < x.size(); ++j) {
    sum += 100.0 * std::pow(x[j + 1] - x[j] * x[j], 2.0) + std::pow(x[j] - 1.0, 2.0);
  }
  return sum;
}

template <typename Sampler>
void tell(Sampler& sampler, std::size_t number, PointView point, double loss) {
  const Observation observation{static_cast<std::int64_t>(number), point, TrialState::Complete,
                                loss};
  sampler.tell(std::span(&observation, 1), {});
}

/// The best loss of `budget` trials of which `workers` run at a time.
template <typename Sampler>
double best_of(Sampler& sampler, const Loss& loss, std::size_t budget, std::uint64_t seed,
               std::size_t workers = 1) {
  double best = std::numeric_limits<double>::infinity();
  std::vector<Point> running;
  for (std::size_t i = 0; i < budget; ++i) {
    std::vector<Observation> active;
    for (const Point& point : running) {
      active.push_back({.number = 0, .point = point, .state = TrialState::Running});
    }
    sampler.tell({}, active);
    Rng rng(seed, i, "ask");
    running.push_back(sampler.ask(1, rng).front());
    if (running.size() < workers) continue;
    const double told = loss(running.front());
    best = std::min(best, told);
    tell(sampler, i, running.front(), told);
    running.erase(running.begin());
  }
  return best;
}

/// Categories, an order, a subset, a conditional number and an integer; the optimum of
/// `every_kind_loss` is 0, a random point has about 3.
inline Space every_kind() {
  return SpaceBuilder()
      .categorical("kernel", {"a", "b", "c", "d", "e"})
      .real("gamma", 0.0, 1.0, {.when = {{"kernel", {"d", "e"}}}})
      .permutation("order", {0, 1, 2, 3, 4})
      .subset("some", {0, 1, 2, 3, 4, 5}, 1, 5)
      .integer("n", 1, 50)
      .build();
}

inline double every_kind_loss(PointView x) {
  double sum = std::abs(x[0] - 3.0) / 4.0 + std::abs(x.back() - 40.0) / 50.0;
  sum += is_active(x[1]) ? std::abs(x[1] - 0.8) : 1.0;
  for (std::size_t j = 0; j < 5; ++j) sum += x[2 + j] == static_cast<double>(4 - j) ? 0.0 : 0.2;
  for (std::size_t j = 0; j < 6; ++j) sum += x[7 + j] == static_cast<double>(j % 2) ? 0.0 : 0.2;
  return sum;
}

}  // namespace trimtab::sampler_testing
