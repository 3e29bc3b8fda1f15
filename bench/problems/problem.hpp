#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::bench {

/// A formula to minimise over a space, with known optimum.
struct Problem {
  std::string name;
  Space space;
  std::function<double(PointView)> loss;
  double best = 0.0;       ///< the smallest loss; a lower bound where `is_bound`
  bool is_bound = false;   ///< `best` is not reached exactly
  bool is_fitted = false;  ///< constants of samplers may be chosen with it
};

/// A random orthonormal matrix (d, d), row-major, of a fixed seed.
inline std::vector<double> rotation(std::size_t d, std::uint64_t instance) {
  Rng rng(instance, d, "rotation");
  std::vector<double> rows(d * d);
  for (double& entry : rows) entry = rng.normal();
  for (std::size_t i = 0; i < d; ++i) {
    double* row = &rows[i * d];
    for (std::size_t k = 0; k < i; ++k) {
      double product = 0.0;
      for (std::size_t j = 0; j < d; ++j) product += row[j] * rows[k * d + j];
      for (std::size_t j = 0; j < d; ++j) row[j] -= product * rows[k * d + j];
    }
    double norm = 0.0;
    for (std::size_t j = 0; j < d; ++j) norm += row[j] * row[j];
    for (std::size_t j = 0; j < d; ++j) row[j] /= std::sqrt(norm);
  }
  return rows;
}

/// The optimum's place, uniform in [-reach, reach]^d, of a fixed seed.
inline std::vector<double> shift(std::size_t d, std::uint64_t instance, double reach) {
  Rng rng(instance, d, "shift");
  std::vector<double> place(d);
  for (double& entry : place) entry = rng.uniform(-reach, reach);
  return place;
}

/// R (x - shift).
inline std::vector<double> turned(PointView x, const std::vector<double>& place,
                                  const std::vector<double>& matrix) {
  const std::size_t d = place.size();
  std::vector<double> z(d, 0.0);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) z[i] += matrix[i * d + j] * (x[j] - place[j]);
  }
  return z;
}

}  // namespace trimtab::bench
