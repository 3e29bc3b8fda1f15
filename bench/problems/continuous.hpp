#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "bench/problems/problem.hpp"

namespace trimtab::bench {

// Functions in the manner of the black-box optimisation benchmarks (Hansen et al. 2009): the
// optimum 0 at a random place of [-5, 5]^d, some of them rotated.

inline Space cube(std::size_t d, double low = -5.0, double high = 5.0) {
  SpaceBuilder builder;
  for (std::size_t j = 0; j < d; ++j) builder.real("x" + std::to_string(j), low, high);
  return builder.build();
}

inline Problem sphere() {
  return {"sphere_5", cube(5), [place = shift(5, 1, 4.0)](PointView x) {
            double sum = 0.0;
            for (std::size_t j = 0; j < 5; ++j) sum += (x[j] - place[j]) * (x[j] - place[j]);
            return sum;
          }};
}

inline Problem ellipsoid() {
  return {"rotated_ellipsoid_10", cube(10),
          [place = shift(10, 2, 4.0), matrix = rotation(10, 2)](PointView x) {
            const std::vector<double> z = turned(x, place, matrix);
            double sum = 0.0;
            for (std::size_t j = 0; j < 10; ++j) {
              sum += std::pow(1e4, static_cast<double>(j) / 9.0) * z[j] * z[j];
            }
            return sum;
          }};
}

inline Problem rosenbrock() {
  return {"rosenbrock_5", cube(5), [place = shift(5, 3, 2.0)](PointView x) {
            const auto z = [&](std::size_t j) { return x[j] - place[j] + 1.0; };
            double sum = 0.0;
            for (std::size_t j = 0; j + 1 < 5; ++j) {
              const double bend = z(j) * z(j) - z(j + 1);
              sum += 100.0 * bend * bend + (z(j) - 1.0) * (z(j) - 1.0);
            }
            return sum;
          }};
}

inline Problem rastrigin() {
  return {"rastrigin_5", cube(5), [place = shift(5, 4, 4.0)](PointView x) {
            double sum = 0.0;
            for (std::size_t j = 0; j < 5; ++j) {
              const double z = x[j] - place[j];
              sum += z * z + 10.0 * (1.0 - std::cos(2.0 * std::numbers::pi * z));
            }
            return sum;
          }};
}

inline Problem ackley() {
  return {"rotated_ackley_10", cube(10),
          [place = shift(10, 5, 4.0), matrix = rotation(10, 5)](PointView x) {
            const std::vector<double> z = turned(x, place, matrix);
            double squares = 0.0;
            double waves = 0.0;
            for (const double v : z) {
              squares += v * v / 10.0;
              waves += std::cos(2.0 * std::numbers::pi * v) / 10.0;
            }
            return 20.0 + std::numbers::e - 20.0 * std::exp(-0.2 * std::sqrt(squares)) -
                   std::exp(waves);
          }};
}

/// 21 peaks of random place, height and width (in the manner of Gallagher's function).
inline Problem peaks() {
  Rng rng(6, 0, "peaks");
  std::vector<std::vector<double>> places;
  std::vector<double> heights;
  std::vector<double> widths;
  for (std::size_t k = 0; k < 21; ++k) {
    std::vector<double> place(5);
    for (double& entry : place) entry = rng.uniform(-4.5, 4.5);
    places.push_back(place);
    heights.push_back(k == 0 ? 10.0 : 1.1 + 8.0 * static_cast<double>(k - 1) / 19.0);
    widths.push_back(rng.uniform(0.5, 2.5));
  }
  widths[0] = 1.5;
  return {"peaks_5", cube(5), [places, heights, widths](PointView x) {
            double highest = 0.0;
            for (std::size_t k = 0; k < places.size(); ++k) {
              double squares = 0.0;
              for (std::size_t j = 0; j < 5; ++j) {
                squares += (x[j] - places[k][j]) * (x[j] - places[k][j]);
              }
              const double height = heights[k] * std::exp(-squares / (2.0 * widths[k] * widths[k]));
              highest = std::max(highest, height);
            }
            return 10.0 - highest;
          }};
}

/// Levy's function: a valley with waves, every coordinate another frequency of effect.
inline Problem levy() {
  return {
      "levy_8", cube(8, -8.0, 8.0), [place = shift(8, 7, 4.0)](PointView x) {
        const auto w = [&](std::size_t j) { return 1.0 + (x[j] - place[j]) / 4.0; };
        const double pi = std::numbers::pi;
        double sum = std::pow(std::sin(pi * w(0)), 2.0);
        for (std::size_t j = 0; j + 1 < 8; ++j) {
          sum +=
              std::pow(w(j) - 1.0, 2.0) * (1.0 + 10.0 * std::pow(std::sin(pi * w(j) + 1.0), 2.0));
        }
        return sum + std::pow(w(7) - 1.0, 2.0) * (1.0 + std::pow(std::sin(2.0 * pi * w(7)), 2.0));
      }};
}

/// Few of many coordinates matter: 3 of 12.
inline Problem few_matter() {
  return {"few_matter_12", cube(12), [place = shift(12, 8, 4.0)](PointView x) {
            double sum = 0.0;
            for (std::size_t j = 0; j < 12; ++j) {
              const double z = x[j] - place[j];
              sum += (j % 4 == 1 ? 1.0 : 0.003) * z * z;
            }
            return sum;
          }};
}

}  // namespace trimtab::bench
