#include "trimtab/science/importance/shapley.hpp"

#include <cmath>
#include <numeric>

namespace trimtab {

std::vector<double> shapley_values(const SurrogateForest& forest,
                                   std::span<const std::vector<double>> units,
                                   std::size_t num_orders, Rng& rng) {
  const FeatureMap& features = forest.features();
  const std::size_t d = features.num_dimensions();
  std::vector<double> result(d, 0.0), x(features.num_features(), 0.5);
  std::vector<std::size_t> order(d);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const std::vector<double>& unit : units) {
    std::vector<double> sums(d, 0.0);
    for (std::size_t walk = 0; walk < num_orders; ++walk) {
      for (std::size_t j = 0; j < d; ++j) features.write(j, rng.uniform01(), x);
      rng.shuffle(std::span<std::size_t>(order));
      double before = forest.predict(x);
      for (const std::size_t j : order) {
        if (std::isnan(unit[j])) continue;
        features.write(j, unit[j], x);
        const double after = forest.predict(x);
        sums[j] += after - before;
        before = after;
      }
    }
    for (std::size_t j = 0; j < d; ++j) {
      result[j] += std::abs(sums[j]) / static_cast<double>(num_orders * units.size());
    }
  }
  return result;
}

}  // namespace trimtab
