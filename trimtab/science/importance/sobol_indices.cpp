#include "trimtab/science/importance/sobol_indices.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/numerics/sobol.hpp"

namespace trimtab {

std::vector<SobolIndex> sobol_indices(const SurrogateForest& forest, std::uint32_t num_points,
                                      std::uint64_t seed) {
  const FeatureMap& features = forest.features();
  const std::size_t d = features.num_dimensions();
  std::vector<SobolIndex> sums(d);
  std::vector<double> a(features.num_features(), 0.5), b(a), mixed;
  double mean = 0.0, square = 0.0;
  for (std::uint32_t i = 0; i < num_points; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      features.write(j, scrambled_sobol(i, j, seed), a);
      features.write(j, scrambled_sobol(i, d + j, seed), b);
    }
    const double of_a = forest.predict(a), of_b = forest.predict(b);
    mean += of_a + of_b;
    square += of_a * of_a + of_b * of_b;
    mixed = a;
    for (std::size_t j = 0; j < d; ++j) {
      const FeatureBlock& block = features.block(j);
      const auto first = static_cast<std::ptrdiff_t>(block.first);
      const auto count = static_cast<std::ptrdiff_t>(block.count);
      std::copy_n(b.begin() + first, count, mixed.begin() + first);
      const double of_mixed = forest.predict(mixed);
      std::copy_n(a.begin() + first, count, mixed.begin() + first);
      sums[j].first += std::pow(of_b - of_mixed, 2.0);
      sums[j].total += std::pow(of_a - of_mixed, 2.0);
    }
  }
  const double n = static_cast<double>(num_points);
  const double variance = square / (2.0 * n) - std::pow(mean / (2.0 * n), 2.0);
  for (SobolIndex& index : sums) {
    if (!(variance > 0.0)) {
      index = {};
      continue;
    }
    index.first = std::clamp(1.0 - index.first / (2.0 * n * variance), 0.0, 1.0);
    index.total = std::clamp(index.total / (2.0 * n * variance), 0.0, 1.0);
  }
  return sums;
}

}  // namespace trimtab
