#include "trimtab/workloads/value_dynamics/opinion_dynamics.hpp"

#include <utility>

namespace trimtab::values {
namespace {

double squared_distance(const Scores& a, const Scores& b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < kNumValues; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

}  // namespace

std::vector<Scores> simulate(const Network& network, const std::vector<Scores>& first,
                             const Dynamics& dynamics) {
  const double bound = dynamics.epsilon * dynamics.epsilon;
  std::vector<Scores> now = first;
  std::vector<Scores> next(first.size());
  for (int t = 0; t < dynamics.steps; ++t) {
    for (std::size_t i = 0; i < now.size(); ++i) {
      Scores pull{};
      double total = 0.0;
      for (std::size_t e = network.first[i]; e < network.first[i + 1]; ++e) {
        const Scores& other = now[network.friends[e]];
        if (squared_distance(other, now[i]) > bound) continue;
        const double w = network.weight[e];
        total += w;
        for (std::size_t k = 0; k < kNumValues; ++k) pull[k] += w * (other[k] - now[i][k]);
      }
      const double rate = total > 0.0 ? dynamics.mu / total : 0.0;
      for (std::size_t k = 0; k < kNumValues; ++k) {
        next[i][k] = (1.0 - dynamics.stubbornness) * (now[i][k] + rate * pull[k]) +
                     dynamics.stubbornness * first[i][k];
      }
    }
    std::swap(now, next);
  }
  return now;
}

double within_bound_share(const Network& network, const std::vector<Scores>& scores, std::size_t i,
                          double epsilon) {
  double within = 0.0;
  double total = 0.0;
  for (std::size_t e = network.first[i]; e < network.first[i + 1]; ++e) {
    const bool is_within =
        squared_distance(scores[network.friends[e]], scores[i]) <= epsilon * epsilon;
    within += is_within ? network.weight[e] : 0.0;
    total += network.weight[e];
  }
  return total > 0.0 ? within / total : 0.0;
}

}  // namespace trimtab::values
