#include "trimtab/samplers/cmaes/categories.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"

namespace trimtab::cmaes {
namespace {

constexpr double kSignalToNoise = 1.5;

}  // namespace

Categories::Categories(std::vector<std::size_t> counts, double alpha)
    : alpha_(alpha), counts_(std::move(counts)) {
  std::size_t num_parameters = 0;
  for (const std::size_t count : counts_) {
    first_.push_back(q_.size());
    q_.insert(q_.end(), count, 1.0 / static_cast<double>(count));
    num_parameters += count - 1;
  }
  path_.assign(num_parameters, 0.0);
}

std::span<const double> Categories::probabilities(std::size_t variable) const {
  return std::span(q_).subspan(first_[variable], counts_[variable]);
}

std::int32_t Categories::draw(std::size_t variable, std::span<const char> excluded,
                              Rng& rng) const {
  const std::span<const double> q = probabilities(variable);
  const auto is_out = [&](std::size_t k) { return k < excluded.size() && excluded[k] != 0; };
  double total = 0.0;
  for (std::size_t k = 0; k < q.size(); ++k) total += is_out(k) ? 0.0 : q[k];
  double rest = rng.uniform01() * total;
  std::int32_t last = kNoChoice;
  for (std::size_t k = 0; k < q.size(); ++k) {
    if (is_out(k)) continue;
    last = static_cast<std::int32_t>(k);
    rest -= q[k];
    if (rest < 0.0) break;
  }
  if (last == kNoChoice) {
    throw BugError({.code = "cmaes.no_choice",
                    .what = "every choice of a variable is excluded",
                    .where = "samplers/cmaes",
                    .got = "",
                    .expected = "",
                    .hint = ""});
  }
  return last;
}

std::vector<double> Categories::gradient_of(std::span<const std::int32_t> choices,
                                            std::span<const double> weights) const {
  std::vector<double> gradient(q_.size(), 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0.0) continue;
    for (std::size_t v = 0; v < size(); ++v) {
      const std::int32_t choice = choices[i * size() + v];
      if (choice == kNoChoice) continue;
      for (std::size_t k = 0; k < counts_[v]; ++k) {
        gradient[first_[v] + k] -= weights[i] * q_[first_[v] + k];
      }
      gradient[first_[v] + static_cast<std::size_t>(choice)] += weights[i];
    }
  }
  return gradient;
}

// The gradient times the square root of the Fisher matrix, the last choice of each variable being
// the dependent one (Akimoto et al. 2019, appendix B).
std::vector<double> Categories::whitened(const std::vector<double>& gradient) const {
  std::vector<double> result;
  result.reserve(path_.size());
  for (std::size_t v = 0; v < size(); ++v) {
    const std::size_t last = first_[v] + counts_[v] - 1;
    double sum = 0.0;
    for (std::size_t k = first_[v]; k < last; ++k) sum += gradient[k];
    for (std::size_t k = first_[v]; k < last; ++k) {
      const double root = std::sqrt(q_[k]);
      result.push_back(gradient[k] / root + root * sum / (q_[last] + std::sqrt(q_[last])));
    }
  }
  return result;
}

double Categories::largest_step(const std::vector<double>& gradient) const {
  double step = 1e300;
  for (std::size_t k = 0; k < q_.size(); ++k) {
    if (gradient[k] < 0.0) step = std::min(step, -q_[k] / gradient[k]);
    if (gradient[k] > 0.0) step = std::min(step, (1.0 - q_[k]) / gradient[k]);
  }
  return step;
}

void Categories::update(std::span<const std::int32_t> choices, std::span<const double> weights) {
  const std::vector<double> gradient = gradient_of(choices, weights);
  const std::vector<double> direction = whitened(gradient);
  double squares = 0.0;
  for (const double entry : direction) squares += entry * entry;
  const double length = std::sqrt(squares);
  if (!(length > 1e-12)) return;
  const double trust = 1.0 / caution_;
  const double step = std::min(trust / length, largest_step(gradient));
  for (std::size_t k = 0; k < q_.size(); ++k) q_[k] += step * gradient[k];

  const double beta = std::min(1.0, trust / std::sqrt(static_cast<double>(path_.size())));
  double path_squares = 0.0;
  for (std::size_t k = 0; k < path_.size(); ++k) {
    path_[k] = (1.0 - beta) * path_[k] + std::sqrt(beta * (2.0 - beta)) * direction[k] / length;
    path_squares += path_[k] * path_[k];
  }
  expected_ = (1.0 - beta) * (1.0 - beta) * expected_ + beta * (2.0 - beta);
  caution_ *= std::exp(beta * (expected_ - path_squares / kSignalToNoise));
  keep_margin();
}

void Categories::keep_margin() {
  for (std::size_t v = 0; v < size(); ++v) {
    const std::span<double> q = std::span(q_).subspan(first_[v], counts_[v]);
    const double lowest = alpha_ / static_cast<double>(counts_[v] - 1);
    double sum = 0.0;
    for (double& entry : q) {
      entry = std::max(entry, lowest);
      sum += entry;
    }
    const double spare = sum - lowest * static_cast<double>(q.size());
    for (double& entry : q) entry -= (sum - 1.0) * (entry - lowest) / spare;
  }
}

}  // namespace trimtab::cmaes
