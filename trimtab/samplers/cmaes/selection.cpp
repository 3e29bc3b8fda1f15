#include "trimtab/samplers/cmaes/selection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace trimtab::cmaes {
namespace {

double effective(double sum, double squares) { return squares > 0.0 ? sum * sum / squares : 0.0; }

// Scales the raw weights: the positive ones to sum 1, the negative ones so that C stays positive.
void scale_weights(Constants& constants, double mu_eff_minus) {
  double positive = 0.0;
  double negative = 0.0;
  for (const double w : constants.weights) (w > 0.0 ? positive : negative) += std::abs(w);
  const double n = static_cast<double>(constants.n);
  double limit = 0.0;
  if (constants.n > 0 && constants.c_mu > 0.0) {
    limit = std::min({1.0 + constants.c_1 / constants.c_mu,
                      1.0 + 2.0 * mu_eff_minus / (constants.mu_eff + 2.0),
                      (1.0 - constants.c_1 - constants.c_mu) / (n * constants.c_mu)});
  }
  for (double& w : constants.weights) {
    if (w > 0.0) w /= positive;
    if (w < 0.0) w *= std::max(limit, 0.0) / negative;
  }
}

void set_rates(Constants& constants, bool is_diagonal) {
  const double n = static_cast<double>(constants.n);
  const double mu_eff = constants.mu_eff;
  constants.c_sigma = (mu_eff + 2.0) / (n + mu_eff + 5.0);
  constants.d_sigma =
      1.0 + 2.0 * std::max(0.0, std::sqrt((mu_eff - 1.0) / (n + 1.0)) - 1.0) + constants.c_sigma;
  constants.c_c = (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n);
  const double faster = is_diagonal ? (n + 2.0) / 3.0 : 1.0;
  constants.c_1 = std::min(1.0, faster * 2.0 / ((n + 1.3) * (n + 1.3) + mu_eff));
  constants.c_mu =
      std::min(1.0 - constants.c_1, faster * 2.0 * (0.25 + mu_eff + 1.0 / mu_eff - 2.0) /
                                        ((n + 2.0) * (n + 2.0) + mu_eff));
  constants.chi_n = std::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
}

}  // namespace

std::size_t default_lambda(std::size_t num_parameters) {
  if (num_parameters == 0) return 4;
  return 4 + static_cast<std::size_t>(3.0 * std::log(static_cast<double>(num_parameters)));
}

Constants Constants::of(std::size_t n, std::size_t lambda, bool is_diagonal) {
  Constants constants;
  constants.n = n;
  constants.lambda = lambda;
  double sum = 0.0, squares = 0.0, sum_minus = 0.0, squares_minus = 0.0;
  for (std::size_t i = 1; i <= lambda; ++i) {
    const double w =
        std::log((static_cast<double>(lambda) + 1.0) / 2.0) - std::log(static_cast<double>(i));
    constants.weights.push_back(w);
    (i <= lambda / 2 ? sum : sum_minus) += w;
    (i <= lambda / 2 ? squares : squares_minus) += w * w;
  }
  constants.mu_eff = effective(sum, squares);
  if (n > 0) set_rates(constants, is_diagonal);
  scale_weights(constants, effective(sum_minus, squares_minus));
  return constants;
}

Selection select(std::span<const Rank> ranks, const Constants& constants) {
  const std::size_t lambda = ranks.size();
  std::vector<std::size_t> order(lambda);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return ranks[a] != ranks[b] ? ranks[a] < ranks[b] : a < b;
  });
  Selection selection;
  selection.mean.resize(lambda);
  selection.covariance.resize(lambda);
  double squares = 0.0;
  for (std::size_t first = 0; first < lambda;) {
    std::size_t last = first;
    double positive = 0.0;
    double all = 0.0;
    for (; last < lambda && ranks[order[last]] == ranks[order[first]]; ++last) {
      positive += std::max(0.0, constants.weights[last]);
      all += constants.weights[last];
    }
    const double size = static_cast<double>(last - first);
    for (; first < last; ++first) {
      selection.mean[order[first]] = positive / size;
      selection.covariance[order[first]] = all / size;
      squares += positive / size * positive / size;
    }
  }
  selection.mu_eff = 1.0 / squares;
  return selection;
}

}  // namespace trimtab::cmaes
